//! Read models made from the log in a file of their own, each projection up to a position of its
//! own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use event_store::keys::{KeyError, KeyStore};
use event_store::seal::OpenError;
use event_store::{EventStore, Position, Recorded, StoreError};
use projections::{
    Batch, Executor, Fact, FactError, Projection, ReadStoreOptions, SqliteReadStore, Turn,
};

use crate::failure::Failure;
use crate::progress::Progress;

/// Events in one transaction.
const BATCH_EVENTS: usize = 2_048;

/// The log and the keys that open it.
#[derive(Clone)]
pub struct Log {
    pub store: Arc<dyn EventStore>,
    pub keys: Arc<dyn KeyStore>,
}

/// Pushes what is to be executed before the statements of an event.
pub type Prelude = fn(&Fact, &mut Batch);

pub struct Projecting {
    log: Log,
    read: SqliteReadStore,
    tracks: Vec<Track>,
    prelude: Option<Prelude>,
}

struct Track {
    projection: Box<dyn Projection>,
    position: Position,
}

impl Projecting {
    /// Makes the file at `path`, with the empty tables of the projections.
    pub async fn begin(
        log: &Log,
        path: &Path,
        projections: Vec<Box<dyn Projection>>,
    ) -> Result<Self, Failure> {
        let read = SqliteReadStore::open(path, &ReadStoreOptions::default())?;
        for projection in &projections {
            read.reset(projection.name(), projection.tables()).await?;
        }
        let tracks = projections
            .into_iter()
            .map(|projection| Track {
                projection,
                position: 0,
            })
            .collect();
        Ok(Self {
            log: log.clone(),
            read,
            tracks,
            prelude: None,
        })
    }

    /// Has something executed before each event.
    pub fn with_prelude(mut self, prelude: Prelude) -> Self {
        self.prelude = Some(prelude);
        self
    }

    /// Goes on until every projection stands exactly at its position; those that are beyond
    /// begin anew. Those without a position stay where they are.
    pub async fn up_to(
        &mut self,
        positions: &BTreeMap<&'static str, Position>,
        doing: &'static str,
    ) -> Result<(), Failure> {
        let target = |track: &Track| positions.get(track.projection.name()).copied();
        for track in &mut self.tracks {
            if target(track).is_some_and(|target| track.position > target) {
                let projection = &track.projection;
                self.read
                    .reset(projection.name(), projection.tables())
                    .await?;
                track.position = 0;
            }
        }
        let behind = |tracks: &[Track]| {
            tracks
                .iter()
                .filter(|track| target(track).is_some_and(|target| track.position < target))
                .map(|track| track.position)
                .min()
        };
        let Some(begin) = behind(&self.tracks) else {
            return Ok(());
        };
        let end = self.tracks.iter().filter_map(target).max().unwrap_or(begin);
        let mut progress = Progress::over(end - begin, doing);
        while let Some(position) = behind(&self.tracks) {
            let facts = self.facts(position, end).await?;
            self.take(&facts, positions).await?;
            if let Some(last) = facts.last() {
                progress.passed(facts.len() as u64, last.recorded.position - begin);
            }
        }
        progress.end();
        Ok(())
    }

    async fn take(
        &mut self,
        facts: &[Fact],
        positions: &BTreeMap<&'static str, Position>,
    ) -> Result<(), Failure> {
        let mut turns = Vec::with_capacity(self.tracks.len());
        for track in &mut self.tracks {
            let name = track.projection.name();
            let target = positions.get(name).copied().unwrap_or(0);
            let from = facts.partition_point(|fact| fact.recorded.position <= track.position);
            let to = facts.partition_point(|fact| fact.recorded.position <= target);
            let Some(last) = facts.get(from..to).and_then(<[Fact]>::last) else {
                continue;
            };
            let mut batch = Batch::default();
            for fact in &facts[from..to] {
                if let Some(prelude) = self.prelude {
                    prelude(fact, &mut batch);
                }
                batch.add(&*track.projection, fact);
            }
            turns.push(Turn {
                projection: name,
                version: track.projection.version(),
                from: track.position,
                to: last.recorded.position,
                event_id: last.recorded.event_id,
                batch,
            });
            track.position = last.recorded.position;
        }
        match self.read.execute(turns).await?.into_iter().next() {
            None => Ok(()),
            Some(failure) => {
                let position = failure.position.unwrap_or_default();
                let (projection, reason) = (failure.projection, failure.reason);
                Err(Failure::Poison(format!(
                    "position {position}: {projection}: {reason}"
                )))
            }
        }
    }

    /// One question to a server for all of them, which are remembered for a moment.
    fn fetch_keys(&self, events: &[Arc<Recorded>]) -> Result<(), Failure> {
        match self.log.keys.get_many(&key_names(events)) {
            // The event that needs the damaged key is named when it is read.
            Ok(_) | Err(KeyError::DoesNotUnwrap(_)) => Ok(()),
            Err(cause) => Err(cause.into()),
        }
    }

    /// What the events after `after` say, as far as `end`; never none. What is behind `end` may
    /// well be the event that stopped the live read models.
    async fn facts(&self, after: Position, end: Position) -> Result<Vec<Fact>, Failure> {
        let limit =
            usize::try_from(end - after).map_or(BATCH_EVENTS, |left| left.min(BATCH_EVENTS));
        let page = self.log.store.read_all(after, limit).await?;
        if page.events.is_empty() {
            return Err(Failure::Log(StoreError::Corrupt {
                position: after + 1,
                reason: "nothing is here although the log goes on".to_owned(),
            }));
        }
        self.fetch_keys(&page.events)?;
        let fact = |event| projections::fact(event, &*self.log.keys).map_err(unreadable);
        page.events.into_iter().map(fact).collect()
    }
}

/// Names of the keys that open the parts of these events, each once.
fn key_names(events: &[Arc<Recorded>]) -> Vec<Arc<str>> {
    let parts = events.iter().flat_map(|event| &event.parts);
    let names: BTreeSet<&Arc<str>> = parts
        .flat_map(|part| std::iter::once(&part.keys.subject).chain(&part.keys.bucket))
        .collect();
    names.into_iter().cloned().collect()
}

fn unreadable(error: FactError) -> Failure {
    match error {
        FactError::Open {
            cause: OpenError::Keys(cause @ KeyError::Unavailable(_)),
            ..
        } => Failure::Keys(cause),
        poison => Failure::Poison(poison.to_string()),
    }
}
