//! The executor: decide, append, and again on a conflict; the same command twice is one event.

use std::future::Future;
use std::sync::Arc;

use event_store::keys::KeyStore;
use event_store::{Append, Direction, EventStore, Position, Recorded, StoreError, StreamName};

use super::cache::Cache;
use super::{CommandError, Once, Request, Work};
use crate::clock::{Clock, Ids};

/// How often a command is decided anew when others changed what it was decided on.
const MAX_ATTEMPTS: usize = 8;

/// Events looked through at a time when the outcome of a command is repeated.
const OUTCOME_PAGE: usize = 64;

/// Something that is to happen.
pub trait Command: Send + Sync {
    /// Where the first event of a repeatable command stands: the stream that it creates or writes.
    fn stream(&self) -> StreamName;

    /// Reads what the decision needs and lets the aggregates decide. May run several times.
    fn perform(&self, work: &mut Work<'_>)
    -> impl Future<Output = Result<(), CommandError>> + Send;
}

/// What came of a command.
#[derive(Debug, Clone)]
pub struct Done {
    /// What was recorded; empty where all was so already.
    pub events: Vec<Arc<Recorded>>,
    /// The same command had been executed before; these are its events.
    pub repeated: bool,
}

impl Done {
    /// The position of the last event.
    pub fn position(&self) -> Option<Position> {
        self.events.last().map(|event| event.position)
    }

    /// The first event of this type.
    pub fn event(&self, event_type: &str) -> Option<&Arc<Recorded>> {
        self.events
            .iter()
            .find(|event| &*event.event_type == event_type)
    }
}

/// Executes commands.
pub struct Commands {
    store: Arc<dyn EventStore>,
    keys: Arc<dyn KeyStore>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    cache: Cache,
    /// Whose turn it is to record an access: all write to the stream of the day.
    accesses: tokio::sync::Mutex<()>,
}

impl Commands {
    pub fn new(
        store: Arc<dyn EventStore>,
        keys: Arc<dyn KeyStore>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Self {
        Self {
            store,
            keys,
            clock,
            ids,
            cache: Cache::default(),
            accesses: tokio::sync::Mutex::default(),
        }
    }

    pub(super) fn store(&self) -> &dyn EventStore {
        &*self.store
    }

    pub(super) fn keys(&self) -> &dyn KeyStore {
        &*self.keys
    }

    pub(super) fn accesses(&self) -> &tokio::sync::Mutex<()> {
        &self.accesses
    }

    pub(super) fn cache(&self) -> &Cache {
        &self.cache
    }

    pub(super) fn ids(&self) -> &dyn Ids {
        &*self.ids
    }

    pub(super) fn now(&self) -> i64 {
        self.clock.now_us()
    }

    /// Executes a command. What is answered `Ok` is on disk.
    pub async fn execute(
        &self,
        request: &Request,
        command: &impl Command,
    ) -> Result<Done, CommandError> {
        let mut fresh = false;
        for _ in 0..MAX_ATTEMPTS {
            // The store knows a key that came before when it is to write it: it is looked up only
            // where nothing is written, or where an older name of the key counts as well.
            if let Some(once) = &request.once
                && (fresh || once.expiring.is_some())
                && let Some(done) = self.outcome(once, &command.stream()).await?
            {
                return Ok(done);
            }
            let mut work = Work::new(self, request, fresh);
            match command.perform(&mut work).await {
                Ok(()) => {}
                // The cache may be behind: a refusal is given only on what the store says.
                Err(CommandError::Refused(_)) if !fresh => {
                    fresh = true;
                    continue;
                }
                Err(error) => return Err(error),
            }
            let Some((append, states)) = work.finish() else {
                // Nor is it said that there is nothing to do where others may have written.
                if !fresh && (request.once.is_some() || self.store.capabilities().many_writers) {
                    fresh = true;
                    continue;
                }
                return Ok(Done {
                    events: Vec::new(),
                    repeated: false,
                });
            };
            let first = append.writes[0].clone();
            match self.append(append, &first).await {
                Ok(events) => {
                    for (stream, (version, state)) in states {
                        self.cache.put(stream, version, state);
                    }
                    return Ok(Done {
                        events,
                        repeated: false,
                    });
                }
                Err(StoreError::Conflict { .. } | StoreError::Duplicate) => fresh = true,
                Err(error) => return Err(error.into()),
            }
        }
        metrics::counter!("maeum_commands_contended_total").increment(1);
        Err(CommandError::Contended)
    }

    /// Appends; an answer that was lost is looked up.
    async fn append(
        &self,
        append: Append,
        first: &event_store::Write,
    ) -> Result<Vec<Arc<Recorded>>, StoreError> {
        let count = append
            .writes
            .iter()
            .map(|write| write.events.len())
            .sum::<usize>();
        let error = match self.store.append(append).await {
            Err(error @ StoreError::Unknown(_)) => error,
            other => return other,
        };
        let stored = self
            .store
            .read_stream(&first.stream, first.expected + 1, Direction::Forward, 1)
            .await?;
        match (stored.first(), first.events.first()) {
            (Some(stored), Some(ours)) if stored.event_id == ours.event_id => {
                let page = self.store.read_all(stored.position - 1, count).await?;
                Ok(page.events)
            }
            (Some(stored), _) => Err(StoreError::Conflict {
                stream: first.stream.clone(),
                actual: stored.sequence,
            }),
            (None, _) => Err(error),
        }
    }

    /// What an earlier command under the same key caused.
    async fn outcome(
        &self,
        once: &Once,
        stream: &StreamName,
    ) -> Result<Option<Done>, CommandError> {
        let mut found = self.store.find_outcome(stream, once.dedupe).await?;
        if let Some((before, max_age_us)) = once.expiring {
            if found.is_none() {
                found = self.store.find_outcome(stream, before).await?;
            }
            let oldest = self.now() - max_age_us;
            found = found.filter(|recorded| recorded.recorded_at >= oldest);
        }
        let Some(found) = found else { return Ok(None) };
        if found.metadata.fingerprint.as_deref() != Some(&*once.fingerprint) {
            return Err(CommandError::KeyReused);
        }
        let (mut events, mut after) = (Vec::new(), found.position - 1);
        loop {
            let page = self.store.read_all(after, OUTCOME_PAGE).await?.events;
            let looked_through = page.len();
            let of_it = page
                .into_iter()
                .take_while(|event| event.metadata.correlation_id == found.metadata.correlation_id);
            let known = events.len();
            events.extend(of_it);
            // One append is dense in the log: where another event stands, it has ended.
            if events.len() - known < OUTCOME_PAGE || looked_through < OUTCOME_PAGE {
                break;
            }
            after += OUTCOME_PAGE as Position;
        }
        Ok(Some(Done {
            events,
            repeated: true,
        }))
    }
}
