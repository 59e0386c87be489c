//! `follow`: followers that catch up, and followers that hear what is just being appended.

mod bare;
mod catch_up;
mod live;
mod plain_postgres;
mod plain_sqlite;
mod times;

use crate::arguments::{Common, FollowOptions};
use crate::failure::Failure;
use crate::generate;
use crate::log::{Home, Log, events_file};
use crate::machine::Machine;
use crate::notes::notes;
use crate::report::{Case, Report, Run};

/// Rows in one page of the plain way, as many as a follower reads.
const PAGE: i64 = 512;

pub async fn run(common: &Common, options: &FollowOptions) -> Result<Report, Failure> {
    let machine = Machine::look();
    let log = Log::fresh(common).await?;
    let events = generate::fill(&*log.store, options.events).await?;
    let mut cases = Vec::new();
    for &followers in &options.followers {
        let mut runs = Vec::new();
        for _ in 0..common.runs {
            runs.push(catching_up(&log, followers.max(1), events).await?);
        }
        let name = format!("{followers} catching up");
        cases.push(Case::of(name, "events/s", &runs));
    }
    drop(log);
    for &followers in &options.followers {
        let mut runs = Vec::new();
        for _ in 0..common.runs {
            runs.push(living(common, options, followers.max(1)).await?);
        }
        let name = format!("{followers} beside {} writers", options.writers);
        cases.push(Case::of(name, "events/s", &runs));
    }
    Ok(Report {
        bench: "follow",
        engine: common.engine.name(),
        runs: common.runs,
        machine,
        cases,
        notes: notes(common).await?,
    })
}

async fn catching_up(log: &Log, followers: usize, events: u64) -> Result<Run, Failure> {
    let ours = catch_up::measure(&log.store, followers, events).await?;
    let plain = match log.home() {
        Home::Folder(home) => {
            plain_sqlite::measure(&events_file(home.path()), followers, events).await?
        }
        Home::Database(home) => plain_postgres::measure(&home.url(), followers, events).await?,
    };
    Ok(Run {
        ours,
        beside: vec![("plain pages of rows", plain)],
        also: Vec::new(),
    })
}

async fn living(
    common: &Common,
    options: &FollowOptions,
    followers: usize,
) -> Result<Run, Failure> {
    let log = Log::fresh(common).await?;
    let (writers, seconds) = (options.writers.max(1), common.seconds);
    let ours = live::measure(&log.store, options.load, writers, followers, seconds).await?;
    drop(log);
    let plain = bare::measure(writers, followers, seconds).await?;
    Ok(Run {
        ours,
        beside: vec![("a broadcast that stores nothing", plain)],
        also: Vec::new(),
    })
}
