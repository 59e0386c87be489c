//! The thread that writes: one transaction for a stretch of the log, a savepoint for each
//! projection.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::{Connection, TransactionBehavior, params};
use tokio::sync::{mpsc, oneshot};

use super::boot::Marker;
use super::statement::{self, Texts};
use super::{checkpoint, file};
use crate::value::values;
use crate::{Checkpoint, Failure, ReadError, Sql, Turn, Value};

type Reply<T> = oneshot::Sender<Result<T, ReadError>>;

/// What the writer can be asked for.
pub(super) enum Job {
    Checkpoints(Reply<Vec<Checkpoint>>),
    Reset(&'static str, &'static [&'static str], Reply<()>),
    Execute(Vec<Turn>, Reply<Vec<Failure>>),
}

const FIRST_CHECKPOINT: Sql = Sql::Shared(
    "INSERT INTO checkpoints (projection, version, position, event_id) VALUES ($1, $2, $3, $4)",
);
const NEXT_CHECKPOINT: Sql = Sql::Shared(
    "UPDATE checkpoints SET position = $3, event_id = $4 \
     WHERE projection = $1 AND version = $2 AND position = $5",
);

/// Owns the only connection that writes rows.
pub(super) struct Writer {
    pub connection: Connection,
    pub texts: Texts,
    pub wal_is_long: Arc<AtomicBool>,
    pub dirty: Arc<AtomicBool>,
    pub marker: Option<Marker>,
}

/// What is written at most before the WAL begins again, even if the thread that watches it has had
/// no time to look.
const MAX_WRITTEN_BYTES: u64 = 64 * 1024 * 1024;

/// What is written before that is tried again, where somebody was in the way.
const WRITTEN_BEFORE_RETRY_BYTES: u64 = 4 * 1024 * 1024;

/// What turns bring in texts and bytes; a bound from below of what the WAL grows by.
fn bytes_of(turns: &[Turn]) -> u64 {
    let statements = turns.iter().flat_map(|turn| turn.batch.statements());
    let values = statements.flat_map(|statement| &statement.parameters);
    values
        .map(|value| match value {
            Value::Text(text) => text.len() as u64,
            Value::Blob(bytes) => bytes.len() as u64,
            Value::Null | Value::Int(_) | Value::Real(_) => 8,
        })
        .sum()
}

/// Why one turn did not work out.
enum TurnError {
    /// It alone is left out.
    Failed(Failure),
    /// Nothing can be written.
    Unavailable(rusqlite::Error),
}

impl Writer {
    /// Until nobody can ask any more.
    pub fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        let mut written = 0;
        while let Some(job) = jobs.blocking_recv() {
            match job {
                Job::Checkpoints(reply) => self.answer(reply, |writer| writer.checkpoints()),
                Job::Reset(projection, tables, reply) => {
                    self.answer(reply, |writer| writer.reset(projection, tables));
                }
                Job::Execute(turns, reply) => {
                    written += bytes_of(&turns);
                    self.answer(reply, |writer| writer.execute(&turns));
                }
            }
            let is_long = self.wal_is_long.swap(false, Ordering::AcqRel);
            if is_long || written >= MAX_WRITTEN_BYTES {
                match checkpoint::restart(&self.connection) {
                    Ok(true) => written = 0,
                    Ok(false) => written = MAX_WRITTEN_BYTES - WRITTEN_BEFORE_RETRY_BYTES,
                    Err(cause) => {
                        written = 0;
                        tracing::warn!(%cause, "the WAL of the read models could not begin again");
                    }
                }
            }
        }
    }

    fn answer<T>(&mut self, reply: Reply<T>, work: impl FnOnce(&mut Self) -> rusqlite::Result<T>) {
        let result = work(self).map_err(|cause| {
            self.note_damage(&cause);
            statement::read_error(&cause)
        });
        self.dirty.store(true, Ordering::Release);
        // An error says that the asker went away; what was written stays.
        let _went_away = reply.send(result);
    }

    /// A damaged file is thrown away at the next start.
    fn note_damage(&self, cause: &rusqlite::Error) {
        if !file::is_damage(cause) {
            return;
        }
        tracing::error!(%cause, "the read models are damaged; a restart rebuilds them");
        if let Some(Err(cause)) = self.marker.as_ref().map(Marker::write_damaged) {
            tracing::error!(%cause, "and that could not be noted");
        }
    }

    fn checkpoints(&self) -> rusqlite::Result<Vec<Checkpoint>> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT projection, version, position, event_id FROM checkpoints")?;
        let rows = statement.query_map([], |row| {
            Ok(Checkpoint {
                projection: row.get(0)?,
                version: row.get(1)?,
                position: row.get::<_, i64>(2)?.try_into().unwrap_or_default(),
                event_id: uuid::Uuid::from_bytes(row.get(3)?),
            })
        })?;
        rows.collect()
    }

    fn reset(&mut self, projection: &str, tables: &'static [&'static str]) -> rusqlite::Result<()> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        for table in tables {
            transaction.execute_batch(&format!("DROP TABLE IF EXISTS {table}"))?;
        }
        transaction.execute(
            "DELETE FROM checkpoints WHERE projection = ?1",
            params![projection],
        )?;
        if let Some(tables) = migrations::read::sqlite(projection) {
            transaction.execute_batch(tables)?;
        }
        transaction.commit()
    }

    fn execute(&mut self, turns: &[Turn]) -> rusqlite::Result<Vec<Failure>> {
        let mut transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut failures = Vec::new();
        for turn in turns {
            let savepoint = transaction.savepoint()?;
            match take(&savepoint, &mut self.texts, turn) {
                Ok(()) => savepoint.commit()?,
                Err(TurnError::Failed(failure)) => {
                    savepoint.finish()?;
                    failures.push(failure);
                }
                Err(TurnError::Unavailable(cause)) => return Err(cause),
            }
        }
        transaction.commit()?;
        Ok(failures)
    }
}

/// Executes what one projection writes and moves its checkpoint.
fn take(connection: &Connection, texts: &mut Texts, turn: &Turn) -> Result<(), TurnError> {
    let failed = |position, reason: String| {
        TurnError::Failed(Failure {
            projection: turn.projection,
            position,
            reason,
        })
    };
    for one in turn.batch.statements() {
        texts
            .prepare(connection, one.sql)
            .and_then(|mut statement| {
                statement.execute(rusqlite::params_from_iter(&one.parameters))
            })
            .map_err(|cause| {
                if statement::is_the_statements_fault(&cause) {
                    failed(Some(one.position), cause.to_string())
                } else {
                    TurnError::Unavailable(cause)
                }
            })?;
    }
    let mut values = values![turn.projection, turn.version, turn.to, turn.event_id];
    let sql = if turn.from == 0 {
        FIRST_CHECKPOINT
    } else {
        values.push(turn.from.into());
        NEXT_CHECKPOINT
    };
    let moved = texts
        .prepare(connection, sql)
        .and_then(|mut statement| statement.execute(rusqlite::params_from_iter(&values)));
    match moved {
        Ok(1) => Ok(()),
        Err(cause) if !statement::is_the_statements_fault(&cause) => {
            Err(TurnError::Unavailable(cause))
        }
        Ok(_) | Err(_) => {
            let reason = format!(
                "its checkpoint is not at {}: does another one write?",
                turn.from
            );
            Err(failed(None, reason))
        }
    }
}
