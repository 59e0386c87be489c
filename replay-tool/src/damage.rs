//! What the engine itself finds wrong with the log, before any event is read.

use std::path::Path;

use event_store::{Location, StoreError};
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::arguments::PlaceArguments;
use crate::failure::Failure;
use crate::place;

/// What the engine finds wrong: pages, and indexes against their rows. Looks at everything; none
/// where it finds nothing.
pub async fn damage_of_log(place: &PlaceArguments) -> Result<Option<String>, Failure> {
    let location = place::log_location(place)?;
    match &location {
        Location::File(path) => {
            place::there(path, "log", "--data or --event-store")?;
            damage_of_file(path)
        }
        Location::Postgres(_) => Err(place::not_yet(&location)),
    }
}

fn damage_of_file(path: &Path) -> Result<Option<String>, Failure> {
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
