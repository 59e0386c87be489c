//! `append`: writers that wait for their answers, beside plain batches of the same sizes.

mod measure;
mod plain_sqlite;

use crate::arguments::{AppendOptions, Common, Engine};
use crate::failure::Failure;
use crate::log::{Log, disk_note, folder};
use crate::machine::Machine;
use crate::report::{Case, Report, Run};

pub async fn run(common: &Common, options: &AppendOptions) -> Result<Report, Failure> {
    let machine = Machine::look();
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
        notes: disk_note(common)?.into_iter().collect(),
    })
}

/// Ours, then the plain way, so that both meet the same machine.
async fn one(common: &Common, options: &AppendOptions, writers: usize) -> Result<Run, Failure> {
    let load = options.load;
    let log = Log::fresh(common)?;
    let ours = measure::measure(&log.store, load, writers, common.seconds).await?;
    let events_a_batch = ours.events_a_batch();
    let mut beside = Vec::new();
    match common.engine {
        Engine::Sqlite => {
            let row = plain_sqlite::Row::sample(&log.events_file())?;
            drop(log);
            let (folder, seconds) = (folder(common)?, common.seconds);
            let plain = tokio::task::spawn_blocking(move || {
                plain_sqlite::measure(folder.path(), &row, load.streams, &ours.batches, seconds)
            });
            beside.push(("plain SQLite in batches of the same sizes", plain.await??));
        }
        Engine::Postgres => {}
    }
    Ok(Run {
        ours: ours.measured,
        beside,
        also: vec![("events a batch", events_a_batch)],
    })
}
