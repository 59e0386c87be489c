//! A node's copy of the log, which follows the log and is made anew where it is not of it.

use std::path::Path;
use std::sync::Arc;

use super::client::{Client, Failed};
use super::event;
use super::wire::{RecordedEvent, Uuid as WireUuid};
use crate::feed::Feed;
use crate::sqlite::Replica;
use crate::{OpenError, Position, Recorded, StoreError};

/// The copy, what it is a copy of, and who follows it.
pub(super) struct LogCopy {
    pub replica: Replica,
    pub client: Client,
    pub feed: Arc<Feed>,
}

/// Why the copy did not catch up with the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Behind {
    /// The log cannot be read at present.
    Unreachable(StoreError),
    /// The log is not the one that was copied, or has lost its end.
    Lost(Position),
    /// What comes next is not of this log, or cannot be kept.
    Unfit(StoreError),
}

impl From<Behind> for StoreError {
    fn from(behind: Behind) -> Self {
        match behind {
            Behind::Unreachable(error) | Behind::Unfit(error) => error,
            Behind::Lost(position) => {
                Self::Unavailable(format!("the log has lost its event at {position}"))
            }
        }
    }
}

impl From<Failed> for Behind {
    fn from(failed: Failed) -> Self {
        Self::Unreachable(failed.into())
    }
}

impl LogCopy {
    /// Opens the copy at `path` and brings it up to date with the log.
    pub async fn open(path: &Path, client: Client, place: &str) -> Result<Self, OpenError> {
        let mut copy = Self {
            replica: Replica::open(path)?,
            client,
            feed: Arc::new(Feed::new(0)),
        };
        let failed = |reason: String| OpenError::Server {
            place: place.to_owned(),
            reason,
        };
        let caught_up = match copy.catch_up().await {
            Err(Behind::Lost(position)) => {
                tracing::warn!(position, "the copy is of another log and is made anew");
                let forgotten = copy.replica.forget_all();
                forgotten.map_err(|error| failed(error.to_string()))?;
                copy.catch_up().await
            }
            caught_up => caught_up,
        };
        caught_up.map_err(|behind| failed(StoreError::from(behind).to_string()))?;
        copy.feed = Arc::new(Feed::new(copy.replica.head()));
        Ok(copy)
    }

    /// Takes over what the log has beyond the copy, and hands it on. Gives whether there was
    /// anything.
    pub async fn catch_up(&mut self) -> Result<bool, Behind> {
        let before = self.replica.head();
        loop {
            // With the last event that is known, by which another log is told.
            let known = self.replica.head().saturating_sub(1);
            let (page, is_all) = self.client.read(known).await?;
            let events = self.beyond(page)?;
            if !events.is_empty() {
                self.replica.take_in(&events).map_err(Behind::Unfit)?;
                let bytes = events.iter().map(|event| event::bytes_of(event)).sum();
                self.feed.publish(events.into(), bytes);
            }
            if is_all {
                return Ok(self.replica.head() > before);
            }
        }
    }

    /// What of a page is not in the copy yet.
    fn beyond(&self, page: Vec<RecordedEvent>) -> Result<Vec<Arc<Recorded>>, Behind> {
        let head = self.replica.head();
        let mut page = page.into_iter();
        if head > 0 {
            let last = self.replica.last_id().map_err(Behind::Unfit)?;
            let same = page
                .next()
                .and_then(|event| event.id)
                .as_ref()
                .and_then(WireUuid::id);
            if last.is_none() || same != last {
                return Err(Behind::Lost(head));
            }
        }
        (head + 1..)
            .zip(page)
            .map(|(position, event)| {
                let event = event::recorded(event).map_err(Behind::Unfit)?;
                if event.position != position {
                    let reason = format!("the next event is at {}", event.position);
                    return Err(Behind::Unfit(StoreError::Corrupt { position, reason }));
                }
                Ok(Arc::new(event))
            })
            .collect()
    }
}
