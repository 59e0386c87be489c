//! Why a round of a process manager broke off.

use event_store::StoreError;
use projections::ReadError;

use crate::commands::CommandError;

/// Why a round broke off; the next one begins anew.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Command(#[from] CommandError),
    /// The read models did not pass in time what the round is to be decided on.
    #[error("the read models lag behind position {0}")]
    Lagging(event_store::Position),
}

impl From<StoreError> for ProcessError {
    fn from(error: StoreError) -> Self {
        Self::Command(error.into())
    }
}
