//! Breakdowns of what stands behind the handlers, as answers. Each is logged here, once.

use event_store::seal::OpenError;
use projections::ReadError;

use super::ApiError;
use crate::commands::CommandError;

impl From<CommandError> for ApiError {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::Refused(refusal) => refusal.into(),
            CommandError::Store(error) => error.into(),
            CommandError::Contended => Self::breakdown("contended"),
            CommandError::KeyReused => {
                Self::conflict("key_reused", "this key was used with other content")
            }
            CommandError::Unreadable(cause) => {
                tracing::error!(cause, "a stream cannot be read");
                Self::breakdown("unreadable")
            }
        }
    }
}

impl From<ReadError> for ApiError {
    fn from(error: ReadError) -> Self {
        tracing::error!(%error, "the read models did not answer");
        match error {
            ReadError::Unavailable(_) => Self::breakdown("reads_unavailable"),
            ReadError::Statement(_) | ReadError::Row(_) => Self::internal(),
        }
    }
}

impl From<OpenError> for ApiError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Keys(error) => error.into(),
            error @ OpenError::KeyUnavailable(_) => {
                tracing::error!(%error, "a sealed part cannot be opened");
                Self::breakdown("key_unavailable")
            }
            error @ OpenError::Tampered { .. } => {
                tracing::error!(%error, "a sealed part cannot be opened");
                Self::internal()
            }
        }
    }
}
