//! The log as a tool reads it, beside the servers that write it.

use std::sync::Arc;

use async_trait::async_trait;

use super::queries::Queries;
use super::store::CAPABILITIES;
use super::{Connections, PoolOptions, PostgresUrl, schema};
use crate::poller::Poller;
use crate::{
    Append, Capabilities, Dedupe, Direction, EventStore, Follow, OpenError, Page, Position,
    Recorded, StoreError, StreamName, Version,
};

/// Reads and follows a log to which others may be appending. Appends are refused, and whatever
/// would change something is refused by the server.
pub struct PostgresLogReader {
    queries: Queries,
}

impl PostgresLogReader {
    /// Migrates nothing: tables older or newer than this release knows are refused.
    pub async fn open(url: &PostgresUrl) -> Result<Self, OpenError> {
        let options = PoolOptions {
            read_only: true,
            ..PoolOptions::default()
        };
        let connections = Connections::new(url, &options)?;
        schema::check(&connections).await?;
        Ok(Self {
            queries: Queries { connections },
        })
    }
}

#[async_trait]
impl EventStore for PostgresLogReader {
    async fn append(&self, _: Append) -> Result<Vec<Arc<Recorded>>, StoreError> {
        Err(StoreError::Unavailable(
            "the log was opened to read".to_owned(),
        ))
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
        Box::new(Poller {
            pages: self.queries.clone(),
            after,
        })
    }

    async fn head(&self) -> Result<Position, StoreError> {
        self.queries.head().await
    }

    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }
}
