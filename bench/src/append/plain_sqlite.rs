//! The raw limit of the embedded log: one thread, one table, the same rows in the same batches.

use std::path::Path;
use std::time::Duration;

use api::clock::{Ids, SystemIds};
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::meter::Meter;
use crate::report::Measured;

const TABLES: &str = include_str!("../../../migrations/events/sqlite/0001_log.sql");

/// Memory for pages, the same as the log's writer has, in KiB.
const CACHE_KIB: i64 = 32 * 1024;

/// What a row of the log holds besides its keys and numbers.
#[derive(Debug, Clone)]
pub struct Row {
    metadata: Vec<u8>,
    payload: Vec<u8>,
}

impl Row {
    /// One that the log itself wrote.
    pub fn sample(log: &Path) -> Result<Self, Failure> {
        let sql = "SELECT metadata, payload FROM events LIMIT 1";
        Ok(Connection::open(log)?.query_row(sql, [], |row| {
            Ok(Self {
                metadata: row.get(0)?,
                payload: row.get(1)?,
            })
        })?)
    }
}

/// Inserts batches of these sizes, again from the first after the last, for so long.
pub fn measure(
    folder: &Path,
    row: &Row,
    streams: usize,
    batches: &[usize],
    seconds: Duration,
) -> Result<Measured, Failure> {
    let connection = Connection::open(folder.join("plain.db"))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.execute_batch(TABLES)?;
    let mut streams: Vec<([u8; 16], i64)> = (0..streams.max(1))
        .map(|_| (SystemIds.next().into_bytes(), 0))
        .collect();
    let mut insert = connection.prepare(
        "INSERT INTO events (position, category, key, sequence, event_id, dedupe, type, number,
             recorded_at, metadata, payload, parts)
         VALUES (?1, 1, ?2, ?3, ?4, NULL, 1, NULL, ?5, ?6, ?7, NULL)",
    )?;
    let mut begin_batch = connection.prepare("BEGIN IMMEDIATE")?;
    let mut commit = connection.prepare("COMMIT")?;
    let meter = Meter::start()?;
    let (mut position, mut turn) = (0_i64, 0);
    for size in batches.iter().cycle() {
        if meter.begin.elapsed() >= seconds {
            break;
        }
        begin_batch.execute([])?;
        for _ in 0..*size {
            position += 1;
            let place = turn % streams.len();
            turn += 1;
            let (key, sequence) = &mut streams[place];
            *sequence += 1;
            let event_id = SystemIds.next();
            insert.execute(params![
                position,
                *key,
                *sequence,
                event_id.as_bytes(),
                position,
                row.metadata,
                row.payload,
            ])?;
        }
        commit.execute([])?;
    }
    Ok(Measured::of(position.unsigned_abs(), meter.read()?))
}
