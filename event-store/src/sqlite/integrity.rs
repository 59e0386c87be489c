//! Looking for damage when the log is opened.

use std::ffi::OsString;
use std::path::Path;

use rusqlite::Connection;

use super::queries;
use crate::database::OpenError;

/// Whether the last writer was stopped before it could close: SQLite removes the WAL on closing.
pub(super) fn stopped_uncleanly(path: &Path) -> bool {
    let mut wal = OsString::from(path);
    wal.push("-wal");
    Path::new(&wal).exists()
}

/// Refuses a log that is visibly damaged. After an unclean stop every page is looked at, else
/// only the end.
pub(super) fn check(
    connection: &Connection,
    path: &Path,
    thoroughly: bool,
) -> Result<(), OpenError> {
    let failed = |cause: rusqlite::Error| OpenError::of(path, &cause);
    let corrupt = |reason: String| OpenError::Corrupt {
        path: path.to_owned(),
        reason,
    };
    let (head, _) = queries::head(connection).map_err(failed)?;
    if !thoroughly {
        return Ok(());
    }
    let found: String = connection
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(failed)?;
    if found != "ok" {
        return Err(corrupt(found));
    }
    // The check above does not compare the table with its indexes.
    for counted in [
        "NOT INDEXED",
        "INDEXED BY events_by_stream",
        "INDEXED BY events_by_id",
    ] {
        let sql = format!("SELECT count(*) FROM events {counted}");
        let count: i64 = connection
            .query_row(&sql, [], |row| row.get(0))
            .map_err(failed)?;
        if count.cast_unsigned() != head {
            return Err(corrupt(format!(
                "{count} events up to position {head} ({counted})"
            )));
        }
    }
    Ok(())
}
