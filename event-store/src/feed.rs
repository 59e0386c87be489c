//! What was appended lately, for those who follow the log, and who follows it.

use std::collections::VecDeque;
use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::limits::{FOLLOW_PAGE, RECENT_BYTES, RECENT_EVENTS};
use crate::{Follow, Page, Position, Recorded, StoreError};

/// Events that were committed together.
pub(crate) type Batch = Arc<[Arc<Recorded>]>;

/// The last batches, and the position up to which the log is on disk.
pub(crate) struct Feed {
    recent: Mutex<Recent>,
    head: watch::Sender<Position>,
}

struct Recent {
    batches: VecDeque<(Batch, usize)>,
    events: usize,
    bytes: usize,
    /// The position of the last event that was published.
    head: Position,
}

/// Where the log is read when it is no longer in memory.
#[async_trait]
pub(crate) trait Pages: Send + Sync {
    /// Events after `after`, at most `limit`, without a gap.
    async fn page(&self, after: Position, limit: usize) -> Result<Page, StoreError>;
}

enum After {
    Events(Batch),
    CaughtUp,
    /// It begins before what is kept: read the log.
    Behind,
}

impl Feed {
    pub fn new(head: Position) -> Self {
        let recent = Recent {
            batches: VecDeque::new(),
            events: 0,
            bytes: 0,
            head,
        };
        Self {
            recent: Mutex::new(recent),
            head: watch::Sender::new(head),
        }
    }

    pub fn head(&self) -> Position {
        *self.head.borrow()
    }

    /// Waits until the log has been published up to a position.
    #[cfg(feature = "kurrentdb")]
    pub async fn passed(&self, position: Position) -> Result<(), StoreError> {
        let mut head = self.head.subscribe();
        let passed = head.wait_for(|head| *head >= position).await;
        passed.map(|_| ()).map_err(|_| StoreError::closed())
    }

    /// Hands a committed batch, which must not be empty, to all followers.
    pub fn publish(&self, batch: Batch, bytes: usize) {
        let Some(head) = batch.last().map(|event| event.position) else {
            return;
        };
        {
            let mut recent = self.recent.lock();
            recent.head = head;
            recent.events += batch.len();
            recent.bytes += bytes;
            recent.batches.push_back((batch, bytes));
            while recent.events > RECENT_EVENTS || recent.bytes > RECENT_BYTES {
                let Some((oldest, bytes)) = recent.batches.pop_front() else {
                    break;
                };
                recent.events -= oldest.len();
                recent.bytes -= bytes;
            }
        }
        self.head.send_replace(head);
    }

    /// The log goes on to `position`, but what is there is not handed over: whoever needs it
    /// reads it, and learns what is wrong with it.
    pub fn skip_to(&self, position: Position) {
        {
            let mut recent = self.recent.lock();
            recent.batches.clear();
            (recent.events, recent.bytes) = (0, 0);
            recent.head = position;
        }
        self.head.send_replace(position);
    }

    fn after(&self, position: Position) -> After {
        let recent = self.recent.lock();
        if position >= recent.head {
            return After::CaughtUp;
        }
        let place = recent.batches.partition_point(|(batch, _)| {
            batch.last().is_none_or(|event| event.position <= position)
        });
        let Some((batch, _)) = recent.batches.get(place) else {
            return After::Behind;
        };
        let skipped = batch.partition_point(|event| event.position <= position);
        match batch.get(skipped) {
            Some(event) if event.position == position + 1 && skipped == 0 => {
                After::Events(batch.clone())
            }
            Some(event) if event.position == position + 1 => After::Events(batch[skipped..].into()),
            _ => After::Behind,
        }
    }
}

/// Reads pages of the log until it meets what is in memory, then takes batches as they come.
pub(crate) struct Follower<P> {
    feed: Arc<Feed>,
    head: watch::Receiver<Position>,
    closing: watch::Receiver<bool>,
    pages: P,
    after: Position,
}

impl<P: Pages> Follower<P> {
    pub fn new(
        feed: &Arc<Feed>,
        closing: watch::Receiver<bool>,
        pages: P,
        after: Position,
    ) -> Self {
        let head = feed.head.subscribe();
        Self {
            feed: feed.clone(),
            head,
            closing,
            pages,
            after,
        }
    }
}

#[async_trait]
impl<P: Pages> Follow for Follower<P> {
    async fn next(&mut self) -> Result<Batch, StoreError> {
        loop {
            self.head.borrow_and_update();
            let batch = match self.feed.after(self.after) {
                After::Events(batch) => batch,
                After::CaughtUp => {
                    tokio::select! {
                        biased;
                        changed = self.head.changed() => changed.map_err(|_| StoreError::closed())?,
                        _ = self.closing.wait_for(|closing| *closing) => return Err(StoreError::closed()),
                    }
                    continue;
                }
                After::Behind => {
                    let page = self.pages.page(self.after, FOLLOW_PAGE).await?;
                    page.events.into()
                }
            };
            let Some(last) = batch.last() else {
                let reason = "it was published and is not there".to_owned();
                return Err(StoreError::Corrupt {
                    position: self.after + 1,
                    reason,
                });
            };
            self.after = last.position;
            return Ok(batch);
        }
    }
}
