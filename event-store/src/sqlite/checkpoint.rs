//! Moving what is committed from the WAL into the database, on a thread of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::flush::is_failed_flush;
use super::limits::{WAL_RESTART_WAIT, WAL_REUSE_BYTES};
use crate::database::BUSY_TIMEOUT;
use crate::feed::Feed;
use crate::health::Health;

/// The bytes of one frame of the WAL: a page and its header.
const FRAME_BYTES: u64 = 4096 + 24;

pub(super) struct Checkpoints {
    pub connection: Connection,
    pub feed: Arc<Feed>,
    pub health: Arc<Health>,
    pub wal_is_long: Arc<AtomicBool>,
    pub every: Duration,
    /// After this long without an append the WAL is emptied.
    pub idle_after: Duration,
}

impl Checkpoints {
    /// Until the other end of `stop` is dropped, or the log is poisoned.
    pub fn run(self, stop: &Receiver<()>) {
        let mut seen = self.feed.head();
        let mut since = Instant::now();
        let mut emptied = false;
        while !self.health.is_poisoned()
            && stop.recv_timeout(self.every) == Err(RecvTimeoutError::Timeout)
        {
            let head = self.feed.head();
            if head != seen {
                (seen, since, emptied) = (head, Instant::now(), false);
                self.watched(passive(&self.connection).map(|bytes| {
                    self.wal_is_long
                        .store(bytes >= WAL_REUSE_BYTES, Ordering::Relaxed);
                }));
            } else if !emptied && since.elapsed() >= self.idle_after {
                emptied = self.watched(truncate(&self.connection)).unwrap_or(false);
            }
        }
    }

    fn watched<T>(&self, result: rusqlite::Result<T>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(cause) => {
                tracing::warn!(%cause, "a checkpoint failed");
                if is_failed_flush(&cause) {
                    self.health.poison(&cause.to_string());
                }
                None
            }
        }
    }
}

/// Moves what no reader still needs; waits for nobody. Gives the length of the WAL in bytes.
fn passive(connection: &Connection) -> rusqlite::Result<u64> {
    let frames: i64 =
        connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get(1))?;
    Ok(u64::try_from(frames).unwrap_or(0) * FRAME_BYTES)
}

/// Moves the rest, so that the next transaction starts the WAL again. Only the writer may call
/// it, between two transactions; readers are waited for a moment.
pub(super) fn restart(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(WAL_RESTART_WAIT)?;
    let result = connection.query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(()));
    connection.busy_timeout(BUSY_TIMEOUT)?;
    result
}

/// Moves everything and empties the WAL. False if someone was in the way.
pub(super) fn truncate(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| {
        Ok(!row.get::<_, bool>(0)?)
    })
}
