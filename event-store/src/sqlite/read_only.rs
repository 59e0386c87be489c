//! The log as another process sees it, beside the server that writes it.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;

use super::readers::Readers;
use super::{NAME, Options, queries};
use crate::poller::Poller;
use crate::{
    Append, Capabilities, Dedupe, Direction, EventStore, Follow, OpenError, Page, Position,
    Recorded, StoreError, StreamName, Version,
};

/// Reads and follows a log that another process may be writing. Appends are refused.
pub struct SqliteLogReader {
    readers: Arc<Readers>,
}

impl SqliteLogReader {
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        let readers = Readers::open(path.as_ref(), Options::default().readers)?;
        Ok(Self { readers })
    }
}

#[async_trait]
impl EventStore for SqliteLogReader {
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
        Box::new(Poller {
            pages: self.readers.clone(),
            after,
        })
    }

    async fn head(&self) -> Result<Position, StoreError> {
        self.readers
            .read(|log| match queries::head(log.connection) {
                Ok((position, _)) => Ok(position),
                Err(cause) => Err(queries::failure(0, &cause)),
            })
            .await
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            name: NAME,
            atomic_across_streams: true,
            many_writers: false,
        }
    }
}
