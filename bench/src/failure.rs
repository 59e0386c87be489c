//! Why a benchmark has no figures.

use event_store::{OpenError, StoreError};

/// Why a benchmark has no figures. Whatever was lost or came twice is a failure, not a figure.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Location(#[from] event_store::LocationError),
    #[error("the log: {0}")]
    Log(#[from] StoreError),
    #[error("the read models: {0}")]
    Read(#[from] projections::ReadError),
    #[error("the projector: {0}")]
    Projector(#[from] projections::StartError),
    #[error("the read models: {0}")]
    Rebuild(#[from] projections::RebuildError),
    #[error("plain SQLite: {0}")]
    Sqlite(#[from] rusqlite::Error),
    #[error("plain PostgreSQL: {0}")]
    Postgres(#[from] tokio_postgres::Error),
    #[error("a request: {0}")]
    Http(#[from] reqwest::Error),
    #[error("a socket: {0}")]
    Socket(Box<tokio_tungstenite::tungstenite::Error>),
    #[error("{0}")]
    Io(#[from] std::io::Error),
    #[error("a task ended early: {0}")]
    Task(#[from] tokio::task::JoinError),
    /// What was measured did not do what it was measured at.
    #[error("wrong: {0}")]
    Wrong(String),
    #[error("{0}")]
    Asked(String),
    #[error("the report: {0}")]
    Report(String),
}

impl From<tokio_tungstenite::tungstenite::Error> for Failure {
    fn from(cause: tokio_tungstenite::tungstenite::Error) -> Self {
        Self::Socket(Box::new(cause))
    }
}
