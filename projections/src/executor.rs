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

/// Who projects into a read store that several nodes may share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lead {
    /// This one. The number changes whenever another one may have written in between: then the
    /// checkpoints are to be read again.
    Ours(u64),
    /// Another one.
    Others(Standing),
}

/// How far the one that leads has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    pub checkpoints: Vec<Checkpoint>,
    /// Projections that go no further, and why.
    pub stopped: Vec<(String, String)>,
}

/// Writes read models.
#[async_trait]
pub trait Executor: Send + Sync {
    /// Takes the lead where it is free, and tells who has it; what others have reported is
    /// forgotten then. A store that is not shared is always ours.
    async fn lead(&self) -> Result<Lead, ReadError> {
        Ok(Lead::Ours(0))
    }

    /// Returns when the one that leads may have come further, or may be gone.
    async fn changed(&self) {
        std::future::pending::<()>().await;
    }

    /// Whether others read and write the same store: after a loss of contact nothing is known of
    /// where its rows are.
    fn is_shared(&self) -> bool {
        false
    }

    /// Returns when the lead may have been lost.
    async fn lost(&self) {
        std::future::pending::<()>().await;
    }

    /// Tells those who stand by which projections go no further, and why; all of them each time.
    async fn report(&self, _stopped: Vec<(&'static str, String)>) -> Result<(), ReadError> {
        Ok(())
    }

    /// Leaves the lead to others.
    async fn resign(&self) {}

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
    /// failed come back. After an error the transaction may have been committed or not: the
    /// checkpoints tell.
    async fn execute(&self, turns: Vec<Turn>) -> Result<Vec<Failure>, ReadError>;
}

/// A read store: it answers and is written to.
pub trait ReadStore: crate::Reader + Executor {}

impl<T: crate::Reader + Executor> ReadStore for T {}
