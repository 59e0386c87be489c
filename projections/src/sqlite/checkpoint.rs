//! Moving what is committed from the WAL into the file, on a thread of its own, so that the WAL
//! is used again instead of growing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use rusqlite::Connection;

/// How often the WAL is looked at.
const EVERY: Duration = Duration::from_millis(100);

/// From this length on the writer sees to it that the WAL begins again.
const LONG_WAL_BYTES: u64 = 24 * 1024 * 1024;

/// The bytes of one frame of the WAL: a page and its header.
const FRAME_BYTES: u64 = 4096 + 24;

/// How long the writer waits for readers of the end of the WAL.
const RESTART_WAIT: Duration = Duration::from_millis(20);

/// The work of the thread.
pub(super) struct Tidy {
    pub connection: Connection,
    /// Tells the writer.
    pub wal_is_long: Arc<AtomicBool>,
    /// Set by the writer with each commit.
    pub dirty: Arc<AtomicBool>,
}

impl Tidy {
    /// Until the other end of `stop` is dropped.
    pub fn run(self, stop: &Receiver<()>) {
        while stop.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
            if !self.dirty.swap(false, Ordering::AcqRel) {
                continue;
            }
            match passive(&self.connection) {
                Ok(bytes) => self
                    .wal_is_long
                    .store(bytes >= LONG_WAL_BYTES, Ordering::Release),
                Err(cause) => tracing::warn!(%cause, "a checkpoint of the read models failed"),
            }
        }
    }
}

/// Moves what no reader still needs; waits for nobody. Gives the length of the WAL.
fn passive(connection: &Connection) -> rusqlite::Result<u64> {
    let frames: i64 =
        connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get(1))?;
    Ok(u64::try_from(frames).unwrap_or_default() * FRAME_BYTES)
}

/// Moves the rest, so that the next transaction begins the WAL again; false where readers or the
/// thread above were in the way. Only between two transactions of the writer.
pub(super) fn restart(writer: &Connection) -> rusqlite::Result<bool> {
    writer.busy_timeout(RESTART_WAIT)?;
    let result = writer.query_row("PRAGMA wal_checkpoint(RESTART)", [], |row| {
        row.get::<_, i64>(0).map(|busy| busy == 0)
    });
    writer.busy_timeout(super::file::BUSY_TIMEOUT)?;
    result
}
