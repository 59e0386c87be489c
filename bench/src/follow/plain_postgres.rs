//! The raw limit of catching up in PostgreSQL: every row, page by page, made into nothing.

use tokio::task::JoinSet;

use super::PAGE;
use crate::failure::Failure;
use crate::meter::Meter;
use crate::postgres::connect;
use crate::report::Measured;

/// As many readers as there are followers, each with a connection of its own.
pub async fn measure(url: &str, readers: usize, events: u64) -> Result<Measured, Failure> {
    let meter = Meter::start()?;
    let mut tasks = JoinSet::new();
    for _ in 0..readers {
        tasks.spawn(read(url.to_owned()));
    }
    while let Some(rows) = tasks.join_next().await {
        let rows = rows??;
        if rows != events {
            return Err(Failure::Wrong(format!("of {events} rows {rows} were read")));
        }
    }
    Ok(Measured::of(events * readers as u64, meter.read()?))
}

async fn read(url: String) -> Result<u64, Failure> {
    let client = connect(&url).await?;
    let select = client
        .prepare("SELECT * FROM events WHERE position > $1 ORDER BY position LIMIT $2")
        .await?;
    let (mut after, mut count) = (0_i64, 0);
    loop {
        let rows = client.query(&select, &[&after, &PAGE]).await?;
        let Some(last) = rows.last() else {
            return Ok(count);
        };
        after = last.try_get("position")?;
        count += rows.len() as u64;
    }
}
