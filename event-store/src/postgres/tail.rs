//! The end of the log as followers of this node see it: own batches and those of other nodes,
//! joined in one order.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::{Notify, watch};

use super::limits::HELD_BATCHES;
use super::queries::Queries;
use crate::feed::{Batch, Feed};
use crate::limits::{FOLLOW_PAGE, POLL_EVERY};
use crate::{Position, Recorded, StoreError};

/// Joins what this node has committed with what it reads of others.
pub(super) struct Tail {
    pub feed: Arc<Feed>,
    /// Own batches before which something is missing, by their first position.
    held: Mutex<BTreeMap<Position, (Batch, usize)>>,
    wake: Notify,
}

impl Tail {
    pub fn new(head: Position) -> Self {
        Self {
            feed: Arc::new(Feed::new(head)),
            held: Mutex::new(BTreeMap::new()),
            wake: Notify::new(),
        }
    }

    /// Somebody has appended.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// A batch that this node has committed: handed on at once where it follows on what is known.
    pub fn own(&self, batch: Batch, bytes: usize) {
        let Some(first) = batch.first().map(|event| event.position) else {
            return;
        };
        let mut held = self.held.lock();
        if self.feed.head() + 1 == first {
            self.feed.publish(batch, bytes);
        } else {
            // What finds no place here is read with what others wrote.
            if held.len() < HELD_BATCHES {
                held.insert(first, (batch, bytes));
            }
            drop(held);
            self.wake();
        }
    }

    /// A page that was read after some earlier head, without a gap in it.
    fn read(&self, page: &[Arc<Recorded>]) {
        let mut held = self.held.lock();
        self.publish_rest(page);
        while let Some((first, (batch, _))) = held.pop_first() {
            if first > self.feed.head() + 1 {
                let bytes = bytes_of(&batch);
                held.insert(first, (batch, bytes));
                return;
            }
            self.publish_rest(&batch);
        }
    }

    /// Publishes what of this stretch was not yet.
    fn publish_rest(&self, events: &[Arc<Recorded>]) {
        let head = self.feed.head();
        let rest = &events[events.partition_point(|event| event.position <= head)..];
        if rest.first().is_some_and(|first| first.position == head + 1) {
            self.feed.publish(rest.into(), bytes_of(rest));
        }
    }

    /// How much there is to read before the next batch that is held.
    fn missing(&self) -> usize {
        let first = self.held.lock().keys().next().copied();
        let missing = first.map_or(u64::MAX, |first| {
            first - 1 - self.feed.head().min(first - 1)
        });
        usize::try_from(missing)
            .unwrap_or(usize::MAX)
            .clamp(1, FOLLOW_PAGE)
    }
}

/// Looks for events of other nodes, when woken and again and again, until `closing`.
pub(super) async fn run(tail: Arc<Tail>, queries: Queries, mut closing: watch::Receiver<bool>) {
    let mut trouble = None;
    loop {
        tokio::select! {
            () = tail.wake.notified() => {}
            () = tokio::time::sleep(POLL_EVERY) => {}
            _ = closing.wait_for(|closing| *closing) => return,
        }
        match catch_up(&tail, &queries).await {
            Ok(()) => trouble = None,
            Err(error) if trouble.as_ref() == Some(&error) => {}
            Err(error @ StoreError::Corrupt { position, .. }) => {
                tracing::error!(%error, "what is next in the log cannot be handed to followers");
                tail.feed.skip_to(position);
                trouble = Some(error);
            }
            Err(error) => {
                tracing::warn!(%error, "events of other nodes cannot be read");
                trouble = Some(error);
            }
        }
    }
}

async fn catch_up(tail: &Tail, queries: &Queries) -> Result<(), StoreError> {
    loop {
        let asked = tail.missing();
        let page = queries.all(tail.feed.head(), asked).await?;
        tail.read(&page.events);
        if page.events.len() < asked {
            return Ok(());
        }
    }
}

fn bytes_of(events: &[Arc<Recorded>]) -> usize {
    let parts =
        |event: &Recorded| -> usize { event.parts.iter().map(|part| part.ciphertext.len()).sum() };
    events
        .iter()
        .map(|event| event.payload.len() + parts(event))
        .sum()
}
