//! Opening the file: pragmas, the engine's own table, and throwing away what cannot be trusted.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::boot::{self, Marker};
use crate::ReadError;

/// How long a statement waits for a lock that another connection holds.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Prepared statements that a connection keeps.
const STATEMENTS: usize = 256;

/// Pages in memory, in KiB, of each connection.
const WRITER_CACHE_KIB: i64 = 32 * 1024;
const READER_CACHE_KIB: i64 = 8 * 1024;

/// The connections that write to the file.
pub(super) struct Opened {
    pub writer: Connection,
    /// Moves the WAL into the file.
    pub tidy: Connection,
}

/// Opens the file, or makes a new one in the place of one that cannot be trusted.
pub(super) fn open(path: &Path, marker: Option<&Marker>) -> Result<Opened, ReadError> {
    let unavailable =
        |cause: io::Error| ReadError::Unavailable(format!("{}: {cause}", path.display()));
    if path.exists() && boot::is_stale(path, marker).map_err(unavailable)? {
        tracing::warn!(
            path = %path.display(),
            "the machine went down while this file was in use: rebuilding the read models"
        );
        throw_away(path).map_err(unavailable)?;
    }
    if let Some(marker) = marker {
        marker.write().map_err(unavailable)?;
    }
    match connect(path, marker) {
        Err(cause) if is_damage(&cause) => {
            tracing::warn!(
                path = %path.display(), %cause,
                "the file is damaged: rebuilding the read models"
            );
            throw_away(path).map_err(unavailable)?;
            connect(path, marker)
        }
        other => other,
    }
    .map_err(|cause| ReadError::Unavailable(format!("{}: {cause}", path.display())))
}

fn connect(path: &Path, marker: Option<&Marker>) -> rusqlite::Result<Opened> {
    let writer = Connection::open(path)?;
    prepare(&writer, WRITER_CACHE_KIB, marker)?;
    writer.execute_batch(migrations::read::SQLITE_ENGINE)?;
    let tidy = Connection::open(path)?;
    prepare(&tidy, 0, marker)?;
    Ok(Opened { writer, tidy })
}

fn prepare(
    connection: &Connection,
    cache_kib: i64,
    marker: Option<&Marker>,
) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // Without a marker nobody would notice what a power cut took.
    let synchronous = if marker.is_some() { "OFF" } else { "NORMAL" };
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cache_size", -cache_kib)
}

/// A connection that only reads.
pub(super) fn open_reader(path: &Path) -> Result<Connection, ReadError> {
    let open = || -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        connection.pragma_update(None, "cache_size", -READER_CACHE_KIB)?;
        Ok(connection)
    };
    open().map_err(|cause| ReadError::Unavailable(format!("{}: {cause}", path.display())))
}

/// Puts everything on disk, so that the file outlives a power cut. Nobody else may have it open.
pub(super) fn settle(path: &Path) -> Result<(), ReadError> {
    let settle = || -> Result<(), Box<dyn std::error::Error>> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        drop(connection);
        File::open(path)?.sync_all()?;
        Ok(())
    };
    settle().map_err(|cause| ReadError::Unavailable(format!("{}: {cause}", path.display())))
}

/// Whether the file itself is broken.
pub(super) fn is_damage(cause: &rusqlite::Error) -> bool {
    matches!(
        cause.sqlite_error_code(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    )
}

fn throw_away(path: &Path) -> io::Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        match fs::remove_file(PathBuf::from(name)) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(cause),
            _ => {}
        }
    }
    Ok(())
}
