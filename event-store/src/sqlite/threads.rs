//! The threads of the embedded log: one writes, one makes checkpoints.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc as blocking;
use std::thread::{Builder, JoinHandle};

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::checkpoint::{self, Checkpoints};
use super::judge::Ledger;
use super::limits::{WAL_KEEP_BYTES, WAL_RESTART_WAIT, WRITER_CACHE_KIB};
use super::naming::Naming;
use super::writer::Writer;
use super::{Options, SCHEMA, queries};
use crate::Clock;
use crate::database::{self, OpenError, WriterLock};
use crate::feed::Feed;
use crate::heads::Heads;
use crate::health::Health;
use crate::queue::Queue;

/// Runs until the queue's senders are gone, and holds the lock of the file for as long.
pub(super) struct Threads {
    path: PathBuf,
    health: Arc<Health>,
    writer: Option<JoinHandle<Connection>>,
    checkpoints: Option<(blocking::Sender<()>, JoinHandle<()>)>,
    _lock: WriterLock,
}

impl Threads {
    pub fn start(
        connection: Connection,
        path: &Path,
        clock: Clock,
        options: &Options,
        health: &Arc<Health>,
        lock: WriterLock,
    ) -> Result<(Self, Arc<Feed>, Queue), OpenError> {
        let failed = |cause: rusqlite::Error| OpenError::of(path, &cause);
        tune(&connection, options).map_err(failed)?;
        let (position, recorded_at) = queries::head(&connection).map_err(failed)?;
        let feed = Arc::new(Feed::new(position));
        let wal_is_long = Arc::new(AtomicBool::new(false));

        let checkpointing = database::open_to_write(path, &SCHEMA)?;
        checkpointing
            .busy_timeout(WAL_RESTART_WAIT)
            .map_err(failed)?;
        let checkpoints = Checkpoints {
            connection: checkpointing,
            feed: feed.clone(),
            health: health.clone(),
            wal_is_long: wal_is_long.clone(),
            every: options.checkpoint_every,
            idle_after: options.idle_after,
        };
        let (stop, stopped) = blocking::channel();
        let checkpoints = spawn(path, "log-checkpoints", move || checkpoints.run(&stopped))?;

        let writer = Writer {
            connection,
            ledger: Ledger {
                naming: Naming::default(),
                heads: Heads::new(),
                position,
                recorded_at,
            },
            clock,
            feed: feed.clone(),
            health: health.clone(),
            wal_is_long,
        };
        let (queue, jobs) = Queue::new();
        let writer = spawn(path, "log-writer", move || writer.run(jobs))?;
        let threads = Self {
            path: path.to_owned(),
            health: health.clone(),
            writer: Some(writer),
            checkpoints: Some((stop, checkpoints)),
            _lock: lock,
        };
        Ok((threads, feed, queue))
    }

    /// Waits for both, and empties the WAL. Only once all senders of the queue are dropped.
    pub fn join(&mut self) {
        let connection = self.writer.take().map(JoinHandle::join);
        if let Some((stop, thread)) = self.checkpoints.take() {
            drop(stop);
            if thread.join().is_err() {
                tracing::error!("the checkpoints of the event log panicked");
            }
        }
        match connection {
            None => {}
            Some(Err(_)) => tracing::error!("the writer of the event log panicked"),
            Some(Ok(connection)) => {
                if let Err(cause) = self.finish(&connection) {
                    tracing::warn!(%cause, "the last checkpoint failed");
                }
            }
        }
    }

    /// Empties the WAL; but what could not be flushed stays in it, for the next process to read
    /// from the disk.
    fn finish(&self, connection: &Connection) -> rusqlite::Result<()> {
        if self.health.is_poisoned() {
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        } else if !checkpoint::truncate(connection)? {
            tracing::info!(path = %self.path.display(), "the WAL is in use and was not emptied");
        }
        Ok(())
    }
}

fn tune(connection: &Connection, options: &Options) -> rusqlite::Result<()> {
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "cache_size", -i64::from(WRITER_CACHE_KIB))?;
    connection.pragma_update(None, "journal_size_limit", WAL_KEEP_BYTES.cast_signed())?;
    if options.acknowledge_before_flush {
        connection.pragma_update(None, "synchronous", "NORMAL")?;
    }
    Ok(())
}

fn spawn<T: Send + 'static>(
    path: &Path,
    name: &str,
    run: impl FnOnce() -> T + Send + 'static,
) -> Result<JoinHandle<T>, OpenError> {
    let thread = Builder::new().name(name.to_owned());
    thread
        .spawn(run)
        .map_err(|cause| OpenError::io(path, &cause))
}
