//! Why it could not run, in one line.

use std::path::PathBuf;

use event_store::keys::KeyError;
use event_store::{LocationError, OpenError, Position, StoreError};
use projections::ReadError;

use crate::{COULD_NOT_RUN, FOUND};

/// Why it could not run. Each is one line that names what an operator can change.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("there is no {what} at {}; name it with {flag}", path.display())]
    Missing {
        what: &'static str,
        path: PathBuf,
        flag: &'static str,
    },
    #[error("{flag} {url}: {cause}")]
    UnknownUrl {
        flag: &'static str,
        url: String,
        cause: LocationError,
    },
    #[error("the master key of {from} {problem}")]
    Master { from: String, problem: String },
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("the log cannot be read: {0}")]
    Log(#[from] StoreError),
    #[error("the key store cannot be read: {0}")]
    Keys(#[from] KeyError),
    #[error("the live read models cannot be read: {0}")]
    Live(String),
    #[error("there is no place for temporary files: {0}; TMPDIR names the folder")]
    Temporary(String),
    #[error("interrupted")]
    Interrupted,
    #[error("--into {}: {problem}", path.display())]
    Scratch { path: PathBuf, problem: String },
    #[error("position {position} is beyond the end of the log, {head}")]
    Beyond { position: Position, head: Position },
    #[error("--bundle {}: {problem}", path.display())]
    Bundle { path: PathBuf, problem: String },
    #[error("nothing was copied: the target is no copy of the source: {0}")]
    Target(String),
    #[error("the target cannot take the events: {0}")]
    Import(StoreError),
    /// What was read back is not what was written.
    #[error(
        "the copy differs: the source has {until} events, SHA-256 {source_sha256}, the target \
         {there}, SHA-256 {target_sha256}"
    )]
    NotTheSame {
        until: Position,
        there: Position,
        source_sha256: String,
        target_sha256: String,
    },
    #[error("the read models cannot be made: {0}")]
    Rebuild(String),
    /// Something is wrong with the log, or with a projection of one of its events.
    #[error("the rebuild stopped: {0}")]
    Poison(String),
    #[error("--purpose: {0}")]
    Purpose(String),
    #[error("the server wants a token: MAEUM_TOKEN or --token-file")]
    NoToken,
    #[error("--server {server} {problem}")]
    Server { server: String, problem: String },
    #[error("KurrentDB keeps the log only, neither keys nor read models")]
    OnlyEvents,
    #[cfg(not(feature = "kurrentdb"))]
    #[error("this program was built without KurrentDB (feature kurrentdb)")]
    NoKurrent,
    #[error("the report cannot be written: {0}")]
    Report(String),
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        Self::Rebuild(error.to_string())
    }
}

impl Failure {
    /// 1 where something was found, 2 where it could not run.
    pub fn exit_code(&self) -> u8 {
        if self.is_damage() || matches!(self, Self::Poison(_) | Self::NotTheSame { .. }) {
            FOUND
        } else {
            COULD_NOT_RUN
        }
    }

    /// Whether it is the log itself that is damaged.
    pub fn is_damage(&self) -> bool {
        matches!(
            self,
            Self::Open(OpenError::Corrupt { .. }) | Self::Log(StoreError::Corrupt { .. })
        )
    }
}
