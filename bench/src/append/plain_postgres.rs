//! The raw limit of the log in PostgreSQL: one connection, one table, one statement a batch.

use std::time::Duration;

use api::clock::{Ids, SystemIds};
use tokio_postgres::Client;

use crate::events::CATEGORY;
use crate::failure::Failure;
use crate::meter::Meter;
use crate::postgres::connect;
use crate::report::Measured;

const TABLES: &str = include_str!("../../../migrations/events/postgres/0001_log.sql");

/// What differs from row to row comes in columns.
const INSERT: &str = "INSERT INTO events (position, aggregate_type, aggregate_id, sequence,
        event_id, event_type, event_version, recorded_at, payload, metadata)
    SELECT position, $5::text, aggregate_id, sequence, event_id, 'bench.appended', '1.0.0',
        position, $6::text::json, $7::text::json
    FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::uuid[])
        AS rows (position, aggregate_id, sequence, event_id)";

/// What a row of the log holds besides its keys and numbers.
#[derive(Debug, Clone)]
pub struct Row {
    payload: String,
    metadata: String,
}

impl Row {
    /// One that the log itself wrote.
    pub async fn sample(url: &str) -> Result<Self, Failure> {
        let sql = "SELECT payload::text, metadata::text FROM events LIMIT 1";
        let row = connect(url).await?.query_one(sql, &[]).await?;
        Ok(Self {
            payload: row.try_get(0)?,
            metadata: row.try_get(1)?,
        })
    }
}

/// The columns of one batch.
#[derive(Default)]
struct Columns {
    positions: Vec<i64>,
    streams: Vec<String>,
    sequences: Vec<i64>,
    event_ids: Vec<uuid::Uuid>,
}

/// Inserts batches of these sizes, again from the first after the last, for so long.
pub async fn measure(
    url: &str,
    row: &Row,
    streams: usize,
    batches: &[usize],
    seconds: Duration,
) -> Result<Measured, Failure> {
    let client: Client = connect(url).await?;
    client.batch_execute(TABLES).await?;
    let insert = client.prepare(INSERT).await?;
    let mut streams: Vec<(String, i64)> = (0..streams.max(1))
        .map(|_| (SystemIds.next().to_string(), 0))
        .collect();
    let meter = Meter::start()?;
    let (mut position, mut turn) = (0_i64, 0);
    for size in batches.iter().cycle() {
        if meter.begin.elapsed() >= seconds {
            break;
        }
        let mut columns = Columns::default();
        for _ in 0..*size {
            position += 1;
            let place = turn % streams.len();
            turn += 1;
            let (stream, sequence) = &mut streams[place];
            *sequence += 1;
            columns.positions.push(position);
            columns.streams.push(stream.clone());
            columns.sequences.push(*sequence);
            columns.event_ids.push(SystemIds.next());
        }
        // One statement is one transaction, and on disk when it is answered.
        client
            .execute(
                &insert,
                &[
                    &columns.positions,
                    &columns.streams,
                    &columns.sequences,
                    &columns.event_ids,
                    &CATEGORY,
                    &row.payload,
                    &row.metadata,
                ],
            )
            .await?;
    }
    Ok(Measured::of(position.unsigned_abs(), meter.read()?))
}
