//! The raw limit of catching up in SQLite: every column of every row, page by page, made into nothing.

use std::path::{Path, PathBuf};

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags};
use tokio::task::JoinSet;

use super::PAGE;
use crate::failure::Failure;
use crate::meter::Meter;
use crate::report::Measured;

/// As many readers as there are followers, each with a connection and a thread of its own.
pub async fn measure(log: &Path, readers: usize, events: u64) -> Result<Measured, Failure> {
    let meter = Meter::start()?;
    let mut tasks = JoinSet::new();
    for _ in 0..readers {
        let log = log.to_owned();
        tasks.spawn_blocking(move || read(log));
    }
    while let Some(rows) = tasks.join_next().await {
        let rows = rows??;
        if rows != events {
            return Err(Failure::Wrong(format!("of {events} rows {rows} were read")));
        }
    }
    Ok(Measured::of(events * readers as u64, meter.read()?))
}

fn read(log: PathBuf) -> Result<u64, Failure> {
    let connection = Connection::open_with_flags(log, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut select = connection
        .prepare("SELECT * FROM events WHERE position > ?1 ORDER BY position LIMIT ?2")?;
    let columns = select.column_count();
    let (mut after, mut count) = (0_i64, 0);
    loop {
        let before = count;
        let mut rows = select.query([after, PAGE])?;
        while let Some(row) = rows.next()? {
            let values: Vec<Value> = (0..columns)
                .map(|column| row.get(column))
                .collect::<Result<_, _>>()?;
            if let Some(Value::Integer(position)) = values.first() {
                after = *position;
            }
            count += 1;
        }
        if count == before {
            return Ok(count);
        }
    }
}
