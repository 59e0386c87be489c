//! The one loop that drives the read models: catching up and running live are the same code.

use std::sync::Arc;

use event_store::StoreError;
use tokio::sync::watch;

use crate::progress::Progress;
use crate::tail::{Backoff, FactStream};
use crate::track::Tracks;
use crate::{Projection, ProjectorHandle, ReadError, ReadStore, Tail};

/// How many events one transaction takes.
pub(crate) const BATCH_EVENTS: usize = 2048;

/// Why the read models could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Drives read models.
#[derive(Debug)]
pub struct Projector;

impl Projector {
    /// Makes ready the tables of every projection, those that do not belong to this log or this
    /// version anew, and starts the loop. What is behind catches up while others wait for it.
    pub async fn start(
        tail: &Tail,
        read: Arc<dyn ReadStore>,
        projections: Vec<Box<dyn Projection>>,
    ) -> Result<ProjectorHandle, StartError> {
        let tracks = Tracks::place(projections, &**tail.store(), &*read).await?;
        let progress = Arc::new(Progress::new(&tracks));
        let stream = tail.subscribe(tracks.first_position());
        let (stop, stopped) = watch::channel(false);
        let run = run(stream, tracks, read, Arc::clone(&progress), stopped);
        Ok(ProjectorHandle::new(progress, stop, tokio::spawn(run)))
    }
}

async fn run(
    mut stream: FactStream,
    mut tracks: Tracks,
    read: Arc<dyn ReadStore>,
    progress: Arc<Progress>,
    mut stop: watch::Receiver<bool>,
) {
    loop {
        let facts = tokio::select! {
            // An error is a handle that was dropped.
            _ = stop.wait_for(|stop| *stop) => return,
            facts = stream.gather(BATCH_EVENTS) => facts,
        };
        let facts = match facts {
            Ok(facts) => facts,
            Err(cause) => {
                tracing::error!(position = cause.position(), %cause, "all projections stopped");
                tracks.stop_all(&cause);
                progress.update(&tracks);
                return;
            }
        };
        let mut backoff = Backoff::default();
        while let Err(cause) = tracks.advance(&facts, &*read).await {
            progress.failing(&cause);
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return,
                () = backoff.wait(&cause) => {}
            }
        }
        progress.update(&tracks);
    }
}
