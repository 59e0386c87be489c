//! The port through which projections write: several batches and their checkpoints at once.

use async_trait::async_trait;
use event_store::Position;
use uuid::Uuid;

use crate::{Batch, ReadError};

/// How far a projection has come, and by which event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    pub projection: String,
    /// The version of the projection that made the rows.
    pub version: u32,
    pub position: Position,
    pub event_id: Uuid,
}

/// What one projection writes for one stretch of the log.
#[derive(Debug)]
pub struct Turn {
    /// The projection's name.
    pub projection: &'static str,
    /// The projection's version.
    pub version: u32,
    /// Where its checkpoint must stand: two that project the same never both write.
    pub from: Position,
    /// Where its checkpoint stands afterwards.
    pub to: Position,
    /// The event at `to`.
    pub event_id: Uuid,
    pub batch: Batch,
}

/// Why one projection was left out of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub projection: &'static str,
    /// The event whose statement failed; none where the checkpoint was not where it must be.
    pub position: Option<Position>,
    pub reason: String,
}

/// Writes read models.
#[async_trait]
pub trait Executor: Send + Sync {
    /// All checkpoints.
    async fn checkpoints(&self) -> Result<Vec<Checkpoint>, ReadError>;

    /// Makes the tables of a projection anew, empty, and forgets its checkpoint.
    async fn reset(
        &self,
        projection: &'static str,
        tables: &'static [&'static str],
    ) -> Result<(), ReadError>;

    /// Executes all turns and moves their checkpoints in one transaction, with a savepoint for
    /// each: one that fails is rolled back to it and left out, and the rest commit. Those that
    /// failed come back. An error means that nothing was written.
    async fn execute(&self, turns: Vec<Turn>) -> Result<Vec<Failure>, ReadError>;
}

/// A read store: it answers and is written to.
pub trait ReadStore: crate::Reader + Executor {}

impl<T: crate::Reader + Executor> ReadStore for T {}
