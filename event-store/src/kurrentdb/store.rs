//! The log in KurrentDB, to which many nodes append.

use std::path::Path;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::time::{Instant, sleep, timeout};

use super::client::{Client, Failed};
use super::copy::LogCopy;
use super::event::bytes_of_append;
use super::limits::{APPEND_BYTES, CATCH_UP_WAIT, FIRST_BACKOFF, LONGEST_BACKOFF, QUEUE_WAIT};
use super::writer::Writer;
use super::{KurrentUrl, subscription};
use crate::codec;
use crate::feed::{Feed, Follower, Pages};
use crate::health::Health;
use crate::keys::KeyStore;
use crate::prepare::prepare;
use crate::queue::{self, Job, Queue};
use crate::sqlite::SqliteLogReader;
use crate::{
    Append, Capabilities, Clock, Dedupe, Direction, EventStore, Follow, OpenError, Page, Position,
    Recorded, StoreError, StreamName, Version,
};

pub(super) const CAPABILITIES: Capabilities = Capabilities {
    name: "kurrentdb",
    atomic_across_streams: true,
    many_writers: true,
};

/// The log in KurrentDB, open to append. Every `Ok` of [`EventStore::append`] is on the disks
/// that the server writes before it answers.
///
/// Many may be open at once, in any number of processes, each with a copy of its own. What is
/// dropped without [`Self::close`] stops as well, and blocks until its thread ends.
pub struct KurrentEventStore {
    keys: Arc<dyn KeyStore>,
    queue: Queue,
    client: Arc<Client>,
    copy: Arc<SqliteLogReader>,
    feed: Arc<Feed>,
    wake: Arc<Notify>,
    health: Arc<Health>,
    closing: watch::Sender<bool>,
    writer: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl KurrentEventStore {
    /// Opens the log. `copy` is the file of this node's copy, made and brought up to date first:
    /// it can be lost, and no two nodes may share it.
    pub async fn open(
        url: &KurrentUrl,
        copy: impl AsRef<Path>,
        keys: Arc<dyn KeyStore>,
        clock: Clock,
    ) -> Result<Self, OpenError> {
        let path = copy.as_ref();
        let client = Arc::new(Client::new(url)?);
        let health = Arc::new(Health::new());
        let wake = Arc::new(Notify::new());
        let closing = watch::Sender::new(false);
        let (queue, jobs) = Queue::new();
        let (opened, opening) = oneshot::channel();
        let own = Own {
            url: url.clone(),
            path: path.to_owned(),
            clock,
            health: health.clone(),
            wake: wake.clone(),
            closing: closing.subscribe(),
        };
        let writer = Builder::new()
            .name("log-writer".to_owned())
            .spawn(move || own.run(opened, jobs))
            .map_err(|cause| OpenError::io(path, &cause))?;
        let stopped = |_| OpenError::Server {
            place: url.to_string(),
            reason: "the writer has stopped".to_owned(),
        };
        let feed = opening.await.map_err(stopped)??;
        tokio::spawn(subscription::run(
            client.clone(),
            feed.clone(),
            wake.clone(),
            closing.subscribe(),
        ));
        Ok(Self {
            keys,
            queue,
            client,
            copy: Arc::new(SqliteLogReader::open(path)?),
            feed,
            wake,
            health,
            closing,
            writer: Arc::new(Mutex::new(Some(writer))),
        })
    }

    /// Whether the log holds no event. Only then may a new master key be made.
    pub async fn is_fresh(url: &KurrentUrl) -> Result<bool, OpenError> {
        let head = Client::new(url)?.head().await;
        head.map(|head| head == 0)
            .map_err(|failed| OpenError::Server {
                place: url.to_string(),
                reason: StoreError::from(failed).to_string(),
            })
    }

    /// Becomes true when the log has lost what was acknowledged or holds what is not of it, or
    /// the writer has panicked. Nothing is appended any more: the process should end at once,
    /// and start anew.
    pub fn poisoned(&self) -> watch::Receiver<bool> {
        self.health.watch()
    }

    /// Refuses further appends, finishes those that wait, and lets go of the copy. Followers
    /// end.
    pub async fn close(&self) {
        self.queue.close();
        let writer = self.writer.clone();
        let stopped = tokio::task::spawn_blocking(move || join(&writer));
        if let Err(cause) = stopped.await {
            tracing::error!(%cause, "the writer of the event log did not stop");
        }
        self.closing.send_replace(true);
    }

    /// Waits until the copy has what the log has now, so that what is read next is not older
    /// than what any node was told before.
    async fn sync(&self) -> Result<(), StoreError> {
        let head = self.head_of_log().await?;
        if self.feed.head() >= head {
            return Ok(());
        }
        self.wake.notify_one();
        match timeout(CATCH_UP_WAIT, self.feed.passed(head)).await {
            Ok(passed) => passed,
            Err(_) => Err(StoreError::Unavailable(
                "the copy of the log is behind".to_owned(),
            )),
        }
    }

    /// Asked again where a connection was lost, since to read changes nothing.
    async fn head_of_log(&self) -> Result<Position, StoreError> {
        let until = Instant::now() + CATCH_UP_WAIT;
        let mut backoff = FIRST_BACKOFF;
        loop {
            match self.client.head().await {
                Err(Failed::NotDone(_) | Failed::Elsewhere | Failed::Unknown(_))
                    if Instant::now() < until =>
                {
                    sleep(backoff).await;
                    backoff = (backoff * 2).min(LONGEST_BACKOFF);
                }
                answer => return Ok(answer?),
            }
        }
    }
}

impl Drop for KurrentEventStore {
    fn drop(&mut self) {
        self.queue.close();
        self.closing.send_replace(true);
        join(&self.writer);
    }
}

fn join(writer: &Mutex<Option<JoinHandle<()>>>) {
    let thread = writer.lock().take();
    if let Some(thread) = thread
        && thread.join().is_err()
    {
        tracing::error!("the writer of the event log panicked");
    }
}

/// What the writer's thread has of its own: with a runtime that nobody else holds up.
struct Own {
    url: KurrentUrl,
    path: std::path::PathBuf,
    clock: Clock,
    health: Arc<Health>,
    wake: Arc<Notify>,
    closing: watch::Receiver<bool>,
}

impl Own {
    fn run(self, opened: oneshot::Sender<Result<Arc<Feed>, OpenError>>, jobs: mpsc::Receiver<Job>) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let told = match runtime {
            Err(cause) => opened.send(Err(OpenError::io(&self.path, &cause))).is_ok(),
            Ok(runtime) => match runtime.block_on(self.open()) {
                Err(error) => opened.send(Err(error)).is_ok(),
                Ok(writer) => {
                    let told = opened.send(Ok(writer.copy.feed.clone())).is_ok();
                    if told {
                        runtime.block_on(writer.run(jobs));
                    }
                    told
                }
            },
        };
        if !told {
            tracing::debug!("nobody waits for the log any more");
        }
    }

    async fn open(self) -> Result<Writer, OpenError> {
        let client = Client::new(&self.url)?;
        let copy = LogCopy::open(&self.path, client, &self.url.to_string()).await?;
        Ok(Writer {
            copy,
            clock: self.clock,
            health: self.health,
            wake: self.wake,
            closing: self.closing,
            trouble: None,
        })
    }
}

#[async_trait]
impl Pages for Arc<SqliteLogReader> {
    async fn page(&self, after: Position, limit: usize) -> Result<Page, StoreError> {
        self.read_all(after, limit).await
    }
}

#[async_trait]
impl EventStore for KurrentEventStore {
    async fn append(&self, append: Append) -> Result<Vec<Arc<Recorded>>, StoreError> {
        self.health.check()?;
        let append = prepare(&self.keys, append, codec::encode_metadata).await?;
        let bytes = bytes_of_append(&append);
        if bytes > APPEND_BYTES {
            let reason = format!("about {bytes} bytes, of {APPEND_BYTES} that KurrentDB takes");
            return Err(StoreError::TooLarge(reason));
        }
        let Ok(pushed) = timeout(QUEUE_WAIT, self.queue.push(append)).await else {
            let reason = format!("no room for it within {} s", QUEUE_WAIT.as_secs());
            return Err(StoreError::Unavailable(reason));
        };
        queue::outcome(pushed?).await
    }

    async fn read_stream(
        &self,
        stream: &StreamName,
        from: Version,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<Arc<Recorded>>, StoreError> {
        self.sync().await?;
        self.copy.read_stream(stream, from, direction, limit).await
    }

    async fn read_all(&self, after: Position, limit: usize) -> Result<Page, StoreError> {
        self.sync().await?;
        self.copy.read_all(after, limit).await
    }

    async fn read_positions(
        &self,
        positions: &[Position],
    ) -> Result<Vec<Arc<Recorded>>, StoreError> {
        if positions
            .iter()
            .any(|position| *position > self.feed.head())
        {
            self.sync().await?;
        }
        self.copy.read_positions(positions).await
    }

    async fn find_outcome(
        &self,
        stream: &StreamName,
        dedupe: Dedupe,
    ) -> Result<Option<Arc<Recorded>>, StoreError> {
        self.sync().await?;
        self.copy.find_outcome(stream, dedupe).await
    }

    fn follow(&self, after: Position) -> Box<dyn Follow> {
        Box::new(Follower::new(
            &self.feed,
            self.closing.subscribe(),
            self.copy.clone(),
            after,
        ))
    }

    async fn head(&self) -> Result<Position, StoreError> {
        self.sync().await?;
        Ok(self.feed.head())
    }

    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }
}
