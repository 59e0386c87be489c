//! The log and the keys that open it, and patience with both.

use std::sync::Arc;
use std::time::Duration;

use event_store::keys::KeyStore;
use event_store::{EventStore, Position, Recorded, StoreError};

use super::{Facts, TailError};
use crate::{Fact, FactError, fact};

/// The first and the longest pause between two attempts to read an unavailable store.
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Where events come from.
#[derive(Clone)]
pub(crate) struct Source {
    pub store: Arc<dyn EventStore>,
    pub keys: Arc<dyn KeyStore>,
}

impl Source {
    /// Decodes up to the first event that cannot be read, and gives the reason with it.
    pub fn decode(&self, events: &[Arc<Recorded>]) -> (Facts, Option<FactError>) {
        let parts = events.iter().flat_map(|recorded| &recorded.parts);
        self.keys.warm(
            &mut parts
                .flat_map(|part| std::iter::once(&part.keys.subject).chain(&part.keys.bucket)),
        );
        let mut poison = None;
        let facts: Vec<Arc<Fact>> = events
            .iter()
            .map_while(|recorded| match fact(Arc::clone(recorded), &*self.keys) {
                Ok(fact) => Some(Arc::new(fact)),
                Err(cause) => {
                    poison = Some(cause);
                    None
                }
            })
            .collect();
        (facts.into(), poison)
    }

    /// Reads and decodes events after `after`, as soon as the store can be read; none at the head.
    pub async fn read(&self, after: Position, limit: usize) -> Result<Facts, TailError> {
        let mut backoff = Backoff::default();
        let page = loop {
            match self.store.read_all(after, limit).await {
                Ok(page) => break page,
                Err(corrupt @ StoreError::Corrupt { .. }) => {
                    return Err(TailError::Corrupt(corrupt));
                }
                Err(cause) => backoff.wait(&cause).await,
            }
        };
        loop {
            match self.decode(&page.events) {
                (facts, Some(poison)) if facts.is_empty() => {
                    self.bear(&mut backoff, poison).await?;
                }
                (facts, _) => return Ok(facts),
            }
        }
    }

    /// Waits where the event may be readable later; gives the reason back where it never will.
    pub async fn bear(&self, backoff: &mut Backoff, poison: FactError) -> Result<(), FactError> {
        if !poison.is_transient() {
            return Err(poison);
        }
        backoff.wait(&poison).await;
        Ok(())
    }
}

/// Longer and longer pauses, up to a limit.
pub(crate) struct Backoff(Duration);

impl Default for Backoff {
    fn default() -> Self {
        Self(SHORTEST_PAUSE)
    }
}

impl Backoff {
    /// Says why, and waits.
    pub async fn wait(&mut self, cause: &impl std::fmt::Display) {
        tracing::warn!(%cause, retry_in_ms = self.0.as_millis(), "not available, trying again");
        tokio::time::sleep(self.0).await;
        self.0 = LONGEST_PAUSE.min(self.0 * 2);
    }
}
