//! The log in PostgreSQL, to which many nodes append.

use std::sync::Arc;
use std::sync::atomic::AtomicI32;

use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::limits::{LOCK_WAIT, QUEUE_WAIT};
use super::queries::Queries;
use super::row::encode_metadata;
use super::tail::Tail;
use super::writer::Writer;
use super::{Connections, PoolOptions, PostgresUrl, listen, schema, tail};
use crate::feed::Follower;
use crate::health::Health;
use crate::keys::KeyStore;
use crate::prepare::prepare;
use crate::queue::{self, Queue};
use crate::{
    Append, Capabilities, Clock, Dedupe, Direction, EventStore, Follow, OpenError, Page, Position,
    Recorded, StoreError, StreamName, TypeName, Version,
};

pub(super) const CAPABILITIES: Capabilities = Capabilities {
    name: "postgres",
    atomic_across_streams: true,
    many_writers: true,
};

/// How the log in PostgreSQL runs. Nothing here weakens what an acknowledgement means.
#[derive(Debug, Clone)]
pub struct PostgresOptions {
    /// Connections that read at once. One more appends, and one listens.
    pub readers: usize,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self {
            readers: PoolOptions::default().size,
        }
    }
}

/// The log in PostgreSQL, open to append. Every `Ok` of [`EventStore::append`] is on disk.
///
/// Many may be open at once, in any number of processes. What is dropped without
/// [`Self::close`] stops its tasks soon after.
pub struct PostgresEventStore {
    keys: Arc<dyn KeyStore>,
    queue: Queue,
    queries: Queries,
    tail: Arc<Tail>,
    health: Arc<Health>,
    closing: watch::Sender<bool>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl PostgresEventStore {
    /// Opens the log, whose tables are made or brought up to date first, one node at a time.
    pub async fn open(
        url: &PostgresUrl,
        keys: Arc<dyn KeyStore>,
        clock: Clock,
        options: &PostgresOptions,
    ) -> Result<Self, OpenError> {
        let connections = Connections::new(url, &pool(options))?;
        schema::bring_up_to_date(&connections).await?;
        let queries = Queries {
            connections: connections.clone(),
        };
        let head = queries.head().await.map_err(|cause| OpenError::Server {
            place: connections.place().to_owned(),
            reason: cause.to_string(),
        })?;
        let tail = Arc::new(Tail::new(head));
        let health = Arc::new(Health::new());
        let process = Arc::new(AtomicI32::new(0));
        let closing = watch::Sender::new(false);
        let (queue, jobs) = Queue::new();
        tokio::spawn(tail::run(
            tail.clone(),
            queries.clone(),
            closing.subscribe(),
        ));
        tokio::spawn(listen::run(
            connections.clone(),
            tail.clone(),
            process.clone(),
            closing.subscribe(),
        ));
        let writer = Writer::new(connections, clock, tail.clone(), health.clone(), process);
        Ok(Self {
            keys,
            queue,
            queries,
            tail,
            health,
            closing,
            writer: Mutex::new(Some(tokio::spawn(writer.run(jobs)))),
        })
    }

    /// Brings the tables up to date; gives how many steps were taken.
    pub async fn migrate(url: &PostgresUrl) -> Result<usize, OpenError> {
        schema::bring_up_to_date(&schema::connections(url)?).await
    }

    /// How many steps are still to be taken to bring the tables up to date.
    pub async fn pending(url: &PostgresUrl) -> Result<usize, OpenError> {
        schema::pending(&schema::connections(url)?).await
    }

    /// Whether the log holds no event, or its tables are not there. Only then may a new master
    /// key be made.
    pub async fn is_fresh(url: &PostgresUrl) -> Result<bool, OpenError> {
        schema::is_fresh(&schema::connections(url)?).await
    }

    /// Becomes true when the log has lost what it had acknowledged, or the writer has panicked.
    /// Nothing is appended any more: the process should end at once, and start anew.
    pub fn poisoned(&self) -> watch::Receiver<bool> {
        self.health.watch()
    }

    /// Refuses further appends, finishes those that wait, and ends its connections. Followers
    /// end.
    pub async fn close(&self) {
        self.queue.close();
        let writer = self.writer.lock().take();
        if let Some(writer) = writer
            && let Err(cause) = writer.await
        {
            tracing::error!(%cause, "the writer of the event log did not stop");
        }
        self.closing.send_replace(true);
        self.queries.connections.close();
    }
}

impl Drop for PostgresEventStore {
    fn drop(&mut self) {
        self.queue.close();
        self.closing.send_replace(true);
        self.queries.connections.close();
    }
}

fn pool(options: &PostgresOptions) -> PoolOptions {
    PoolOptions {
        size: options.readers.max(1),
        lock_timeout: LOCK_WAIT,
        ..PoolOptions::default()
    }
}

#[async_trait]
impl EventStore for PostgresEventStore {
    async fn append(&self, append: Append) -> Result<Vec<Arc<Recorded>>, StoreError> {
        self.health.check()?;
        let append = prepare(&self.keys, append, encode_metadata).await?;
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
        self.queries.stream(stream, from, direction, limit).await
    }

    async fn read_all(&self, after: Position, limit: usize) -> Result<Page, StoreError> {
        self.queries.all(after, limit).await
    }

    async fn read_positions(
        &self,
        positions: &[Position],
    ) -> Result<Vec<Arc<Recorded>>, StoreError> {
        self.queries.at(positions).await
    }

    async fn find_outcome(
        &self,
        stream: &StreamName,
        dedupe: Dedupe,
    ) -> Result<Option<Arc<Recorded>>, StoreError> {
        self.queries.outcome(stream, dedupe).await
    }

    fn follow(&self, after: Position) -> Box<dyn Follow> {
        Box::new(Follower::new(
            &self.tail.feed,
            self.closing.subscribe(),
            self.queries.clone(),
            after,
        ))
    }

    async fn head(&self) -> Result<Position, StoreError> {
        self.queries.head().await
    }

    async fn types(&self) -> Result<Option<Vec<TypeName>>, StoreError> {
        let types = schema::types(&self.queries.connections).await;
        let types = types.map_err(|cause| StoreError::Unavailable(cause.to_string()))?;
        Ok(Some(types))
    }

    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }
}
