//! How far the read models have come, for those who wait for it and for readiness.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use event_store::Position;
use parking_lot::Mutex;
use tokio::sync::{Notify, oneshot, watch};
use tokio::task::JoinHandle;

use crate::StartError;
use crate::track::Tracks;

/// How one projection stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectionStatus {
    pub name: &'static str,
    /// The last event in its rows.
    pub position: Position,
    /// Why it goes no further; it needs an operator.
    pub stopped: Option<String>,
}

/// How all projections of a read store stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProjectorStatus {
    pub projections: Vec<ProjectionStatus>,
    /// Why nothing can be written at the moment; it is tried again and again.
    pub failing: Option<String>,
}

impl ProjectorStatus {
    /// Every projection runs and writes.
    pub fn is_healthy(&self) -> bool {
        self.failing.is_none() && self.projections.iter().all(|one| one.stopped.is_none())
    }
}

pub(crate) struct Progress {
    status: Mutex<ProjectorStatus>,
    passed: watch::Sender<Position>,
    waiters: Mutex<Waiters>,
    /// Rung by everyone who begins to wait.
    wanted: Notify,
}

/// Each waits for a position of its own, so that progress wakes only those that it concerns.
#[derive(Default)]
struct Waiters {
    by_position: BTreeMap<(Position, u64), oneshot::Sender<()>>,
    next: u64,
}

impl Progress {
    pub fn new(tracks: &Tracks) -> Self {
        let progress = Self {
            status: Mutex::default(),
            passed: watch::Sender::new(0),
            waiters: Mutex::default(),
            wanted: Notify::new(),
        };
        progress.update(tracks);
        progress
    }

    /// Tells everyone how the projections stand after a transaction.
    pub fn update(&self, tracks: &Tracks) {
        let projections = tracks.iter().map(|track| ProjectionStatus {
            name: track.projection.name(),
            position: track.position,
            stopped: track.stopped.clone(),
        });
        *self.status.lock() = ProjectorStatus {
            projections: projections.collect(),
            failing: None,
        };
        let Some(passed) = tracks.passed() else {
            return;
        };
        let ready = {
            let mut waiters = self.waiters.lock();
            self.passed.send_replace(passed);
            let later = waiters.by_position.split_off(&(passed + 1, 0));
            std::mem::replace(&mut waiters.by_position, later)
        };
        for waiter in ready.into_values() {
            // An error says that it gave up waiting.
            let _gave_up = waiter.send(());
        }
    }

    pub fn failing(&self, cause: &StartError) {
        self.status.lock().failing = Some(cause.to_string());
    }

    /// Where the rows are is not known until the checkpoints are read again: whoever asks waits.
    pub fn forget(&self) {
        self.passed.send_replace(0);
    }

    /// Returns when somebody waits for what is not yet passed.
    pub async fn wanted(&self) {
        self.wanted.notified().await;
        // It may have rung for one whose wait is over.
        while self.waiters.lock().by_position.is_empty() {
            self.wanted.notified().await;
        }
    }

    fn register(&self, position: Position) -> Option<Waiting<'_>> {
        let mut waiters = self.waiters.lock();
        if *self.passed.borrow() >= position {
            return None;
        }
        let (sender, receiver) = oneshot::channel();
        let key = (position, waiters.next);
        waiters.next += 1;
        waiters.by_position.insert(key, sender);
        self.wanted.notify_one();
        Some(Waiting {
            progress: self,
            key,
            receiver,
        })
    }
}

/// Takes itself off the list when it is dropped.
struct Waiting<'p> {
    progress: &'p Progress,
    key: (Position, u64),
    receiver: oneshot::Receiver<()>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.progress.waiters.lock().by_position.remove(&self.key);
    }
}

/// A running projector. When the last clone is dropped it stops.
#[derive(Clone)]
pub struct ProjectorHandle {
    progress: Arc<Progress>,
    stop: watch::Sender<bool>,
    task: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl ProjectorHandle {
    pub(crate) fn new(
        progress: Arc<Progress>,
        stop: watch::Sender<bool>,
        task: JoinHandle<()>,
    ) -> Self {
        Self {
            progress,
            stop,
            task: Arc::new(Mutex::new(Some(task))),
        }
    }

    /// Waits until all projections that run have passed `position`, at most for `within`; false
    /// if they have not.
    pub async fn wait_for(&self, position: Position, within: Duration) -> bool {
        let Some(mut waiting) = self.progress.register(position) else {
            return true;
        };
        matches!(
            tokio::time::timeout(within, &mut waiting.receiver).await,
            Ok(Ok(()))
        )
    }

    /// What all projections that run have passed; 0 while contact with a shared read store is
    /// lost.
    pub fn position(&self) -> Position {
        *self.progress.passed.borrow()
    }

    /// Changes with every transaction.
    pub fn subscribe(&self) -> watch::Receiver<Position> {
        self.progress.passed.subscribe()
    }

    /// How each projection stands. A loop that ended without being asked to is unhealthy.
    pub fn status(&self) -> ProjectorStatus {
        let mut status = self.progress.status.lock().clone();
        let ended = self
            .task
            .lock()
            .as_ref()
            .is_none_or(JoinHandle::is_finished);
        if ended && status.is_healthy() {
            status.failing = Some("the projector has ended".into());
        }
        status
    }

    /// Ends the loop after the transaction in hand and waits for that.
    pub async fn stop(&self) {
        self.stop.send_replace(true);
        let task = self.task.lock().take();
        if let Some(Err(cause)) = match task {
            Some(task) => Some(task.await),
            None => None,
        } {
            tracing::error!(%cause, "the projector ended badly");
        }
    }
}
