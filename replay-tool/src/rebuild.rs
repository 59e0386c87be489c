//! `rebuild`: makes all read models anew from the log, in a file of their own.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use event_store::Position;
use projections::sqlite::TableDigest;
use projections::{RebuildError, StartError, TailError};
use serde::Serialize;

use crate::arguments::{PlaceArguments, RebuildArguments};
use crate::failure::Failure;
use crate::hex::hex;
use crate::place;
use crate::progress::Progress;
use crate::scratch::Scratch;

/// What was made.
#[derive(Debug, Serialize)]
pub struct Report {
    pub into: PathBuf,
    /// The position up to which the log was read.
    pub head: Position,
    pub events: u64,
    pub tables: BTreeMap<String, Table>,
}

/// One table, for comparing two files.
#[derive(Debug, Serialize)]
pub struct Table {
    pub rows: u64,
    /// Over all rows in the order of the primary key, in hexadecimal.
    pub sha256: String,
}

pub async fn rebuild(
    place: &PlaceArguments,
    options: &RebuildArguments,
) -> Result<Report, Failure> {
    let store = place::log(place).await?;
    let keys = place::keys(place).await?;
    let scratch = Scratch::begin(&options.into, &place::live_files(place)?)?;
    let mut bar = None;
    let mut before = 0;
    let made = projections::rebuild(store, keys, scratch.path(), projections::all(), |now| {
        let bar = bar.get_or_insert_with(|| Progress::over(now.head, "rebuilding"));
        bar.passed(now.events - before, now.position);
        before = now.events;
    })
    .await
    .map_err(failure)?;
    if let Some(bar) = bar {
        bar.end();
    }
    if (made.events, made.position) != (made.head, made.head) {
        let (events, position, head) = (made.events, made.position, made.head);
        let reason = format!("{events} events up to position {position}, but the head is {head}");
        return Err(Failure::Poison(reason));
    }
    scratch.finish()?;
    let tables = projections::sqlite::digest(&options.into)
        .map_err(|cause| Failure::Rebuild(cause.to_string()))?;
    Ok(Report {
        into: options.into.clone(),
        head: made.head,
        events: made.events,
        tables: tables
            .into_iter()
            .map(|(name, digest)| (name, table(&digest)))
            .collect(),
    })
}

fn table(digest: &TableDigest) -> Table {
    Table {
        rows: digest.rows,
        sha256: hex(&digest.sha256),
    }
}

/// What is wrong with the log was found; everything else kept the rebuild from running.
pub fn failure(error: RebuildError) -> Failure {
    match error {
        RebuildError::Stopped { .. }
        | RebuildError::Log(TailError::Poison(_) | TailError::Corrupt(_)) => {
            Failure::Poison(error.to_string())
        }
        RebuildError::Start(StartError::Store(cause)) => Failure::Log(cause),
        RebuildError::Start(StartError::Read(_))
        | RebuildError::Read(_)
        | RebuildError::Log(TailError::Ended)
        | RebuildError::Exists(_) => Failure::Rebuild(error.to_string()),
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, table) in &self.tables {
            writeln!(f, "{} {name} ({} rows)", table.sha256, table.rows)?;
        }
        let (events, head, into) = (self.events, self.head, self.into.display());
        write!(f, "{events} events up to position {head} in {into}")
    }
}
