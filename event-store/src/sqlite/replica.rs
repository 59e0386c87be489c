//! A copy of a log that is elsewhere: what the log decides by, and what is read of it. It can be
//! lost, since it is made again from the log.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::Connection;
use uuid::Uuid;

use super::import::take_in;
use super::judge::{Ledger, Refusal};
use super::limits::{WAL_KEEP_BYTES, WRITER_CACHE_KIB};
use super::naming::Naming;
use super::{SCHEMA, queries};
use crate::database::{self, OpenError, WriterLock};
use crate::heads::Heads;
use crate::queue::{Answer, Job};
use crate::{Position, Recorded, StoreError};

/// The copy, open to write. Keeps other writers out.
pub(crate) struct Replica {
    connection: Connection,
    ledger: Ledger,
    /// Position and time of the last event that is committed.
    committed: (Position, i64),
    _lock: WriterLock,
}

impl Replica {
    /// Opens the copy, made if it is not there, and made anew where it is of no use. Blocks.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let lock = WriterLock::acquire(path)?;
        let connection = match database::open_to_write(path, &SCHEMA) {
            Ok(connection) => connection,
            Err(error @ (OpenError::Corrupt { .. } | OpenError::NewerSchema { .. })) => {
                tracing::warn!(%error, "the copy of the log is made anew");
                remove(path)?;
                database::open_to_write(path, &SCHEMA)?
            }
            Err(error) => return Err(error),
        };
        let failed = |cause: rusqlite::Error| OpenError::of(path, &cause);
        tune(&connection).map_err(failed)?;
        let committed = queries::head(&connection).map_err(failed)?;
        Ok(Self {
            connection,
            ledger: Ledger {
                naming: Naming::default(),
                heads: Heads::new(),
                position: committed.0,
                recorded_at: committed.1,
            },
            committed,
            _lock: lock,
        })
    }

    /// Empties the copy.
    pub fn forget_all(&mut self) -> Result<(), StoreError> {
        self.reset(0, 0);
        self.execute("DELETE FROM events").map_err(failed)?;
        self.committed = (0, 0);
        Ok(())
    }

    /// The position of the last event that is committed.
    pub fn head(&self) -> Position {
        self.committed.0
    }

    /// The id of the last event that is committed.
    pub fn last_id(&self) -> Result<Option<Uuid>, StoreError> {
        self.id_at(self.head())
    }

    /// The id of the event at a position.
    pub fn id_at(&self, position: Position) -> Result<Option<Uuid>, StoreError> {
        use rusqlite::OptionalExtension;
        let id: Option<[u8; 16]> = self
            .connection
            .prepare_cached("SELECT event_id FROM events WHERE position = ?1")
            .and_then(|mut last| {
                last.query_row([position.cast_signed()], |row| row.get(0))
                    .optional()
            })
            .map_err(failed)?;
        Ok(id.map(Uuid::from_bytes))
    }

    /// Answers each append as if those before it were stored, and numbers the events of those
    /// that are to be: inside a transaction that is then committed or rolled back.
    pub fn judge(&mut self, jobs: &mut [Job], now: i64) -> Result<Vec<Answer>, StoreError> {
        self.execute("BEGIN IMMEDIATE").map_err(failed)?;
        let mut answers = Vec::with_capacity(jobs.len());
        for job in jobs {
            answers.push(
                match self.ledger.judge(&self.connection, &mut job.append, now) {
                    Ok(events) => Ok(events),
                    Err(Refusal::Append(error)) => Err(error),
                    Err(Refusal::Transaction(cause)) => {
                        self.roll_back()?;
                        return Err(failed(cause));
                    }
                },
            );
        }
        Ok(answers)
    }

    /// Takes what was judged for stored.
    pub fn commit(&mut self) -> Result<(), StoreError> {
        self.execute("COMMIT").map_err(failed)?;
        self.ledger.heads.committed();
        self.committed = (self.ledger.position, self.ledger.recorded_at);
        Ok(())
    }

    /// Forgets what was judged.
    pub fn roll_back(&mut self) -> Result<(), StoreError> {
        self.ledger.heads.back_to(0);
        let (position, recorded_at) = self.committed;
        self.reset(position, recorded_at);
        if self.connection.is_autocommit() {
            return Ok(());
        }
        self.execute("ROLLBACK").map_err(failed)
    }

    fn reset(&mut self, position: Position, recorded_at: i64) {
        // Numbers of names were rolled back with the rest.
        self.ledger.naming.clear();
        (self.ledger.position, self.ledger.recorded_at) = (position, recorded_at);
        if position == 0 {
            self.ledger.heads = Heads::new();
        }
    }

    /// Takes over the next events of the log, or none of them. They keep their numbers.
    pub fn take_in(&mut self, events: &[Arc<Recorded>]) -> Result<(), StoreError> {
        let taken = take_in(
            &mut self.connection,
            &mut self.ledger.naming,
            &mut self.ledger.heads,
            events,
        );
        let (position, recorded_at) = match taken {
            Ok(end) => end,
            Err(error) => {
                self.roll_back()?;
                return Err(error);
            }
        };
        self.ledger.heads.committed();
        (self.ledger.position, self.ledger.recorded_at) = (position, recorded_at);
        self.committed = (position, recorded_at);
        Ok(())
    }

    fn execute(&self, sql: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(sql)?.execute([]).map(|_| ())
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "it stands where errors are mapped"
)]
fn failed(cause: rusqlite::Error) -> StoreError {
    queries::failure(0, &cause)
}

/// A power cut may take the end of the copy, which is then read from the log again.
fn tune(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "cache_size", -i64::from(WRITER_CACHE_KIB))?;
    connection.pragma_update(None, "journal_size_limit", WAL_KEEP_BYTES.cast_signed())
}

fn remove(path: &Path) -> Result<(), OpenError> {
    for suffix in ["", "-wal", "-shm"] {
        let mut file = path.as_os_str().to_owned();
        file.push(suffix);
        match std::fs::remove_file(PathBuf::from(file)) {
            Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
                return Err(OpenError::io(path, &cause));
            }
            _ => {}
        }
    }
    Ok(())
}
