//! Appends on their way to the one who writes: bounded, and gathered into transactions.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::RwLock;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::time::Instant;

use crate::limits::{BATCH_BYTES, BATCH_EVENTS, QUEUED_APPENDS, QUEUED_BYTES};
use crate::prepare::Prepared;
use crate::{Recorded, StoreError};

pub(crate) type Answer = Result<Vec<Arc<Recorded>>, StoreError>;

/// An append on its way to the writer.
pub(crate) struct Job {
    pub append: Prepared,
    pub answer: oneshot::Sender<Answer>,
    /// Its share of the queue's bytes, given back when it is answered.
    pub room: OwnedSemaphorePermit,
    /// When it came to wait.
    pub since: Instant,
}

impl Job {
    /// A caller who stopped waiting needs no answer.
    pub fn answer(self, result: Answer) {
        if self.answer.send(result).is_err() {
            tracing::debug!("nobody waits for this append any more");
        }
        drop(self.room);
    }
}

/// The end of the queue where appends come in.
pub(crate) struct Queue {
    /// None once it is closing.
    sender: RwLock<Option<mpsc::Sender<Job>>>,
    room: Arc<Semaphore>,
}

impl Queue {
    /// With the other end, for the writer. It ends when this one is closed and all is taken.
    pub fn new() -> (Self, mpsc::Receiver<Job>) {
        let (sender, jobs) = mpsc::channel(QUEUED_APPENDS);
        let queue = Self {
            sender: RwLock::new(Some(sender)),
            room: Arc::new(Semaphore::new(QUEUED_BYTES)),
        };
        (queue, jobs)
    }

    /// Hands an append to the writer as soon as there is room, and gives where its answer comes.
    pub async fn push(&self, append: Prepared) -> Result<oneshot::Receiver<Answer>, StoreError> {
        let bytes = u32::try_from(append.bytes).unwrap_or(u32::MAX);
        let room = self
            .room
            .clone()
            .acquire_many_owned(bytes)
            .await
            .map_err(|_| StoreError::closed())?;
        let sender = self.sender.read().clone().ok_or_else(StoreError::closed)?;
        let (answer, outcome) = oneshot::channel();
        let job = Job {
            append,
            answer,
            room,
            since: Instant::now(),
        };
        sender.send(job).await.map_err(|_| StoreError::closed())?;
        Ok(outcome)
    }

    /// Refuses further appends.
    pub fn close(&self) {
        self.sender.write().take();
    }
}

/// What became of an append whose writer may have stopped without a word.
pub(crate) async fn outcome(of: oneshot::Receiver<Answer>) -> Answer {
    of.await
        .unwrap_or_else(|_| Err(StoreError::Unknown("the writer has stopped".to_owned())))
}

/// Takes what waits, up to the limits of a transaction. Gives back the job that went beyond.
pub(crate) fn gather(
    first: Job,
    queue: &mut mpsc::Receiver<Job>,
    jobs: &mut Vec<Job>,
) -> Option<Job> {
    let (mut events, mut bytes) = (first.append.events, first.append.bytes);
    jobs.push(first);
    while events < BATCH_EVENTS && bytes < BATCH_BYTES {
        let Ok(job) = queue.try_recv() else {
            return None;
        };
        events += job.append.events;
        bytes += job.append.bytes;
        if events > BATCH_EVENTS || bytes > BATCH_BYTES {
            return Some(job);
        }
        jobs.push(job);
    }
    None
}

/// Those that have waited too long are told so, and are not stored later.
pub(crate) fn refuse_overdue(jobs: Vec<Job>, wait: Duration) -> Vec<Job> {
    let (overdue, jobs) = jobs
        .into_iter()
        .partition::<Vec<_>, _>(|job| job.since.elapsed() > wait);
    for job in overdue {
        let reason = format!("its turn did not come within {} s", wait.as_secs());
        job.answer(Err(StoreError::Unavailable(reason)));
    }
    jobs
}
