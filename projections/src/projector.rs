//! The one loop that drives the read models: catching up and running live are the same code.

use std::sync::Arc;
use std::time::Duration;

use event_store::StoreError;
use tokio::sync::watch;

use crate::progress::Progress;
use crate::tail::{Backoff, FactStream, Subscriber};
use crate::track::Tracks;
use crate::{Fact, Lead, Projection, ProjectorHandle, ReadError, ReadStore, Standing};
use crate::{Tail, TailError};

/// How many events one transaction takes.
pub(crate) const BATCH_EVENTS: usize = 2048;

/// How often the one that leads shows that it is alive while there is nothing to project.
pub(crate) const HEARTBEAT: Duration = Duration::from_secs(1);

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
    ///
    /// Where another node projects into the same read store, this one stands by: it writes
    /// nothing, tells how far the other one has come, and takes over when that one is gone.
    pub async fn start(
        tail: &Tail,
        read: Arc<dyn ReadStore>,
        projections: Vec<Box<dyn Projection>>,
    ) -> Result<ProjectorHandle, StartError> {
        Self::start_with_pauses(tail, read, projections, Duration::ZERO).await
    }

    /// The same, with a pause after each transaction in which more events gather, unless somebody
    /// waits for them or there are many already: for rows that nobody needs at once.
    pub async fn start_with_pauses(
        tail: &Tail,
        read: Arc<dyn ReadStore>,
        projections: Vec<Box<dyn Projection>>,
        pause: Duration,
    ) -> Result<ProjectorHandle, StartError> {
        let mut tracks = Tracks::new(projections);
        let mut placed = None;
        match read.lead().await? {
            Lead::Ours(term) => {
                tracks.place(&**tail.store(), &*read).await?;
                placed = Some(term);
            }
            Lead::Others(standing) => tracks.show(&standing),
        }
        let progress = Arc::new(Progress::new(&tracks));
        let (stop, stopped) = watch::channel(false);
        let drive = Drive {
            subscriber: tail.subscriber(),
            stands_by: placed.is_none(),
            reported: Vec::new(),
            tracks,
            read,
            progress: Arc::clone(&progress),
            stop: stopped,
            placed,
            pause,
            backoff: Backoff::default(),
        };
        let task = tokio::spawn(drive.run());
        Ok(ProjectorHandle::new(progress, stop, task))
    }
}

/// Whether the loop goes on.
#[derive(PartialEq)]
enum Next {
    Again,
    End,
}

/// What came of waiting for events.
enum Gathered {
    Facts(Result<Vec<Arc<Fact>>, TailError>),
    /// Another one may lead by now, or nobody.
    LeadLost(Option<ReadError>),
    AskedToStop,
}

/// The loop and what it works on.
struct Drive {
    subscriber: Subscriber,
    tracks: Tracks,
    read: Arc<dyn ReadStore>,
    progress: Arc<Progress>,
    /// An error in waiting for it is a handle that was dropped.
    stop: watch::Receiver<bool>,
    /// The lead under which the tracks were placed where the checkpoints are.
    placed: Option<u64>,
    /// Another one led when it was last asked.
    stands_by: bool,
    /// What those who stand by were told of projections that go no further.
    reported: Vec<(&'static str, String)>,
    pause: Duration,
    backoff: Backoff,
}

impl Drive {
    async fn run(mut self) {
        let mut next = Next::Again;
        while next == Next::Again {
            next = match self.read.lead().await {
                Ok(Lead::Ours(term)) => self.project(term).await,
                Ok(Lead::Others(standing)) => self.stand_by(&standing).await,
                Err(cause) => self.fail(cause.into()).await,
            };
        }
        self.read.resign().await;
    }

    /// Projects until it ends or a write fails.
    async fn project(&mut self, term: u64) -> Next {
        if self.placed != Some(term)
            && let Err(cause) = self.place(term).await
        {
            return self.fail(cause).await;
        }
        let mut stream = self.subscriber.subscribe(self.tracks.first_position());
        loop {
            let facts = match self.gather(&mut stream, term).await {
                Gathered::Facts(Ok(facts)) => facts,
                Gathered::Facts(Err(cause)) => {
                    tracing::error!(position = cause.position(), %cause, "all projections stopped");
                    self.tracks.stop_all(&cause);
                    self.tell().await;
                    return Next::End;
                }
                Gathered::LeadLost(Some(cause)) => return self.fail(cause.into()).await,
                Gathered::LeadLost(None) => return Next::Again,
                Gathered::AskedToStop => return Next::End,
            };
            if let Err(cause) = self.tracks.advance(&facts, &*self.read).await {
                return self.fail(cause.into()).await;
            }
            self.backoff = Backoff::default();
            self.tell().await;
            if facts.len() < BATCH_EVENTS {
                self.rest().await;
            }
        }
    }

    /// Lets events gather.
    async fn rest(&mut self) {
        if self.pause.is_zero() {
            return;
        }
        tokio::select! {
            _ = self.stop.wait_for(|stop| *stop) => {}
            () = self.progress.wanted() => {}
            () = tokio::time::sleep(self.pause) => {}
        }
    }

    async fn place(&mut self, term: u64) -> Result<(), StartError> {
        if std::mem::take(&mut self.stands_by) {
            tracing::info!("this node projects into the shared read store from now on");
            self.tracks.go_on();
        }
        let store = self.subscriber.store();
        self.tracks.place(store, &*self.read).await?;
        self.placed = Some(term);
        self.reported = Vec::new();
        self.tell().await;
        Ok(())
    }

    /// What comes next in the log; shows meanwhile that this one is alive.
    async fn gather(&mut self, stream: &mut FactStream, term: u64) -> Gathered {
        // Dropped only when it is no longer wanted: reading may take longer than a heartbeat.
        let gathering = stream.gather(BATCH_EVENTS);
        tokio::pin!(gathering);
        loop {
            tokio::select! {
                _ = self.stop.wait_for(|stop| *stop) => return Gathered::AskedToStop,
                facts = &mut gathering => return Gathered::Facts(facts),
                () = tokio::time::sleep(HEARTBEAT) => {}
                () = self.read.lost() => {}
            }
            match self.read.lead().await {
                Ok(Lead::Ours(now)) if now == term => {}
                Ok(_) => return Gathered::LeadLost(None),
                Err(cause) => return Gathered::LeadLost(Some(cause)),
            }
        }
    }

    /// Follows the one that leads until it may have moved.
    async fn stand_by(&mut self, standing: &Standing) -> Next {
        self.placed = None;
        self.stands_by = true;
        self.backoff = Backoff::default();
        self.tracks.show(standing);
        self.progress.update(&self.tracks);
        let read = Arc::clone(&self.read);
        tokio::select! {
            _ = self.stop.wait_for(|stop| *stop) => Next::End,
            () = read.changed() => Next::Again,
        }
    }

    /// Waits a while; then the checkpoints are read again, because a transaction whose answer was
    /// lost may have been committed.
    async fn fail(&mut self, cause: StartError) -> Next {
        self.placed = None;
        self.progress.failing(&cause);
        if self.read.is_shared() {
            // A server that went down may have lost what it had not yet flushed.
            self.progress.forget();
        }
        tokio::select! {
            _ = self.stop.wait_for(|stop| *stop) => Next::End,
            () = self.backoff.wait(&cause) => Next::Again,
        }
    }

    /// Tells everyone how the projections stand.
    async fn tell(&mut self) {
        self.progress.update(&self.tracks);
        let stopped = self.tracks.stopped();
        if stopped == self.reported {
            return;
        }
        match self.read.report(stopped.clone()).await {
            Ok(()) => self.reported = stopped,
            Err(cause) => {
                tracing::warn!(%cause, "other nodes could not be told which projections stopped");
            }
        }
    }
}
