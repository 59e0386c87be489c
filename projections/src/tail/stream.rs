//! One subscriber's view of the log: read from the store while behind, then live.

use std::sync::Arc;

use event_store::Position;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use super::source::Source;
use super::{Batch, Facts, TailError};
use crate::Fact;

/// How many events are read at once while behind.
const READ_EVENTS: usize = 2048;

/// All events after a position, in order, with no gap and no repeat. A subscriber that is too
/// slow for what the tail keeps is not cut off: it reads the log until it has caught up.
pub struct FactStream {
    source: Source,
    /// None once the tail has ended.
    receiver: Option<broadcast::Receiver<Batch>>,
    last: Position,
    behind: bool,
}

impl FactStream {
    pub(super) fn new(
        source: Source,
        receiver: Option<broadcast::Receiver<Batch>>,
        after: Position,
    ) -> Self {
        Self {
            source,
            receiver,
            last: after,
            behind: true,
        }
    }

    /// The last position that was handed out.
    pub fn position(&self) -> Position {
        self.last
    }

    /// The next events, never none; waits for them. May be dropped while it waits, as in
    /// `select!`, without losing any. An error repeats for ever.
    pub async fn next(&mut self) -> Result<Facts, TailError> {
        loop {
            if self.behind {
                let facts = self.source.read(self.last, READ_EVENTS).await?;
                if let Some(last) = facts.last() {
                    self.last = last.recorded.position;
                    return Ok(facts);
                }
                self.behind = false;
            }
            let Some(receiver) = &mut self.receiver else {
                // Another writer of the same log may still append.
                self.behind = true;
                return Err(TailError::Ended);
            };
            match receiver.recv().await {
                Ok(batch) => {
                    if let Some(facts) = self.take(batch) {
                        return Ok(facts);
                    }
                }
                Err(RecvError::Lagged(_)) => self.behind = true,
                Err(RecvError::Closed) => {
                    self.receiver = None;
                    self.behind = true;
                }
            }
        }
    }

    /// The next events and all that are at hand with them, until there are at least `enough`.
    pub async fn gather(&mut self, enough: usize) -> Result<Vec<Arc<Fact>>, TailError> {
        let mut gathered = self.next().await?.to_vec();
        while gathered.len() < enough && !self.behind {
            let Some(receiver) = &mut self.receiver else {
                break;
            };
            match receiver.try_recv() {
                Ok(batch) => {
                    let new = self.take(batch);
                    gathered.extend(new.iter().flat_map(|facts| facts.iter().cloned()));
                }
                Err(TryRecvError::Lagged(_)) => self.behind = true,
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            }
        }
        Ok(gathered)
    }

    /// What is new in a batch. One that does not follow on what was handed out is left: the log
    /// is read instead.
    fn take(&mut self, batch: Batch) -> Option<Facts> {
        if batch.after > self.last {
            self.behind = true;
            return None;
        }
        let known = batch
            .facts
            .partition_point(|fact| fact.recorded.position <= self.last);
        self.last = self.last.max(batch.facts.last()?.recorded.position);
        match known {
            0 => Some(batch.facts),
            known if known == batch.facts.len() => None,
            known => Some(batch.facts[known..].into()),
        }
    }
}
