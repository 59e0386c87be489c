//! One append inside the writer's transaction: checked against the heads, numbered, inserted.

use std::sync::Arc;

use rusqlite::{Connection, ErrorCode};

use super::naming::{Naming, NamingError};
use super::stream_key::StreamKey;
use super::versions::version;
use crate::heads::{Heads, check};
use crate::prepare::{Prepared, PreparedWrite};
use crate::{Position, Recorded, StoreError};

pub(super) const INSERT: &str =
    "INSERT INTO events (position, category, key, sequence, event_id, dedupe,
    type, number, recorded_at, metadata, payload, parts)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";

/// What the writer carries from one append to the next.
pub(super) struct Ledger {
    pub naming: Naming,
    pub heads: Heads,
    /// Of the last event.
    pub position: Position,
    /// Of the last event, in microseconds since the Unix epoch.
    pub recorded_at: i64,
}

/// Why an append was not inserted.
pub(super) enum Refusal {
    /// It alone is at fault, and has left nothing.
    Append(StoreError),
    /// The whole transaction must be rolled back.
    Transaction(rusqlite::Error),
}

impl From<rusqlite::Error> for Refusal {
    fn from(cause: rusqlite::Error) -> Self {
        Self::Transaction(cause)
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Append(error)
    }
}

impl From<NamingError> for Refusal {
    fn from(error: NamingError) -> Self {
        match error {
            NamingError::Full => Self::Append(StoreError::TooLarge(
                "too many categories or types".to_owned(),
            )),
            NamingError::Row(cause) => Self::Transaction(cause),
        }
    }
}

impl Ledger {
    /// Inserts the append's events, or leaves everything as it was.
    pub fn judge(
        &mut self,
        connection: &Connection,
        append: &mut Prepared,
        now: i64,
    ) -> Result<Vec<Arc<Recorded>>, Refusal> {
        let (mark, position, recorded_at) = (self.heads.mark(), self.position, self.recorded_at);
        self.recorded_at = now.max(recorded_at);
        let result = self.insert_all(connection, append);
        if result.is_err() {
            self.heads.back_to(mark);
            let inserted = self.position > position;
            (self.position, self.recorded_at) = (position, recorded_at);
            if let Err(Refusal::Append(_)) = result
                && inserted
            {
                connection
                    .prepare_cached("DELETE FROM events WHERE position > ?1")?
                    .execute([position.cast_signed()])?;
            }
        }
        match result {
            Err(Refusal::Transaction(cause)) if is_constraint(&cause) => {
                Err(self.explain(connection, append, position)?)
            }
            other => other,
        }
    }

    fn insert_all(
        &mut self,
        connection: &Connection,
        append: &mut Prepared,
    ) -> Result<Vec<Arc<Recorded>>, Refusal> {
        for (stream, required) in &append.requires {
            let actual = version(connection, &mut self.naming, &mut self.heads, stream)?;
            check(stream, *required, actual)?;
        }
        let mut recorded = Vec::with_capacity(append.events);
        for write in &mut append.writes {
            self.insert(connection, write, &mut recorded)?;
        }
        Ok(recorded)
    }

    fn insert(
        &mut self,
        connection: &Connection,
        write: &mut PreparedWrite,
        recorded: &mut Vec<Arc<Recorded>>,
    ) -> Result<(), Refusal> {
        // Of a stream that is said to be new, and is not cached, the unique index finds out.
        let actual = match self.heads.cached(&write.stream) {
            None if write.expected == 0 && !write.events.is_empty() => 0,
            Some(version) => version,
            None => version(connection, &mut self.naming, &mut self.heads, &write.stream)?,
        };
        check(&write.stream, write.expected, actual)?;
        let Some(last) = write.events.last() else {
            return Ok(());
        };
        self.heads.set(&write.stream, last.recorded.sequence);
        let category = self.naming.category(connection, write.stream.category())?;
        let key = StreamKey::of(&write.stream);
        let mut insert = connection.prepare_cached(INSERT)?;
        for event in &mut write.events {
            let position = self.position + 1;
            let row = Arc::make_mut(&mut event.recorded);
            row.position = position;
            row.recorded_at = self.recorded_at;
            let event_type =
                self.naming
                    .event_type(connection, &row.event_type, &row.event_version)?;
            insert.execute((
                position.cast_signed(),
                category,
                key.column(&write.stream),
                row.sequence.cast_signed(),
                row.event_id.as_bytes(),
                row.dedupe.as_ref(),
                event_type,
                row.number.map(u64::cast_signed),
                row.recorded_at,
                &*event.metadata,
                &*row.payload,
                event.parts.as_deref(),
            ))?;
            self.position = position;
            recorded.push(event.recorded.clone());
        }
        Ok(())
    }

    /// A unique index refused a row: removes what the append inserted before it, and says which
    /// rule was broken.
    fn explain(
        &mut self,
        connection: &Connection,
        append: &Prepared,
        position: Position,
    ) -> Result<Refusal, rusqlite::Error> {
        connection
            .prepare_cached("DELETE FROM events WHERE position > ?1")?
            .execute([position.cast_signed()])?;
        for write in &append.writes {
            let actual = version(connection, &mut self.naming, &mut self.heads, &write.stream)?;
            if let Err(conflict) = check(&write.stream, write.expected, actual) {
                return Ok(conflict.into());
            }
        }
        Ok(Refusal::Append(StoreError::Duplicate))
    }
}

fn is_constraint(cause: &rusqlite::Error) -> bool {
    cause.sqlite_error_code() == Some(ErrorCode::ConstraintViolation)
}
