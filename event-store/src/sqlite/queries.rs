//! Reading rows of the log as recorded events.

use std::sync::Arc;

use bytes::Bytes;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, ToSql};
use uuid::Uuid;

use super::dictionary::Dictionary;
use super::stream_key::{self, StreamKey};
use crate::codec;
use crate::database::is_corruption;
use crate::{
    Dedupe, Direction, Page, Position, Recorded, StoreError, StreamName, TypeName, Version,
};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT position, category, key, sequence, event_id, dedupe, type, number, ",
            "recorded_at, metadata, payload, parts FROM events ",
            $rest
        )
    };
}

/// One connection and the names that its rows refer to.
pub(super) struct Reading<'a> {
    pub connection: &'a Connection,
    pub dictionary: &'a Dictionary,
}

impl Reading<'_> {
    /// Sequences are dense: a stretch with a gap is damage, and is not handed on.
    pub fn stream(
        &self,
        stream: &StreamName,
        from: Version,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<Arc<Recorded>>, StoreError> {
        let category = self
            .dictionary
            .category_id(self.connection, stream.category());
        let Some(category) = category.map_err(|cause| failure(0, &cause))? else {
            return Ok(Vec::new());
        };
        let key = StreamKey::of(stream);
        let sql = match direction {
            Direction::Forward => select!(
                "WHERE category = ?1 AND key = ?2 AND sequence >= ?3 ORDER BY sequence LIMIT ?4"
            ),
            Direction::Backward => select!(
                "WHERE category = ?1 AND key = ?2 AND sequence <= ?3
                 ORDER BY sequence DESC LIMIT ?4"
            ),
        };
        let from = i64::try_from(from).unwrap_or(i64::MAX);
        let events = self.rows(
            0,
            sql,
            &[&category, &key.column(stream), &from, &row_limit(limit)],
        )?;
        for pair in events.windows(2) {
            if pair[0].sequence.abs_diff(pair[1].sequence) != 1 {
                let reason = format!("{stream} has a gap beside sequence {}", pair[0].sequence);
                return Err(StoreError::Corrupt {
                    position: pair[0].position,
                    reason,
                });
            }
        }
        Ok(events)
    }

    /// Positions are dense: a page with a gap is damage, and is not handed on.
    pub fn all(&self, after: Position, limit: usize) -> Result<Page, StoreError> {
        let events = self.rows(
            after.saturating_add(1),
            select!("WHERE position > ?1 ORDER BY position LIMIT ?2"),
            &[&i64::try_from(after).unwrap_or(i64::MAX), &row_limit(limit)],
        )?;
        for (position, event) in (after.saturating_add(1)..).zip(&events) {
            if event.position != position {
                let reason = format!("the next event is at {}", event.position);
                return Err(StoreError::Corrupt { position, reason });
            }
        }
        let scanned_to = events.last().map_or(after, |event| event.position);
        Ok(Page { events, scanned_to })
    }

    pub fn at(&self, positions: &[Position]) -> Result<Vec<Arc<Recorded>>, StoreError> {
        let mut events = Vec::with_capacity(positions.len());
        for position in positions {
            let Ok(column) = i64::try_from(*position) else {
                continue;
            };
            events.extend(self.rows(*position, select!("WHERE position = ?1"), &[&column])?);
        }
        Ok(events)
    }

    pub fn outcome(
        &self,
        stream: &StreamName,
        dedupe: Dedupe,
    ) -> Result<Option<Arc<Recorded>>, StoreError> {
        let events = self.rows(0, select!("WHERE dedupe = ?1"), &[&dedupe])?;
        Ok(events.into_iter().find(|event| event.stream == *stream))
    }

    pub fn types(&self) -> Result<Vec<TypeName>, StoreError> {
        let failed = |cause: rusqlite::Error| failure(0, &cause);
        let sql = "SELECT type, version FROM types";
        let mut statement = self.connection.prepare_cached(sql).map_err(failed)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        rows.and_then(Iterator::collect).map_err(failed)
    }

    /// `about` is the position that damage is reported at where none is known.
    fn rows(
        &self,
        about: Position,
        sql: &str,
        parameters: &[&dyn ToSql],
    ) -> Result<Vec<Arc<Recorded>>, StoreError> {
        let failed = |cause: rusqlite::Error| failure(about, &cause);
        let mut statement = self.connection.prepare_cached(sql).map_err(failed)?;
        let mut rows = statement.query(parameters).map_err(failed)?;
        let mut events: Vec<Arc<Recorded>> = Vec::new();
        loop {
            // Damage is met while going on to the row after the last good one.
            let about = events.last().map_or(about, |event| event.position);
            match rows.next().map_err(|cause| failure(about, &cause))? {
                Some(row) => events.push(Arc::new(self.recorded(row)?)),
                None => return Ok(events),
            }
        }
    }

    fn recorded(&self, row: &Row<'_>) -> Result<Recorded, StoreError> {
        let position = row
            .get::<_, i64>(0)
            .map_err(|cause| failure(0, &cause))?
            .cast_unsigned();
        self.columns(row, position).map_err(|error| match error {
            Unreadable::Row(cause @ rusqlite::Error::SqliteFailure(..)) => {
                failure(position, &cause)
            }
            Unreadable::Row(cause) => StoreError::Corrupt {
                position,
                reason: cause.to_string(),
            },
            Unreadable::Column(reason) => StoreError::Corrupt { position, reason },
        })
    }

    fn columns(&self, row: &Row<'_>, position: Position) -> Result<Recorded, Unreadable> {
        let category = self.dictionary.category(self.connection, row.get(1)?)?;
        let (event_type, event_version) =
            self.dictionary.event_type(self.connection, row.get(6)?)?;
        Ok(Recorded {
            position,
            number: row.get::<_, Option<i64>>(7)?.map(i64::cast_unsigned),
            stream: stream_key::stream_name(&category, row.get_ref(2)?)
                .map_err(Unreadable::Column)?,
            sequence: row.get::<_, i64>(3)?.cast_unsigned(),
            event_id: Uuid::from_bytes(row.get(4)?),
            dedupe: row.get(5)?,
            event_type,
            event_version,
            recorded_at: row.get(8)?,
            metadata: codec::decode_metadata(blob(row, 9)?)?,
            payload: Bytes::copy_from_slice(blob(row, 10)?),
            parts: match row.get_ref(11)? {
                ValueRef::Null => Vec::new(),
                _ => codec::decode_parts(blob(row, 11)?)?,
            },
        })
    }
}

enum Unreadable {
    Row(rusqlite::Error),
    Column(String),
}

impl From<rusqlite::Error> for Unreadable {
    fn from(cause: rusqlite::Error) -> Self {
        Self::Row(cause)
    }
}

impl From<&'static str> for Unreadable {
    fn from(reason: &'static str) -> Self {
        Self::Column(reason.to_owned())
    }
}

fn blob<'r>(row: &'r Row<'_>, column: usize) -> Result<&'r [u8], Unreadable> {
    row.get_ref(column)?
        .as_blob()
        .map_err(|cause| Unreadable::Column(cause.to_string()))
}

fn row_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// Position and time of the last event; zeros for an empty log.
pub(super) fn head(connection: &Connection) -> rusqlite::Result<(Position, i64)> {
    use rusqlite::OptionalExtension;
    let last: Option<(i64, i64)> = connection
        .prepare_cached("SELECT position, recorded_at FROM events ORDER BY position DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(last.map_or((0, 0), |(position, at)| (position.cast_unsigned(), at)))
}

pub(super) fn failure(position: Position, cause: &rusqlite::Error) -> StoreError {
    let reason = cause.to_string();
    if is_corruption(cause) {
        StoreError::Corrupt { position, reason }
    } else {
        StoreError::Unavailable(reason)
    }
}
