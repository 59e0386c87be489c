//! `rebuild`: every read model from the log alone, beside the same rows inserted plainly.

mod plain_postgres;
mod plain_sqlite;
mod postgres;
mod sqlite;

use std::time::Duration;

use crate::arguments::{Common, Engine, RebuildOptions};
use crate::failure::Failure;
use crate::generate;
use crate::log::Log;
use crate::machine::Machine;
use crate::meter::Spent;
use crate::notes::notes;
use crate::report::{Case, Measured, Report, Run};

pub async fn run(common: &Common, options: &RebuildOptions) -> Result<Report, Failure> {
    let machine = Machine::look();
    let log = Log::fresh(common).await?;
    let events = generate::fill(&*log.store, options.events).await?;
    let mut runs = Vec::new();
    for _ in 0..common.runs {
        let rebuilt = match common.engine {
            Engine::Sqlite => sqlite::measure(common, &log, events).await?,
            Engine::Postgres => postgres::measure(common, &log, events).await?,
        };
        runs.push(rebuilt.run(events));
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

/// What each way took.
struct Rebuilt {
    spent: Spent,
    plain: &'static str,
    plain_spent: Spent,
    /// How many there are in the end.
    rows: u64,
}

impl Rebuilt {
    fn run(&self, events: u64) -> Run {
        let per_second = |count| Measured::rate(count, Duration::from_secs(1)).rate;
        Run {
            ours: Measured::of(events, self.spent),
            beside: vec![(self.plain, Measured::of(events, self.plain_spent))],
            also: vec![("rows an event", per_second(self.rows) / per_second(events))],
        }
    }
}
