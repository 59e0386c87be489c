//! Why a call to the server failed, and whether its connection is lost.

use std::error::Error as _;
use std::io;
use std::time::Duration;

use tokio_postgres::Error;

use crate::StoreError;
use crate::keys::KeyError;
use crate::postgres::MigrateError;

#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error(transparent)]
    Server(#[from] Error),
    #[error(transparent)]
    Connection(#[from] StoreError),
    #[error(transparent)]
    Migration(#[from] MigrateError),
    #[error(transparent)]
    Keys(#[from] KeyError),
    #[error("no answer within {} s", .0.as_secs())]
    NoAnswer(Duration),
}

impl Failure {
    /// Whether another connection may do better.
    pub fn is_lost(&self) -> bool {
        let Self::Server(cause) = self else {
            return false;
        };
        // Class 57P: the server ended the connection, or is about to stop.
        cause.is_closed()
            || cause
                .source()
                .is_some_and(<dyn std::error::Error>::is::<io::Error>)
            || cause
                .code()
                .is_some_and(|code| code.code().starts_with("57P"))
    }
}

impl From<Failure> for KeyError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Keys(error) => error,
            Failure::Connection(StoreError::Unavailable(reason)) => Self::Unavailable(reason),
            Failure::Server(cause) => Self::Unavailable(match cause.as_db_error() {
                Some(said) => said.message().to_owned(),
                None => cause.to_string(),
            }),
            other => Self::Unavailable(other.to_string()),
        }
    }
}
