//! The one task of a node that appends: everything that waits becomes one transaction.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::Connections;
use super::batch::{Rows, dedupes, judge, unknown_streams};
use super::failure::{describe, is_of_index};
use super::limits::{FIRST_BACKOFF, LONGEST_BACKOFF, QUEUE_WAIT};
use super::session::{Failed, Head, Question, Session};
use super::tail::Tail;
use crate::heads::Heads;
use crate::health::{Alarm, Health};
use crate::queue::{Answer, Job, gather, refuse_overdue};
use crate::{Clock, Position, StoreError};

pub(super) struct Writer {
    connections: Connections,
    clock: Clock,
    tail: Arc<Tail>,
    health: Arc<Health>,
    /// The server's process of the connection, for who listens.
    process: Arc<AtomicI32>,
    session: Option<Session>,
    heads: Heads,
    /// The position up to which the cached versions hold; none after a failure.
    known: Option<Position>,
    /// The last position that was acknowledged here. The log never ends before it.
    acknowledged: Position,
    /// When a connection may be tried again, and how long to wait after the next failure.
    retry: (Instant, Duration),
}

impl Writer {
    pub fn new(
        connections: Connections,
        clock: Clock,
        tail: Arc<Tail>,
        health: Arc<Health>,
        process: Arc<AtomicI32>,
    ) -> Self {
        Self {
            connections,
            clock,
            tail,
            health,
            process,
            session: None,
            heads: Heads::new(),
            known: None,
            acknowledged: 0,
            retry: (Instant::now(), FIRST_BACKOFF),
        }
    }

    /// Appends until the queue is closed and empty.
    pub async fn run(mut self, mut queue: mpsc::Receiver<Job>) {
        let _alarm = Alarm(self.health.clone());
        let mut left_over = None;
        loop {
            let first = match left_over.take() {
                Some(job) => job,
                None => match queue.recv().await {
                    Some(job) => job,
                    None => return,
                },
            };
            let mut jobs = Vec::new();
            left_over = gather(first, &mut queue, &mut jobs);
            self.write(refuse_overdue(jobs, QUEUE_WAIT)).await;
        }
    }

    /// Writes the jobs together and answers each of them. Where one spoils the transaction, each
    /// is written alone.
    async fn write(&mut self, jobs: Vec<Job>) {
        let mut groups = vec![jobs];
        while let Some(mut jobs) = groups.pop() {
            if jobs.is_empty() {
                continue;
            }
            match self.transaction(&mut jobs).await {
                Ok(answers) => self.settle(jobs, answers).await,
                Err(Failed::Row(_)) if jobs.len() > 1 => {
                    self.forget();
                    groups.extend(jobs.into_iter().rev().map(|job| vec![job]));
                }
                Err(failed) => {
                    let error = self.explain(failed);
                    for job in jobs {
                        job.answer(Err(error.clone()));
                    }
                }
            }
        }
    }

    async fn transaction(&mut self, jobs: &mut [Job]) -> Result<Vec<Answer>, Failed> {
        self.health.check().map_err(Failed::Nothing)?;
        let session = self.connected().await.map_err(Failed::Nothing)?;
        let result = match self.attempt(&session, jobs).await {
            Err(Failed::Stale) => {
                session.roll_back().await;
                self.forget();
                self.attempt(&session, jobs).await
            }
            result => result,
        };
        if matches!(result, Err(Failed::Refused(_))) {
            session.roll_back().await;
        }
        if matches!(result, Ok(_) | Err(Failed::Row(_) | Failed::Refused(_))) {
            self.session = Some(session);
        }
        result
    }

    async fn attempt(
        &mut self,
        session: &Session,
        jobs: &mut [Job],
    ) -> Result<Vec<Answer>, Failed> {
        let question = Question {
            known: self.known,
            streams: unknown_streams(&mut self.heads, jobs),
            dedupes: dedupes(jobs),
        };
        let locked = session.lock(question).await?;
        if locked.head.position < self.acknowledged {
            return Err(Failed::Lost(self.acknowledged));
        }
        for (stream, version) in locked.versions.into_iter().chain(locked.changed) {
            self.heads.learn(stream, version);
        }
        self.known = Some(locked.head.position);
        let (mut head, mut taken): (Head, _) = (locked.head, locked.taken);
        let answers = judge(&mut self.heads, &mut head, (self.clock)(), &mut taken, jobs);
        let rows = Rows::of(jobs, &answers);
        if rows.is_empty() {
            session.roll_back().await;
            return Ok(answers);
        }
        session.commit(&rows).await?;
        self.heads.committed();
        self.known = Some(head.position);
        self.acknowledged = head.position;
        Ok(answers)
    }

    /// Hands what was committed to the followers, and answers.
    async fn settle(&mut self, jobs: Vec<Job>, answers: Vec<Answer>) {
        let batch: Vec<_> = answers.iter().flatten().flatten().cloned().collect();
        let stored = !batch.is_empty();
        if stored {
            let bytes = jobs.iter().map(|job| job.append.bytes).sum();
            self.tail.own(batch.into(), bytes);
        }
        for (job, answer) in jobs.into_iter().zip(answers) {
            job.answer(answer);
        }
        if stored && let Some(session) = &self.session {
            session.notify().await;
        }
    }

    /// The connection, made anew if it was lost; but no sooner than is decent.
    async fn connected(&mut self) -> Result<Session, StoreError> {
        if let Some(session) = self.session.take()
            && !session.is_closed()
        {
            return Ok(session);
        }
        self.forget();
        let (not_before, backoff) = self.retry;
        sleep_until(not_before).await;
        match Session::open(&self.connections).await {
            Ok(session) => {
                self.retry = (Instant::now(), FIRST_BACKOFF);
                self.process.store(session.process(), Ordering::Relaxed);
                Ok(session)
            }
            Err(error) => {
                tracing::warn!(%error, "the log cannot be reached to append");
                self.retry = (Instant::now() + backoff, (backoff * 2).min(LONGEST_BACKOFF));
                Err(error)
            }
        }
    }

    fn forget(&mut self) {
        self.heads = Heads::new();
        self.known = None;
    }

    /// What those who waited are told; nothing that was known is relied on any more.
    fn explain(&mut self, failed: Failed) -> StoreError {
        self.forget();
        match failed {
            Failed::Nothing(error) | Failed::Refused(error) => error,
            Failed::Unknown(cause) => {
                tracing::error!(cause, "the answer to a commit was lost");
                StoreError::Unknown(cause)
            }
            Failed::Row(cause)
                if is_of_index(&cause, "events_by_id")
                    || is_of_index(&cause, "events_by_dedupe") =>
            {
                StoreError::Duplicate
            }
            Failed::Row(cause) => {
                let cause = describe(&cause);
                tracing::error!(cause, "an append was refused by the server");
                StoreError::Invalid(cause)
            }
            Failed::Stale => {
                StoreError::Unavailable("others append faster than can be followed".to_owned())
            }
            Failed::Lost(position) => {
                let reason = "it was there and is there no more".to_owned();
                self.health
                    .poison(&format!("the event at {position} is lost"));
                StoreError::Corrupt { position, reason }
            }
        }
    }
}
