//! The embedded log: one SQLite file, one writing thread, one flush for all who wait.

mod checkpoint;
mod dictionary;
mod flush;
mod import;
mod integrity;
mod judge;
mod limits;
mod naming;
mod queries;
mod read_only;
mod readers;
#[cfg(feature = "kurrentdb")]
mod replica;
mod stream_key;
mod threads;
mod versions;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::codec;
use crate::database::{self, OpenError, Schema, WriterLock};
use crate::feed::{Feed, Follower};
use crate::health::Health;
use crate::keys::KeyStore;
use crate::prepare::prepare;
use crate::queue::{self, Queue};
use crate::{
    Append, Capabilities, Dedupe, Direction, EventStore, Follow, Page, Position, Recorded,
    StoreError, StreamName, TypeName, Version,
};
use readers::Readers;
use threads::Threads;

pub use crate::{BATCH_BYTES, BATCH_EVENTS, Clock};
pub use import::SqliteImport;
pub use read_only::SqliteLogReader;
#[cfg(feature = "kurrentdb")]
pub(crate) use replica::Replica;

const NAME: &str = "sqlite";

const SCHEMA: Schema = Schema {
    application_id: 0x6d6c_6f67,
    migrations: &[include_str!("../../migrations/events/sqlite/0001_log.sql")],
};

/// How the embedded log runs. Nothing here weakens what an acknowledgement means.
#[derive(Debug, Clone)]
pub struct Options {
    /// Connections that read at once.
    pub readers: u32,
    /// How often what is committed is moved from the WAL into the database.
    pub checkpoint_every: Duration,
    /// After this long without an append the WAL is emptied.
    pub idle_after: Duration,
    /// For the test that shows that a power cut would be noticed, and for nothing else.
    #[doc(hidden)]
    pub acknowledge_before_flush: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            readers: 4,
            checkpoint_every: Duration::from_millis(100),
            idle_after: Duration::from_secs(2),
            acknowledge_before_flush: false,
        }
    }
}

/// The embedded log, open to write. Every `Ok` of [`EventStore::append`] is on disk.
///
/// What is dropped without [`Self::close`] stops its threads as well, and blocks until they end.
pub struct SqliteEventStore {
    path: PathBuf,
    keys: Arc<dyn KeyStore>,
    queue: Queue,
    feed: Arc<Feed>,
    health: Arc<Health>,
    readers: Arc<Readers>,
    closing: watch::Sender<bool>,
    threads: Arc<Mutex<Option<Threads>>>,
}

impl SqliteEventStore {
    /// Opens the log at `path` to write, made if it is not there. Blocks; after an unclean stop
    /// it looks at every page first.
    pub fn open(
        path: impl AsRef<Path>,
        keys: Arc<dyn KeyStore>,
        clock: Clock,
        options: &Options,
    ) -> Result<Self, OpenError> {
        let path = path.as_ref();
        let lock = WriterLock::acquire(path)?;
        let thoroughly = integrity::stopped_uncleanly(path);
        let connection = database::open_to_write(path, &SCHEMA)?;
        integrity::check(&connection, path, thoroughly)?;
        let health = Arc::new(Health::new());
        let readers = Readers::open(path, options.readers.max(1))?;
        let (threads, feed, queue) =
            Threads::start(connection, path, clock, options, &health, lock)?;
        Ok(Self {
            path: path.to_owned(),
            keys,
            queue,
            feed,
            health,
            readers,
            closing: watch::Sender::new(false),
            threads: Arc::new(Mutex::new(Some(threads))),
        })
    }

    /// Whether the file at `path` holds no event, or is not there. Only then may a new master
    /// key be made.
    pub fn is_fresh(path: impl AsRef<Path>) -> Result<bool, OpenError> {
        let path = path.as_ref();
        match path.metadata() {
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(true),
            Err(cause) => return Err(OpenError::io(path, &cause)),
            Ok(_) => {}
        }
        match database::open_to_read(path, &SCHEMA) {
            Ok(connection) => {
                let head = queries::head(&connection);
                Ok(head.map_err(|cause| OpenError::of(path, &cause))?.0 == 0)
            }
            // Made, but stopped before its tables were.
            Err(OpenError::OlderSchema { found: 0, .. }) => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Becomes true when a flush has failed. Nothing is appended any more, since to flush again
    /// would prove nothing: the process should end at once, and start anew.
    pub fn poisoned(&self) -> watch::Receiver<bool> {
        self.health.watch()
    }

    /// Copies the log as it is at one moment to `target`, which must not exist, while appends go
    /// on. On disk on return; gives the position of its last event.
    pub async fn backup_to(&self, target: impl AsRef<Path>) -> Result<Position, StoreError> {
        let (path, target) = (self.path.clone(), target.as_ref().to_owned());
        let unavailable = |cause: String| StoreError::Unavailable(format!("backup: {cause}"));
        tokio::task::spawn_blocking(move || Self::backup(path, target))
            .await
            .map_err(|cause| unavailable(cause.to_string()))?
            .map_err(|cause| unavailable(cause.to_string()))
    }

    /// The same for a log that another process may be writing. Blocks.
    pub fn backup(path: impl AsRef<Path>, target: impl AsRef<Path>) -> Result<Position, OpenError> {
        let target = target.as_ref();
        let source = database::open_to_read(path.as_ref(), &SCHEMA)?;
        database::copy(&source, target).map_err(|cause| OpenError::io(target, &cause))?;
        let copy = database::open_to_read(target, &SCHEMA)?;
        let (position, _) = queries::head(&copy).map_err(|cause| OpenError::of(target, &cause))?;
        Ok(position)
    }

    /// Refuses further appends, finishes those that wait, empties the WAL and lets go of the
    /// file. Followers end.
    pub async fn close(&self) {
        self.queue.close();
        // SQLite removes the WAL only if a connection that may write is the last one.
        self.readers.close().await;
        let threads = self.threads.clone();
        let stopped = tokio::task::spawn_blocking(move || {
            if let Some(threads) = threads.lock().as_mut() {
                threads.join();
            }
        });
        if let Err(cause) = stopped.await {
            tracing::error!(%cause, "the event log did not stop");
        }
        self.closing.send_replace(true);
        self.threads.lock().take();
    }
}

impl Drop for SqliteEventStore {
    fn drop(&mut self) {
        self.queue.close();
        self.closing.send_replace(true);
        self.readers.close_now();
        if let Some(mut threads) = self.threads.lock().take() {
            threads.join();
        }
    }
}

#[async_trait]
impl EventStore for SqliteEventStore {
    async fn append(&self, append: Append) -> Result<Vec<Arc<Recorded>>, StoreError> {
        self.health.check()?;
        let append = prepare(&self.keys, append, codec::encode_metadata).await?;
        queue::outcome(self.queue.push(append).await?).await
    }

    async fn read_stream(
        &self,
        stream: &StreamName,
        from: Version,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<Arc<Recorded>>, StoreError> {
        let stream = stream.clone();
        self.readers
            .read(move |log| log.stream(&stream, from, direction, limit))
            .await
    }

    async fn read_all(&self, after: Position, limit: usize) -> Result<Page, StoreError> {
        self.readers.read(move |log| log.all(after, limit)).await
    }

    async fn read_positions(
        &self,
        positions: &[Position],
    ) -> Result<Vec<Arc<Recorded>>, StoreError> {
        let positions = positions.to_vec();
        self.readers.read(move |log| log.at(&positions)).await
    }

    async fn find_outcome(
        &self,
        stream: &StreamName,
        dedupe: Dedupe,
    ) -> Result<Option<Arc<Recorded>>, StoreError> {
        let stream = stream.clone();
        self.readers
            .read(move |log| log.outcome(&stream, dedupe))
            .await
    }

    fn follow(&self, after: Position) -> Box<dyn Follow> {
        Box::new(Follower::new(
            &self.feed,
            self.closing.subscribe(),
            self.readers.clone(),
            after,
        ))
    }

    async fn head(&self) -> Result<Position, StoreError> {
        Ok(self.feed.head())
    }

    async fn types(&self) -> Result<Option<Vec<TypeName>>, StoreError> {
        self.readers.read(|log| log.types().map(Some)).await
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            name: NAME,
            atomic_across_streams: true,
            many_writers: false,
        }
    }
}
