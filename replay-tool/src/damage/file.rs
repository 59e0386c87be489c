//! What SQLite finds wrong with a file.

use std::path::Path;

use event_store::StoreError;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::failure::Failure;

pub fn damage(path: &Path) -> Result<Option<String>, Failure> {
    let check = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .and_then(|file| file.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)));
    match check {
        Ok(answer) => Ok(Some(answer).filter(|answer: &String| answer != "ok")),
        Err(cause) => match cause.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Ok(Some(cause.to_string()))
            }
            _ => Err(StoreError::Unavailable(cause.to_string()).into()),
        },
    }
}
