//! The port that every backend implements: append, read, follow.

use std::sync::Arc;

use async_trait::async_trait;

use crate::{Dedupe, NewEvent, Position, Recorded, StreamName, Version};

/// A type of event and the version of its payload's shape.
pub type TypeName = (Arc<str>, Arc<str>);

/// Events for one stream, and the version at which they were decided.
#[derive(Debug, Clone)]
pub struct Write {
    pub stream: StreamName,
    /// The version that the stream must have; 0 for a stream that must not exist yet.
    pub expected: Version,
    pub events: Vec<NewEvent>,
}

/// All that one decision writes, and all that it read. It is stored whole or not at all.
#[derive(Debug, Clone, Default)]
pub struct Append {
    pub writes: Vec<Write>,
    /// Streams that the decision read but does not write, each at the version read.
    pub requires: Vec<(StreamName, Version)>,
}

/// Why a store did not do what was asked.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum StoreError {
    /// A stream is not at the version that the decision was made on. Decide again.
    #[error("{stream} is at version {actual}")]
    Conflict { stream: StreamName, actual: Version },
    /// Another event already carries this dedupe hash. Look its outcome up.
    #[error("the same command was already recorded")]
    Duplicate,
    /// Nothing was stored; the store cannot be reached, is full or is closing. Try later.
    #[error("the event store is unavailable: {0}")]
    Unavailable(String),
    /// The answer was lost: it may or may not be stored. Look the outcome up, then decide.
    #[error("the outcome of the append is unknown: {0}")]
    Unknown(String),
    /// What is stored cannot be read as an event.
    #[error("the log is corrupt at position {position}: {reason}")]
    Corrupt { position: Position, reason: String },
    /// A key that the append needs is absent or does not unwrap. Nothing was stored.
    #[error("key {0} is not available")]
    KeyUnavailable(Arc<str>),
    /// A key that the append needs was destroyed; what it would seal belongs to an erased subject.
    #[error("key {0} was destroyed")]
    KeyDestroyed(Arc<str>),
    /// One append holds more events or bytes than a batch may.
    #[error("the append is too large: {0}")]
    TooLarge(String),
    /// What the append holds is nothing that a log can keep. Nothing was stored.
    #[error("the append cannot be stored: {0}")]
    Invalid(String),
}

impl StoreError {
    pub(crate) fn closed() -> Self {
        Self::Unavailable("the event store is closed".to_owned())
    }
}

/// Which way a stream is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Forward,
    Backward,
}

/// A stretch of the log.
#[derive(Debug, Clone, Default)]
pub struct Page {
    pub events: Vec<Arc<Recorded>>,
    /// How far the log was looked through; moves on even where a filter let nothing pass.
    pub scanned_to: Position,
}

/// What a backend promises beyond the contract that all of them keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    pub name: &'static str,
    /// Writes to several streams are stored whole or not at all, and `requires` is checked with
    /// them. Without it a violation can last until a process manager compensates.
    pub atomic_across_streams: bool,
    /// Several processes may append at once.
    pub many_writers: bool,
}

/// A reader of the log that catches up and then waits for what comes.
#[async_trait]
pub trait Follow: Send {
    /// The next stretch of the log, never empty, in order, with no gap and no repeat. Waits for
    /// events. After an error the same call goes on where it stopped.
    async fn next(&mut self) -> Result<Arc<[Arc<Recorded>]>, StoreError>;
}

/// One log of events. An append that is answered `Ok` is on disk.
#[async_trait]
pub trait EventStore: Send + Sync {
    /// Stores what one decision writes, or refuses it whole. Many callers share one disk flush.
    /// The recorded events come back in the order of the writes.
    async fn append(&self, append: Append) -> Result<Vec<Arc<Recorded>>, StoreError>;

    /// Events of one stream, at most `limit`, from sequence `from` (inclusive) in `direction`.
    async fn read_stream(
        &self,
        stream: &StreamName,
        from: Version,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<Arc<Recorded>>, StoreError>;

    /// Events after `after`, at most `limit`.
    async fn read_all(&self, after: Position, limit: usize) -> Result<Page, StoreError>;

    /// The events at these positions, in the order asked; positions that are not there are left
    /// out.
    async fn read_positions(
        &self,
        positions: &[Position],
    ) -> Result<Vec<Arc<Recorded>>, StoreError>;

    /// The event that carries `dedupe` on `stream`, if a command was recorded under it before.
    async fn find_outcome(
        &self,
        stream: &StreamName,
        dedupe: Dedupe,
    ) -> Result<Option<Arc<Recorded>>, StoreError>;

    /// Follows the log after `after`.
    fn follow(&self, after: Position) -> Box<dyn Follow>;

    /// The position of the last event that is on disk; 0 for an empty log.
    async fn head(&self) -> Result<Position, StoreError>;

    /// The types of all events that were on disk when it was asked, with their versions; none
    /// where the store cannot tell without reading every event.
    async fn types(&self) -> Result<Option<Vec<TypeName>>, StoreError> {
        Ok(None)
    }

    fn capabilities(&self) -> Capabilities;
}

/// Takes over what another log holds. Only for a store to which nobody else appends.
#[async_trait]
pub trait Import: Send + Sync {
    /// Stores events as they are: ids, times, dedupe hashes, and sealed parts unopened. They get
    /// the next positions, in the order given; where that is not the position that one had before,
    /// its number is kept with it. Stored whole or not at all, and on disk on return; gives the
    /// position of the last event of the log.
    ///
    /// A sequence that is not the next of its stream is [`StoreError::Conflict`], an id or dedupe
    /// hash that is there already [`StoreError::Duplicate`], and a time before that of the event
    /// before it [`StoreError::Corrupt`].
    async fn import(&self, events: &[Arc<Recorded>]) -> Result<Position, StoreError>;
}
