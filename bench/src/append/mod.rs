//! `append`: writers that wait for their answers, beside plain batches of the same sizes.

mod measure;
mod plain_postgres;
mod plain_sqlite;
mod postgres_es;

use crate::arguments::{AppendOptions, Common, Engine};
use crate::failure::Failure;
use crate::log::{Home, Log, events_file, folder};
use crate::machine::Machine;
use crate::notes::notes;
use crate::postgres::fresh_database;
use crate::report::{Case, Measured, Report, Run};
use measure::Appended;

pub async fn run(common: &Common, options: &AppendOptions) -> Result<Report, Failure> {
    let machine = Machine::look();
    let mut notes = notes(common).await?;
    if common.engine == Engine::Postgres && options.postgres_es.is_none() {
        notes.push(
            "not measured beside cqrs-es with postgres-es: --postgres-es names no program".into(),
        );
    }
    let mut cases = Vec::new();
    for &writers in &options.writers {
        let mut runs = Vec::new();
        for _ in 0..common.runs {
            runs.push(one(common, options, writers.max(1)).await?);
        }
        cases.push(Case::of(format!("{writers} writers"), "events/s", &runs));
    }
    Ok(Report {
        bench: "append",
        engine: common.engine.name(),
        runs: common.runs,
        machine,
        cases,
        notes,
    })
}

/// Ours, then the other ways, so that all meet the same machine.
async fn one(common: &Common, options: &AppendOptions, writers: usize) -> Result<Run, Failure> {
    let log = Log::fresh(common).await?;
    let ours = measure::measure(&log.store, options.load, writers, common.seconds).await?;
    let mut beside = vec![plain(common, options, log, &ours).await?];
    if let (Engine::Postgres, Some(program)) = (common.engine, &options.postgres_es) {
        let database = fresh_database(common).await?;
        let (url, seconds) = (database.url(), common.seconds);
        let measured = postgres_es::measure(program, &url, writers, seconds, options.load).await?;
        beside.push(("cqrs-es with postgres-es", measured));
    }
    Ok(Run {
        ours: ours.measured,
        beside,
        also: vec![("events a batch", ours.events_a_batch())],
    })
}

/// The same rows in batches of the same sizes, by the engine alone.
async fn plain(
    common: &Common,
    options: &AppendOptions,
    log: Log,
    ours: &Appended,
) -> Result<(&'static str, Measured), Failure> {
    let (streams, batches, seconds) = (options.load.streams, &ours.batches, common.seconds);
    match log.home() {
        Home::Folder(home) => {
            let row = plain_sqlite::Row::sample(&events_file(home.path()))?;
            drop(log);
            let (folder, batches) = (folder(common)?, batches.clone());
            let plain = tokio::task::spawn_blocking(move || {
                plain_sqlite::measure(folder.path(), &row, streams, &batches, seconds)
            });
            Ok(("plain SQLite in batches of the same sizes", plain.await??))
        }
        Home::Database(home) => {
            let row = plain_postgres::Row::sample(&home.url()).await?;
            drop(log);
            let database = fresh_database(common).await?;
            let url = database.url();
            let plain = plain_postgres::measure(&url, &row, streams, batches, seconds).await?;
            Ok(("plain unnest in batches of the same sizes", plain))
        }
    }
}
