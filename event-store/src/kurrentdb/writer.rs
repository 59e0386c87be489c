//! The one task of a node that appends: what waits is judged by the copy and sent as one append.

use std::sync::Arc;

use tokio::sync::{Notify, mpsc, watch};
use tokio::time::{MissedTickBehavior, interval};

use super::client::Appended;
use super::copy::{Behind, LogCopy};
use super::event::{bytes_of, bytes_of_append, proposed};
use super::limits::{APPEND_BYTES, LOOK_EVERY, OVERTAKEN, QUEUE_WAIT};
use crate::health::{Alarm, Health};
use crate::queue::{Answer, Job, gather, refuse_overdue};
use crate::{Clock, Recorded, StoreError};

pub(super) struct Writer {
    pub copy: LogCopy,
    pub clock: Clock,
    pub health: Arc<Health>,
    /// Somebody has appended.
    pub wake: Arc<Notify>,
    pub closing: watch::Receiver<bool>,
    /// What was the matter when the log was looked at last.
    pub trouble: Option<Behind>,
}

impl Writer {
    /// Appends, and keeps the copy up to date, until the queue is closed and empty.
    pub async fn run(mut self, mut queue: mpsc::Receiver<Job>) {
        let _alarm = Alarm(self.health.clone());
        let mut ticks = interval(LOOK_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut left_over = None;
        loop {
            let first = if let Some(job) = left_over.take() {
                job
            } else {
                let job = tokio::select! {
                    job = queue.recv() => Some(job),
                    () = self.wake.notified() => None,
                    _ = ticks.tick() => None,
                };
                match job {
                    Some(Some(job)) => job,
                    Some(None) => return,
                    None => {
                        self.look().await;
                        continue;
                    }
                }
            };
            let mut jobs = Vec::new();
            left_over = gather(first, &mut queue, &mut jobs);
            for group in groups(refuse_overdue(jobs, QUEUE_WAIT)) {
                self.write(group).await;
            }
        }
    }

    /// Takes over what other nodes have appended.
    async fn look(&mut self) {
        if self.health.is_poisoned() {
            return;
        }
        self.trouble = match self.catch_up().await {
            Ok(_) => None,
            Err(behind) if self.trouble.as_ref() == Some(&behind) => self.trouble.take(),
            Err(behind) => {
                let error = StoreError::from(behind.clone());
                tracing::warn!(%error, "events of other nodes cannot be read");
                Some(behind)
            }
        };
    }

    /// Whether there was anything. A log that is not the one that was copied, or holds what is
    /// not of it, can be trusted no more.
    async fn catch_up(&mut self) -> Result<bool, Behind> {
        let caught_up = self.copy.catch_up().await;
        if let Err(behind @ (Behind::Lost(_) | Behind::Unfit(StoreError::Corrupt { .. }))) =
            &caught_up
        {
            let error = StoreError::from(behind.clone());
            self.health.poison(&error.to_string());
        }
        caught_up
    }

    /// Writes the jobs together and answers each of them.
    async fn write(&mut self, mut jobs: Vec<Job>) {
        match self.store(&mut jobs).await {
            Ok(answers) => {
                for (job, answer) in jobs.into_iter().zip(answers) {
                    job.answer(answer);
                }
            }
            Err(error) => {
                tracing::warn!(%error, "an append failed");
                for job in jobs {
                    job.answer(Err(error.clone()));
                }
            }
        }
    }

    /// Judges the jobs by the copy, and appends what is to be stored where the copy ends. Where
    /// others were before, all is judged anew.
    async fn store(&mut self, jobs: &mut [Job]) -> Result<Vec<Answer>, StoreError> {
        self.health.check()?;
        for _ in 0..OVERTAKEN {
            let head = self.copy.replica.head();
            let answers = self.copy.replica.judge(jobs, (self.clock)())?;
            let events: Vec<Arc<Recorded>> = answers.iter().flatten().flatten().cloned().collect();
            let Some(first) = events.first() else {
                self.copy.replica.roll_back()?;
                // A refusal holds only if the log has nothing that the copy has not.
                if self.catch_up().await? {
                    continue;
                }
                return Ok(answers);
            };
            match self.send(head, &events).await {
                Ok(Appended::Stored) => {
                    self.keep(events);
                    return Ok(answers);
                }
                Ok(Appended::Overtaken) => {
                    self.copy.replica.roll_back()?;
                    let id = first.event_id;
                    self.catch_up().await?;
                    if self.copy.replica.id_at(head + 1)? == Some(id) {
                        return Ok(answers);
                    }
                }
                Err(error) => {
                    self.copy.replica.roll_back()?;
                    return Err(error);
                }
            }
        }
        let reason = format!("other nodes were faster {OVERTAKEN} times");
        Err(StoreError::Unavailable(reason))
    }

    async fn send(&self, head: u64, events: &[Arc<Recorded>]) -> Result<Appended, StoreError> {
        let messages = events.iter().map(|event| proposed(event));
        let messages = messages.collect::<Result<Vec<_>, _>>()?;
        let client = &self.copy.client;
        client.insist(head, &messages, &self.closing).await
    }

    /// The log has the events. If the copy cannot keep them, it reads them from the log later.
    fn keep(&mut self, events: Vec<Arc<Recorded>>) {
        let kept = self.copy.replica.commit();
        match kept.or_else(|error| self.copy.replica.roll_back().and(Err(error))) {
            Ok(()) => {
                let bytes = events.iter().map(|event| bytes_of(event)).sum();
                self.copy.feed.publish(events.into(), bytes);
            }
            Err(error) => {
                tracing::error!(%error, "the copy of the log cannot keep what was appended");
            }
        }
    }
}

/// Groups that one append can hold, in their order.
fn groups(jobs: Vec<Job>) -> Vec<Vec<Job>> {
    let mut groups: Vec<Vec<Job>> = Vec::new();
    let mut room = 0;
    for job in jobs {
        let bytes = bytes_of_append(&job.append);
        if let Some(group) = groups.last_mut().filter(|_| bytes <= room) {
            room -= bytes;
            group.push(job);
        } else {
            room = APPEND_BYTES.saturating_sub(bytes);
            groups.push(vec![job]);
        }
    }
    groups
}
