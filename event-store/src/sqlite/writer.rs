//! The one thread that writes: everything that waits becomes one transaction and one flush.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::Connection;
use tokio::sync::mpsc;

use super::checkpoint;
use super::flush::{AfterCommit, is_failed_flush};
use super::judge::{Ledger, Refusal};
use super::queries::failure;
use crate::feed::Feed;
use crate::health::{Alarm, Health};
use crate::queue::{Answer, Job, gather};
use crate::{Clock, StoreError};

pub(super) struct Writer {
    pub connection: Connection,
    pub ledger: Ledger,
    pub clock: Clock,
    pub feed: Arc<Feed>,
    pub health: Arc<Health>,
    /// Set by the checkpoints when the WAL has grown enough to start from its beginning again.
    pub wal_is_long: Arc<AtomicBool>,
}

/// How far a transaction came.
enum Failed {
    BeforeCommit(rusqlite::Error),
    AtCommit(rusqlite::Error),
}

impl Writer {
    /// Appends until all senders are gone and the queue is empty; gives the connection back.
    pub fn run(mut self, mut queue: mpsc::Receiver<Job>) -> Connection {
        let _alarm = Alarm(self.health.clone());
        let mut left_over = None;
        let mut jobs = Vec::new();
        while let Some(first) = left_over.take().or_else(|| queue.blocking_recv()) {
            left_over = gather(first, &mut queue, &mut jobs);
            self.write(&mut jobs);
            if self.wal_is_long.swap(false, Ordering::Relaxed) && !self.health.is_poisoned() {
                self.restart_wal();
            }
        }
        self.connection
    }

    /// Writes the jobs together and answers each of them.
    fn write(&mut self, jobs: &mut Vec<Job>) {
        if let Err(poisoned) = self.health.check() {
            for job in jobs.drain(..) {
                job.answer(Err(poisoned.clone()));
            }
            return;
        }
        let (position, recorded_at) = (self.ledger.position, self.ledger.recorded_at);
        match self.transaction(jobs) {
            Ok(answers) => {
                self.ledger.heads.committed();
                let batch: Vec<_> = answers
                    .iter()
                    .flatten()
                    .flat_map(|events| events.iter().cloned())
                    .collect();
                let bytes = jobs.iter().map(|job| job.append.bytes).sum();
                if !batch.is_empty() {
                    self.feed.publish(batch.into(), bytes);
                }
                for (job, result) in jobs.drain(..).zip(answers) {
                    job.answer(result);
                }
            }
            Err(failed) => {
                self.ledger.heads.back_to(0);
                self.ledger.naming.clear();
                (self.ledger.position, self.ledger.recorded_at) = (position, recorded_at);
                let error = self.undo(failed);
                for job in jobs.drain(..) {
                    job.answer(Err(error.clone()));
                }
            }
        }
    }

    fn transaction(&mut self, jobs: &mut [Job]) -> Result<Vec<Answer>, Failed> {
        self.execute("BEGIN IMMEDIATE")
            .map_err(Failed::BeforeCommit)?;
        let before = self.ledger.position;
        let mut answers = Vec::with_capacity(jobs.len());
        for job in jobs {
            let now = (self.clock)();
            answers.push(
                match self.ledger.judge(&self.connection, &mut job.append, now) {
                    Ok(events) => Ok(events),
                    Err(Refusal::Append(error)) => Err(error),
                    Err(Refusal::Transaction(cause)) => return Err(Failed::BeforeCommit(cause)),
                },
            );
        }
        if self.ledger.position == before {
            // Names that were given on the way are not worth a flush.
            self.ledger.naming.clear();
            self.execute("ROLLBACK").map_err(Failed::BeforeCommit)?;
        } else {
            self.execute("COMMIT").map_err(Failed::AtCommit)?;
        }
        Ok(answers)
    }

    fn execute(&self, sql: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(sql)?.execute([]).map(|_| ())
    }

    /// Rolls back what failed, and tells what became of it.
    fn undo(&self, failed: Failed) -> StoreError {
        let rolled_back = if self.connection.is_autocommit() {
            Ok(())
        } else {
            self.execute("ROLLBACK")
        };
        if let Err(cause) = rolled_back {
            self.health
                .poison(&format!("a transaction could not be rolled back: {cause}"));
        }
        match failed {
            Failed::BeforeCommit(cause) => {
                tracing::error!(%cause, "an append failed");
                let error = failure(self.ledger.position + 1, &cause);
                if is_failed_flush(&cause) || matches!(error, StoreError::Corrupt { .. }) {
                    self.health.poison(&cause.to_string());
                }
                error
            }
            Failed::AtCommit(cause) => {
                tracing::error!(%cause, "a commit failed");
                match AfterCommit::of(&cause) {
                    AfterCommit::NothingStored => StoreError::Unavailable(cause.to_string()),
                    AfterCommit::Unknown => StoreError::Unknown(cause.to_string()),
                    AfterCommit::Poisoned => {
                        self.health.poison(&cause.to_string());
                        StoreError::Unknown(cause.to_string())
                    }
                }
            }
        }
    }

    fn restart_wal(&self) {
        match checkpoint::restart(&self.connection) {
            Ok(()) => {}
            Err(cause) if is_failed_flush(&cause) => self.health.poison(&cause.to_string()),
            Err(cause) => tracing::warn!(%cause, "the WAL could not be started again"),
        }
    }
}
