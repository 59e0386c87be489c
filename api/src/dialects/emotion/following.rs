//! One connection reads along with one answer: from a token on, as fast as its peer reads.

use std::sync::Arc;
use std::time::Duration;

use domain::{EmotionSessionId, StepId};
use projections::emotions::StepRow;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::ask::settled;
use super::steps::failure;
use crate::answering::{End, Running};
use crate::app::App;
use crate::error::ApiError;
use crate::live::{Ended, Frame, Outbox};
use crate::times::utc_millis;

/// Tokens queued at a time: they fit into the smallest queue, however they are escaped. The next
/// ones wait in the answer until the peer has taken these.
const AT_A_TIME: usize = 8;

/// How long a peer may take over them before it counts as too slow.
const TAKEN_WITHIN: Duration = Duration::from_secs(10);

/// A step, as its frames name it.
#[derive(Clone, Copy)]
struct Of {
    step: StepId,
    asked_at: i64,
}

impl Of {
    fn token(self, index: usize, token: &str) -> Frame {
        let frame = json!({"token": token, "index": index, "step_id": self.step});
        Frame::encode(&frame, None, false)
    }

    fn end(self, end: &End, position: Option<u64>) -> Frame {
        let (step, created_at) = (self.step, utc_millis(self.asked_at));
        let mut frame = match end {
            End::Failed { reason, retryable } => {
                return self.failed(reason, *retryable, position);
            }
            End::Answered { emotion, truncated } => json!({
                "done": true,
                "step_id": step,
                "created_at": created_at,
                "emotion": {"label": emotion.label, "intensity": emotion.intensity},
                "truncated": truncated,
            }),
            End::Cancelled => json!({"done": true, "step_id": step, "created_at": created_at}),
        };
        if *end == End::Cancelled {
            frame["cancelled"] = Value::Bool(true);
        }
        Frame::encode(&frame, position, false)
    }

    fn failed(self, reason: &str, retryable: bool, position: Option<u64>) -> Frame {
        let error = failure(reason, retryable);
        let frame = json!({
            "type": "error",
            "error": error.code,
            "detail": error.message,
            "retryable": retryable,
            "step_id": self.step,
            "created_at": utc_millis(self.asked_at),
        });
        Frame::encode(&frame, position, false)
    }
}

/// Reads along with an answer that this node gives, from the token at `index` on, and tells how it
/// ended.
pub(super) async fn follow(outbox: &Outbox, running: &Running, index: usize) -> Frame {
    let of = Of {
        step: running.step,
        asked_at: running.asked_at,
    };
    let mut next = index;
    loop {
        let chunk = running.after(next, AT_A_TIME).await;
        for token in &chunk.tokens {
            outbox.put(of.token(next, token));
            next += 1;
        }
        if let Some(ending) = chunk.end {
            return of.end(&ending.how, ending.position);
        }
        send(outbox).await;
    }
}

/// Sends an answer that another node gives, or that was given before, once it has ended.
///
/// # Errors
/// The step cannot be read.
pub(super) async fn follow_stored(
    app: &App,
    outbox: &Outbox,
    session: EmotionSessionId,
    step: StepId,
    index: usize,
) -> Result<Frame, ApiError> {
    let row = settled(app, session, step).await?;
    tell(app, outbox, &row, index).await
}

/// Sends an answer that has ended, from the token at `index` on, and tells how it ended.
///
/// # Errors
/// It cannot be read.
pub(super) async fn tell(
    app: &App,
    outbox: &Outbox,
    row: &StepRow,
    index: usize,
) -> Result<Frame, ApiError> {
    let of = Of {
        step: row.id,
        asked_at: row.asked_at,
    };
    let answer = row.answer(&*app.keys)?;
    for (number, token) in answer.tokens().enumerate().skip(index) {
        outbox.put(of.token(number, token));
        if number % AT_A_TIME == AT_A_TIME - 1 {
            send(outbox).await;
        }
    }
    Ok(of.end(&end_of(row), row.settled.as_ref().map(|end| end.position)))
}

fn end_of(row: &StepRow) -> End {
    let settled = row.settled.as_ref();
    let reason = settled.and_then(|settled| settled.reason.clone());
    let emotion = settled.and_then(|settled| settled.emotion.clone());
    match (reason, emotion) {
        (Some(reason), _) => End::Failed {
            reason,
            retryable: settled.is_some_and(|settled| settled.retryable),
        },
        (None, Some(emotion)) => End::Answered {
            emotion,
            truncated: settled.is_some_and(|settled| settled.truncated),
        },
        (None, None) => End::Cancelled,
    }
}

/// Has the connection send what is queued, and waits until the peer has taken it. One that does not
/// is ended, and nothing is dropped silently: the answer goes on without it.
async fn send(outbox: &Outbox) {
    outbox.wake();
    if timeout(TAKEN_WITHIN, outbox.emptied()).await.is_err() {
        metrics::counter!("maeum_connections_too_slow_total").increment(1);
        outbox.revoke(Ended::TooSlow);
    }
}

/// One answer that a connection reads along with.
pub(super) struct Following {
    /// Where this node gives it.
    running: Option<Arc<Running>>,
    task: tokio::task::JoinHandle<()>,
}

impl Following {
    pub fn new(running: Option<Arc<Running>>, task: tokio::task::JoinHandle<()>) -> Self {
        Self { running, task }
    }

    /// Ends the answer. False where this node does not give it.
    pub fn cancel(&self) -> bool {
        if let Some(running) = &self.running {
            running.cancel();
        }
        self.running.is_some()
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        self.task.abort();
    }
}
