//! `rebuild`: every read model from the log alone, beside the same rows inserted plainly.

mod plain_sqlite;

use std::sync::Arc;
use std::time::Instant;

use crate::arguments::{Common, Engine, RebuildOptions};
use crate::failure::Failure;
use crate::generate;
use crate::log::{Log, folder};
use crate::machine::Machine;
use crate::notes::notes;
use crate::report::{Case, Measured, Report, Run};

pub async fn run(common: &Common, options: &RebuildOptions) -> Result<Report, Failure> {
    let machine = Machine::look();
    let log = Log::fresh(common).await?;
    let events = generate::fill(&*log.store, options.events).await?;
    let mut runs = Vec::new();
    for _ in 0..common.runs {
        runs.push(one(common, &log, events).await?);
    }
    Ok(Report {
        bench: "rebuild",
        engine: common.engine.name(),
        runs: common.runs,
        machine,
        cases: vec![Case::of(format!("{events} events"), "events/s", &runs)],
        notes: notes(common).await?,
    })
}

async fn one(common: &Common, log: &Log, events: u64) -> Result<Run, Failure> {
    match common.engine {
        Engine::Sqlite => sqlite(common, log, events).await,
        Engine::Postgres => Err(Failure::Asked("there is no PostgreSQL log yet".to_owned())),
    }
}

async fn sqlite(common: &Common, log: &Log, events: u64) -> Result<Run, Failure> {
    let folder = folder(common)?;
    let path = folder.path().join("read.db");
    let begin = Instant::now();
    let (store, keys) = (Arc::clone(&log.store), Arc::clone(&log.keys));
    let done = projections::rebuild(store, keys, &path, projections::all(), |_| ()).await?;
    let ours = Measured::rate(events, begin.elapsed());
    if done.events != events {
        let projected = done.events;
        return Err(Failure::Wrong(format!(
            "of {events} events {projected} were projected"
        )));
    }
    let plain = tokio::task::spawn_blocking(move || {
        let rows = plain_sqlite::Rows::of(&path)?;
        let took = rows.insert(&folder.path().join("plain.db"))?;
        Ok::<_, Failure>((rows.count(), took))
    });
    let (rows, took) = plain.await??;
    let plain = Measured::rate(events, took);
    let per_event = Measured::rate(rows, std::time::Duration::from_secs(1)).rate
        / Measured::rate(events, std::time::Duration::from_secs(1)).rate;
    Ok(Run {
        ours,
        beside: vec![("its rows inserted plainly", plain)],
        also: vec![("rows an event", per_event)],
    })
}
