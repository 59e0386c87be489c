//! The log as a tool reads it, beside the servers that write it: by a copy of its own.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::Mutex;

use super::KurrentUrl;
use super::client::Client;
use super::copy::LogCopy;
use super::store::CAPABILITIES;
use super::temporary::Temporary;
use crate::feed::Pages;
use crate::poller::Poller;
use crate::sqlite::SqliteLogReader;
use crate::{
    Append, Capabilities, Dedupe, Direction, EventStore, Follow, OpenError, Page, Position,
    Recorded, StoreError, StreamName, Version,
};

/// Reads and follows a log to which others may be appending. Appends are refused.
///
/// Opening it copies the whole log into a file that goes with it.
pub struct KurrentLogReader {
    reading: Arc<Reading>,
}

/// Dropped in this order: the file last.
struct Reading {
    copy: Arc<SqliteLogReader>,
    log: Mutex<LogCopy>,
    _file: Temporary,
}

impl KurrentLogReader {
    pub async fn open(url: &KurrentUrl) -> Result<Self, OpenError> {
        let file = Temporary::new()?;
        let log = LogCopy::open(file.path(), Client::new(url)?, &url.to_string()).await?;
        let reading = Reading {
            copy: Arc::new(SqliteLogReader::open(file.path())?),
            log: Mutex::new(log),
            _file: file,
        };
        Ok(Self {
            reading: Arc::new(reading),
        })
    }
}

impl Reading {
    async fn sync(&self) -> Result<(), StoreError> {
        self.log.lock().await.catch_up().await?;
        Ok(())
    }
}

#[async_trait]
impl Pages for Arc<Reading> {
    async fn page(&self, after: Position, limit: usize) -> Result<Page, StoreError> {
        let page = self.copy.read_all(after, limit).await?;
        if !page.events.is_empty() {
            return Ok(page);
        }
        self.sync().await?;
        self.copy.read_all(after, limit).await
    }
}

#[async_trait]
impl EventStore for KurrentLogReader {
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
        self.reading.sync().await?;
        let copy = &self.reading.copy;
        copy.read_stream(stream, from, direction, limit).await
    }

    async fn read_all(&self, after: Position, limit: usize) -> Result<Page, StoreError> {
        self.reading.page(after, limit).await
    }

    async fn read_positions(
        &self,
        positions: &[Position],
    ) -> Result<Vec<Arc<Recorded>>, StoreError> {
        self.reading.copy.read_positions(positions).await
    }

    async fn find_outcome(
        &self,
        stream: &StreamName,
        dedupe: Dedupe,
    ) -> Result<Option<Arc<Recorded>>, StoreError> {
        self.reading.sync().await?;
        self.reading.copy.find_outcome(stream, dedupe).await
    }

    fn follow(&self, after: Position) -> Box<dyn Follow> {
        Box::new(Poller {
            pages: self.reading.clone(),
            after,
        })
    }

    async fn head(&self) -> Result<Position, StoreError> {
        self.reading.sync().await?;
        Ok(self.reading.log.lock().await.replica.head())
    }

    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }
}
