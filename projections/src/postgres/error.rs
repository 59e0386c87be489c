//! What went wrong at the server, and whose fault it is.

use event_store::postgres::MigrateError;
use event_store::{OpenError, StoreError};
use tokio_postgres::Error;

use crate::ReadError;

/// Classes of SQLSTATE for which a statement or its values are to blame: not supported,
/// cardinality, data, constraints, syntax and names, limits of the program.
const STATEMENTS_FAULT: [&str; 6] = ["0A", "21", "22", "23", "42", "54"];

/// Whether the statement is at fault, and not the connection, the server or its disk.
pub(super) fn is_the_statements_fault(cause: &Error) -> bool {
    cause.code().is_some_and(|code| {
        let code = code.code();
        STATEMENTS_FAULT.iter().any(|class| code.starts_with(class))
    })
}

pub(super) fn read_error(cause: &Error) -> ReadError {
    if is_the_statements_fault(cause) {
        ReadError::Statement(said(cause))
    } else {
        unavailable(cause)
    }
}

pub(super) fn unavailable(cause: &Error) -> ReadError {
    ReadError::Unavailable(said(cause))
}

/// What the server said, which the driver's own message leaves out.
pub(super) fn said(cause: &Error) -> String {
    cause
        .as_db_error()
        .map_or_else(|| cause.to_string(), |error| error.message().to_owned())
}

impl From<OpenError> for ReadError {
    fn from(cause: OpenError) -> Self {
        Self::Unavailable(cause.to_string())
    }
}

impl From<MigrateError> for ReadError {
    fn from(cause: MigrateError) -> Self {
        Self::Unavailable(cause.to_string())
    }
}

pub(super) fn no_connection(cause: StoreError) -> ReadError {
    match cause {
        StoreError::Unavailable(reason) => ReadError::Unavailable(reason),
        other => ReadError::Unavailable(other.to_string()),
    }
}
