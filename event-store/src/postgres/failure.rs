//! What an error of the driver means for the store.

use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use crate::{Position, StoreError};

/// An error of something that stored nothing. `about` is the position that damage is reported at.
pub(super) fn failure(about: Position, cause: &Error) -> StoreError {
    let reason = describe(cause);
    match cause.code() {
        Some(&SqlState::DATA_CORRUPTED | &SqlState::INDEX_CORRUPTED) => StoreError::Corrupt {
            position: about,
            reason,
        },
        _ => StoreError::Unavailable(reason),
    }
}

/// Whether the server refused a row for what it holds, and would accept others.
pub(super) fn is_of_a_row(cause: &Error) -> bool {
    // Data, constraints, limits of a program: classes of the standard, not single codes.
    let class = cause.code().and_then(|code| code.code().get(..2));
    matches!(class, Some("22" | "23" | "54"))
}

/// Whether it did so because of a unique index.
pub(super) fn is_unique_violation(cause: &Error) -> bool {
    cause.code() == Some(&SqlState::UNIQUE_VIOLATION)
}

/// Whether it did so because of this one.
pub(super) fn is_of_index(cause: &Error, index: &str) -> bool {
    is_unique_violation(cause)
        && cause.as_db_error().and_then(|error| error.constraint()) == Some(index)
}

/// With what the server said, which the driver's own message leaves out.
pub(super) fn describe(cause: &Error) -> String {
    use std::error::Error as _;
    match (cause.as_db_error(), cause.source()) {
        (Some(said), _) => said.message().to_owned(),
        (None, Some(source)) => format!("{cause}: {source}"),
        (None, None) => cause.to_string(),
    }
}
