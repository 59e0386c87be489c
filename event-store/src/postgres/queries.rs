//! Reading the log by connections of a pool.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::Connections;
use super::failure::failure;
use super::row::{all_recorded, columns, recorded};
use super::stream_id::aggregate_id;
use crate::feed::Pages;
use crate::{Dedupe, Direction, Page, Position, Recorded, StoreError, StreamName, Version};

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT ", columns!(), " FROM events ", $rest)
    };
}

/// Positions in one question to the server.
const ASKED_AT_ONCE: usize = 512;

/// The log, to read.
#[derive(Clone)]
pub(super) struct Queries {
    pub connections: Connections,
}

impl Queries {
    /// Sequences are dense: a stretch with a gap is damage, and is not handed on.
    pub async fn stream(
        &self,
        stream: &StreamName,
        from: Version,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<Arc<Recorded>>, StoreError> {
        let sql = match direction {
            Direction::Forward => select!(
                "WHERE aggregate_type = $1 AND aggregate_id = $2 AND sequence >= $3
                 ORDER BY sequence LIMIT $4"
            ),
            Direction::Backward => select!(
                "WHERE aggregate_type = $1 AND aggregate_id = $2 AND sequence <= $3
                 ORDER BY sequence DESC LIMIT $4"
            ),
        };
        let key = aggregate_id(stream);
        let from = i64::try_from(from).unwrap_or(i64::MAX);
        let rows = self
            .rows(
                0,
                sql,
                &[&stream.category(), &key, &from, &row_limit(limit)],
            )
            .await?;
        let events = all_recorded(&rows)?;
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
    pub async fn all(&self, after: Position, limit: usize) -> Result<Page, StoreError> {
        let rows = self
            .rows(
                after.saturating_add(1),
                select!("WHERE position > $1 ORDER BY position LIMIT $2"),
                &[&i64::try_from(after).unwrap_or(i64::MAX), &row_limit(limit)],
            )
            .await?;
        let events = all_recorded(&rows)?;
        for (position, event) in (after.saturating_add(1)..).zip(&events) {
            if event.position != position {
                let reason = format!("the next event is at {}", event.position);
                return Err(StoreError::Corrupt { position, reason });
            }
        }
        let scanned_to = events.last().map_or(after, |event| event.position);
        Ok(Page { events, scanned_to })
    }

    pub async fn at(&self, positions: &[Position]) -> Result<Vec<Arc<Recorded>>, StoreError> {
        let mut events = Vec::with_capacity(positions.len());
        for asked in positions.chunks(ASKED_AT_ONCE) {
            let columns: Vec<i64> = asked
                .iter()
                .filter_map(|position| i64::try_from(*position).ok())
                .collect();
            let about = asked.first().copied().unwrap_or_default();
            let rows = self
                .rows(about, select!("WHERE position = ANY($1)"), &[&columns])
                .await?;
            let found = all_recorded(&rows)?;
            let found: HashMap<Position, Arc<Recorded>> = found
                .into_iter()
                .map(|event| (event.position, event))
                .collect();
            events.extend(
                asked
                    .iter()
                    .filter_map(|position| found.get(position).cloned()),
            );
        }
        Ok(events)
    }

    pub async fn outcome(
        &self,
        stream: &StreamName,
        dedupe: Dedupe,
    ) -> Result<Option<Arc<Recorded>>, StoreError> {
        let rows = self
            .rows(0, select!("WHERE dedupe = $1"), &[&dedupe.as_slice()])
            .await?;
        let event = rows.first().map(recorded).transpose()?;
        Ok(event.filter(|event| event.stream == *stream).map(Arc::new))
    }

    /// The last position that is committed.
    pub async fn head(&self) -> Result<Position, StoreError> {
        let rows = self
            .rows(
                0,
                "SELECT position FROM events ORDER BY position DESC LIMIT 1",
                &[],
            )
            .await?;
        match rows.first().map(|row| row.try_get::<_, i64>(0)) {
            None => Ok(0),
            Some(Ok(position)) => Ok(position.cast_unsigned()),
            Some(Err(cause)) => Err(failure(0, &cause)),
        }
    }

    /// `about` is the position that damage is reported at where none is known.
    async fn rows(
        &self,
        about: Position,
        sql: &str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, StoreError> {
        let client = self.connections.get().await?;
        let failed = |cause| failure(about, &cause);
        let statement = client.prepare_cached(sql).await.map_err(failed)?;
        client.query(&statement, parameters).await.map_err(failed)
    }
}

#[async_trait]
impl Pages for Queries {
    async fn page(&self, after: Position, limit: usize) -> Result<Page, StoreError> {
        self.all(after, limit).await
    }
}

fn row_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
