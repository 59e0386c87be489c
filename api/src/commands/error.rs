//! Why a command did not succeed: a refusal, a conflict and a breakdown are three things.

use domain::Refusal;
use event_store::StoreError;

/// Why a command did not succeed. Nothing was stored, but for an outcome that stays unknown.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The rules say no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Others kept changing the same things; trying again later is fine.
    #[error("too many others are changing the same thing")]
    Contended,
    /// The same key came before with another content.
    #[error("this key was used with other content")]
    KeyReused,
    /// The event store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An event of a stream that the decision needs cannot be read.
    #[error("a stream cannot be read: {0}")]
    Unreadable(String),
}
