//! Following the log once for all who live by it: each event is opened and decoded a single time,
//! and every subscriber gets it in order, with no gap and no repeat.

mod source;
mod stream;

use std::sync::Arc;

use event_store::keys::KeyStore;
use event_store::{EventStore, Follow, Position, StoreError};
use tokio::sync::{broadcast, watch};
use tokio::task::JoinHandle;

use crate::{Fact, FactError};
pub(crate) use source::{Backoff, Source};
pub use stream::FactStream;

/// How many batches are kept for a subscriber that is slow; after that it reads the log itself.
const KEPT_BATCHES: usize = 128;

/// Decoded events in the order of the log, never empty.
pub type Facts = Arc<[Arc<Fact>]>;

/// Why no more events come.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TailError {
    /// An event that cannot be read. Nothing after it is handed out.
    #[error("poison event: {0}")]
    Poison(#[from] FactError),
    /// The log itself is damaged.
    #[error("{0}")]
    Corrupt(StoreError),
    #[error("the log is no longer followed")]
    Ended,
}

impl TailError {
    /// The event that nobody gets past.
    pub fn position(&self) -> Option<Position> {
        match self {
            Self::Poison(cause) => Some(cause.position()),
            Self::Corrupt(StoreError::Corrupt { position, .. }) => Some(*position),
            Self::Corrupt(_) | Self::Ended => None,
        }
    }
}

/// A stretch of the log on its way to the subscribers.
#[derive(Clone)]
struct Batch {
    /// The position of the event before the first one.
    after: Position,
    facts: Facts,
}

/// How far the log was followed, and why no further.
#[derive(Debug, Clone, Default)]
pub struct TailStatus {
    /// The last event that was handed out.
    pub position: Position,
    /// Set once and for ever.
    pub stopped: Option<TailError>,
}

/// The one follower of the log in this process. Dropping it ends all its streams.
pub struct Tail {
    source: Source,
    sender: broadcast::WeakSender<Batch>,
    status: watch::Receiver<TailStatus>,
    task: JoinHandle<()>,
}

impl Tail {
    /// Begins to follow the log after `after`, usually its head: whoever needs what came before
    /// reads it on its own. Must be called within a runtime.
    pub fn start(store: Arc<dyn EventStore>, keys: Arc<dyn KeyStore>, after: Position) -> Self {
        let source = Source { store, keys };
        let (sender, _) = broadcast::channel(KEPT_BATCHES);
        let weak = sender.downgrade();
        let first = TailStatus {
            position: after,
            stopped: None,
        };
        let (status_sender, status) = watch::channel(first);
        let task = tokio::spawn(run(source.clone(), after, sender, status_sender));
        Self {
            source,
            sender: weak,
            status,
            task,
        }
    }

    /// All events after `after`, whether this tail began before or after it.
    pub fn subscribe(&self, after: Position) -> FactStream {
        self.subscriber().subscribe(after)
    }

    /// For one that subscribes again and again.
    pub(crate) fn subscriber(&self) -> Subscriber {
        Subscriber {
            source: self.source.clone(),
            sender: self.sender.clone(),
        }
    }

    /// How far the log was followed, and why no further.
    pub fn status(&self) -> TailStatus {
        self.status.borrow().clone()
    }

    /// Changes whenever something was handed out, and when the tail stops.
    pub fn watch(&self) -> watch::Receiver<TailStatus> {
        self.status.clone()
    }

    pub fn store(&self) -> &Arc<dyn EventStore> {
        &self.source.store
    }

    pub fn keys(&self) -> &Arc<dyn KeyStore> {
        &self.source.keys
    }

    /// Stops following; streams give what they can still read and then end.
    pub fn stop(&self) {
        self.task.abort();
    }
}

/// Subscribes to a tail, for as long as it lasts.
pub(crate) struct Subscriber {
    source: Source,
    sender: broadcast::WeakSender<Batch>,
}

impl Subscriber {
    /// All events after `after`.
    pub fn subscribe(&self, after: Position) -> FactStream {
        // Without a sender the tail has ended: the stream reads to the head and ends as well.
        let receiver = self.sender.upgrade().map(|sender| sender.subscribe());
        FactStream::new(self.source.clone(), receiver, after)
    }

    pub fn store(&self) -> &dyn EventStore {
        &*self.source.store
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn run(
    source: Source,
    after: Position,
    sender: broadcast::Sender<Batch>,
    status: watch::Sender<TailStatus>,
) {
    let mut follow = source.store.follow(after);
    let mut position = after;
    let stopped = 'follow: loop {
        let events = match next(&mut *follow).await {
            Ok(events) => events,
            Err(corrupt) => break TailError::Corrupt(corrupt),
        };
        let mut backoff = Backoff::default();
        let mut rest = &events[..];
        while !rest.is_empty() {
            let (facts, poison) = source.decode(rest);
            rest = &rest[facts.len()..];
            if let Some(last) = facts.last() {
                let batch = Batch {
                    after: position,
                    facts: facts.clone(),
                };
                position = last.recorded.position;
                // An error says that nobody listens just now, and who comes reads the log.
                let _listeners = sender.send(batch);
                status.send_modify(|status| status.position = position);
            }
            if let Some(poison) = poison
                && let Err(poison) = source.bear(&mut backoff, poison).await
            {
                break 'follow TailError::Poison(poison);
            }
        }
    };
    tracing::error!(position = stopped.position(), cause = %stopped, "following the log stopped");
    status.send_modify(|status| status.stopped = Some(stopped));
}

/// What comes next, as soon as the store can be read. Only damage is given back.
async fn next(follow: &mut dyn Follow) -> Result<Arc<[Arc<event_store::Recorded>]>, StoreError> {
    let mut backoff = Backoff::default();
    loop {
        match follow.next().await {
            Ok(events) => return Ok(events),
            Err(corrupt @ StoreError::Corrupt { .. }) => return Err(corrupt),
            Err(cause) => backoff.wait(&cause).await,
        }
    }
}
