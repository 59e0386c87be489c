//! Making read models from the log alone, into a file of their own, to compare or to replace.

use std::path::Path;
use std::sync::Arc;

use event_store::keys::KeyStore;
use event_store::{EventStore, Position};

use crate::projector::BATCH_EVENTS;
use crate::sqlite::ReadStoreOptions;
use crate::tail::Source;
use crate::track::Tracks;
use crate::{Projection, ReadError, SqliteReadStore, StartError, TailError};

/// How far a rebuild has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RebuildProgress {
    pub events: u64,
    pub position: Position,
    /// The head of the log when the rebuild began; it ends there.
    pub head: Position,
}

/// Why a rebuild did not end.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Log(#[from] TailError),
    /// A statement failed or a projection panicked.
    #[error("projection {projection} stopped: {reason}")]
    Stopped {
        projection: &'static str,
        reason: String,
    },
    #[error("the file {0} is there already")]
    Exists(String),
}

/// Projects the log up to its present head into a new file. `report` is called after each
/// transaction. Nothing else is touched.
pub async fn rebuild(
    store: Arc<dyn EventStore>,
    keys: Arc<dyn KeyStore>,
    path: &Path,
    projections: Vec<Box<dyn Projection>>,
    mut report: impl FnMut(RebuildProgress),
) -> Result<RebuildProgress, RebuildError> {
    if path.exists() {
        return Err(RebuildError::Exists(path.display().to_string()));
    }
    let read = SqliteReadStore::open(path, &ReadStoreOptions::default())?;
    let head = store.head().await.map_err(StartError::Store)?;
    let mut tracks = Tracks::new(projections);
    tracks.place(&*store, &read).await?;
    let source = Source { store, keys };
    let mut progress = RebuildProgress {
        events: 0,
        position: 0,
        head,
    };
    while progress.position < head {
        let facts = source.read(progress.position, BATCH_EVENTS).await?;
        let up_to_head = facts.partition_point(|fact| fact.recorded.position <= head);
        let facts = &facts[..up_to_head];
        let Some(last) = facts.last() else { break };
        tracks.advance(facts, &read).await?;
        if let Some((projection, reason)) = tracks.stopped().into_iter().next() {
            return Err(RebuildError::Stopped { projection, reason });
        }
        progress.position = last.recorded.position;
        progress.events += facts.len() as u64;
        report(progress);
    }
    read.close().await?;
    Ok(progress)
}
