//! What a connection missed since a position: every answer that ended meanwhile, and the one that is
//! being given.

use std::sync::Arc;

use domain::{EmotionSessionId, StepId};
use event_store::Position;
use projections::emotions;

use super::following::{follow, follow_stored, tell};
use super::socket::From;
use crate::answering::Running;
use crate::app::App;
use crate::error::ApiError;
use crate::live::{Frame, Outbox};

/// Steps read at a time: an answer is 64 KiB at most.
const PAGE: u32 = 20;

/// What is to be told to somebody who comes back.
pub(super) struct Missed {
    session: EmotionSessionId,
    after: Position,
    /// Of this step they have the beginning.
    from: Option<From>,
    open: Option<Open>,
}

/// What is being answered.
enum Open {
    Here(Arc<Running>),
    /// By another node.
    There(StepId),
}

impl Missed {
    /// None where nothing was missed and nothing is being answered.
    ///
    /// # Errors
    /// The read models cannot be read.
    pub async fn since(
        app: &App,
        session: EmotionSessionId,
        after: Position,
        from: Option<From>,
    ) -> Result<Option<Self>, ApiError> {
        // First of all: what ends from here on is told as what is open.
        let open = if let Some(running) = app.answering.in_session(session) {
            Some(Open::Here(running))
        } else {
            let row = emotions::open_in(&*app.reader, session).await?;
            row.map(|row| Open::There(row.id))
        };
        let some = emotions::settled_after(&*app.reader, session, after, 1).await?;
        Ok((open.is_some() || !some.is_empty()).then_some(Self {
            session,
            after,
            from,
            open,
        }))
    }

    /// The answer that this node gives.
    pub fn running(&self) -> Option<Arc<Running>> {
        match &self.open {
            Some(Open::Here(running)) => Some(Arc::clone(running)),
            Some(Open::There(_)) | None => None,
        }
    }

    /// Sends all of it but the last frame.
    pub async fn tell(self, app: &App, outbox: &Outbox) -> Option<Frame> {
        match self.send(app, outbox).await {
            Ok(last) => last,
            Err(error) => Some(Frame::error(&error)),
        }
    }

    async fn send(self, app: &App, outbox: &Outbox) -> Result<Option<Frame>, ApiError> {
        let (mut last, mut after) = (None, self.after);
        loop {
            let page = emotions::settled_after(&*app.reader, self.session, after, PAGE).await?;
            for row in &page {
                let settled = row.settled.as_ref();
                after = settled.map_or(after, |settled| settled.position);
                if self.open_step() != Some(row.id) {
                    put(outbox, last.take());
                    last = Some(tell(app, outbox, row, self.index(row.id)).await?);
                }
            }
            if page.len() < PAGE as usize {
                break;
            }
        }
        match &self.open {
            None => Ok(last),
            Some(open) => {
                put(outbox, last);
                let end = match open {
                    Open::Here(running) => follow(outbox, running, self.index(running.step)).await,
                    Open::There(step) => {
                        follow_stored(app, outbox, self.session, *step, self.index(*step)).await?
                    }
                };
                Ok(Some(end))
            }
        }
    }

    fn open_step(&self) -> Option<StepId> {
        self.open.as_ref().map(|open| match open {
            Open::Here(running) => running.step,
            Open::There(step) => *step,
        })
    }

    /// The first token that they do not have.
    fn index(&self, step: StepId) -> usize {
        let from = self.from.filter(|from| from.step == step);
        from.map_or(0, |from| from.token_index)
    }
}

fn put(outbox: &Outbox, frame: Option<Frame>) {
    if let Some(frame) = frame {
        outbox.put(frame);
    }
}
