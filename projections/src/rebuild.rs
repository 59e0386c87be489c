//! Making read models from the log alone, into a file of their own, to compare or to replace.

use std::path::Path;
use std::sync::Arc;

use event_store::keys::KeyStore;
use event_store::{EventStore, Position};

use crate::projector::BATCH_EVENTS;
use crate::sqlite::ReadStoreOptions;
use crate::tail::Source;
use crate::track::Tracks;
use crate::{Executor, Lead, Projection, ReadError, SqliteReadStore, StartError, TailError};

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
    report: impl FnMut(RebuildProgress),
) -> Result<RebuildProgress, RebuildError> {
    if path.exists() {
        return Err(RebuildError::Exists(path.display().to_string()));
    }
    let read = SqliteReadStore::open(path, &ReadStoreOptions::default())?;
    let progress = rebuild_into(store, keys, &read, projections, report).await?;
    read.close().await?;
    Ok(progress)
}

/// Projects the log up to its present head into a read store that nobody else projects into,
/// from where it is. `report` is called after each transaction.
pub async fn rebuild_into(
    store: Arc<dyn EventStore>,
    keys: Arc<dyn KeyStore>,
    read: &dyn Executor,
    projections: Vec<Box<dyn Projection>>,
    mut report: impl FnMut(RebuildProgress),
) -> Result<RebuildProgress, RebuildError> {
    if let Lead::Others(_) = read.lead().await? {
        let reason = "another node projects into it";
        return Err(ReadError::Unavailable(reason.into()).into());
    }
    let head = store.head().await.map_err(StartError::Store)?;
    let mut tracks = Tracks::new(projections);
    tracks.place(&*store, read).await?;
    let source = Source { store, keys };
    let mut progress = RebuildProgress {
        events: 0,
        position: tracks.first_position(),
        head,
    };
    let mut facts = source.read(progress.position, BATCH_EVENTS).await?;
    while progress.position < head {
        let up_to_head = facts.partition_point(|fact| fact.recorded.position <= head);
        let Some(last) = facts[..up_to_head].last() else {
            break;
        };
        let position = last.recorded.position;
        // While these are written, the next ones are read and opened.
        let (advanced, ahead) = tokio::join!(
            tracks.advance(&facts[..up_to_head], read),
            source.read(position, BATCH_EVENTS)
        );
        advanced?;
        if let Some((projection, reason)) = tracks.stopped().into_iter().next() {
            return Err(RebuildError::Stopped { projection, reason });
        }
        progress.position = position;
        progress.events += up_to_head as u64;
        report(progress);
        facts = ahead?;
    }
    Ok(progress)
}
