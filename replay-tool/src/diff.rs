//! `diff`: makes the read models anew beside the live ones, as far as these have come, and
//! compares them row by row.

mod compare;
mod cursor;
mod difference;
mod judge;
mod live;
mod projecting;
mod report;
mod snapshot;
mod table;
mod witness;

use std::collections::BTreeMap;

use event_store::Position;
use projections::Projection;
use tempfile::TempDir;
use tokio::signal::unix::{SignalKind, signal};

use crate::arguments::PlaceArguments;
use crate::failure::Failure;
use crate::place;
use compare::Comparison;
use judge::judge;
use live::Live;
use projecting::{Log, Projecting};
pub use report::Report;
use snapshot::FileSnapshot;

/// Compares the live read models with the log.
pub async fn diff(place: &PlaceArguments) -> Result<Report, Failure> {
    let failed = |cause: std::io::Error| Failure::Temporary(cause.to_string());
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    // Removed with all it holds when it is dropped, also where a signal ends the work.
    let folder = TempDir::with_prefix("maeum-diff-").map_err(failed)?;
    tokio::select! {
        report = diff_in(place, &folder) => report,
        _ = interrupt.recv() => Err(Failure::Interrupted),
        _ = terminate.recv() => Err(Failure::Interrupted),
    }
}

async fn diff_in(place: &PlaceArguments, folder: &TempDir) -> Result<Report, Failure> {
    let log = Log {
        store: place::log(place).await?,
        keys: place::keys(place).await?,
    };
    let live = Live::at(&place::read_location(place)?)?;
    // The live read models move on meanwhile; the rest, which is little, follows when they are
    // held fast, so that they are not held for long.
    let early = judge(&log, live.snapshot().await?.checkpoints().await?).await?;
    let path = folder.path().join("rebuilt.db");
    let mut rebuilt = Projecting::begin(&log, &path, projections::all()).await?;
    rebuilt.up_to(&early.positions, "rebuilding").await?;

    let mut snapshot = live.snapshot().await?;
    let standing = judge(&log, snapshot.checkpoints().await?).await?;
    rebuilt.up_to(&standing.positions, "catching up").await?;
    let mut scratch = FileSnapshot::open(&path)?;
    let mut comparison = Comparison::default();
    for (projection, table) in tables_of(&standing.positions) {
        let table = scratch.table(table)?;
        comparison
            .table(projection, &table, &mut scratch, &mut *snapshot)
            .await?;
    }
    drop(snapshot);
    let path = folder.path().join("witness.db");
    witness::testify(&log, &path, &standing.positions, &mut comparison.shown).await?;
    Ok(Report::new(standing, comparison))
}

/// The tables of the projections that can be compared.
fn tables_of(positions: &BTreeMap<&'static str, Position>) -> Vec<(&'static str, &'static str)> {
    let known: Vec<Box<dyn Projection>> = projections::all();
    let compared = known
        .iter()
        .filter(|projection| positions.contains_key(projection.name()));
    compared
        .flat_map(|projection| {
            let name = projection.name();
            projection.tables().iter().map(move |table| (name, *table))
        })
        .collect()
}
