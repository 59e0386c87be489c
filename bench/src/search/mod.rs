//! `search`: words of several lengths within a room, beside opening every message of the room.

mod fill;
mod plain;
mod stores;
mod words;

use std::time::Instant;

use projections::Page;
use projections::search::Query;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::arguments::{Common, SearchOptions};
use crate::failure::Failure;
use crate::latency::Latencies;
use crate::machine::Machine;
use crate::notes::notes;
use crate::report::{Case, Measured, Report, Run};
use fill::Talk;
use stores::Stores;
use words::Sought;

/// What a client asks for first.
const PAGE: Page = Page { page: 1, size: 20 };

pub async fn run(common: &Common, options: &SearchOptions) -> Result<Report, Failure> {
    let machine = Machine::look();
    let stores = Stores::fresh(common).await?;
    let mut talk = Talk::new(options.rooms);
    let filled = talk.fill(&stores, options.messages).await?;
    let mut cases = vec![Case::of(
        format!("{} messages indexed", options.messages),
        "messages/s",
        &[filled],
    )];
    for sought in Sought::ALL {
        let mut runs = Vec::new();
        for run in 0..common.runs {
            let random = StdRng::seed_from_u64(run.into());
            runs.push(measure(common, &stores, &talk, *sought, random).await?);
        }
        let name = format!("{sought} in a room of {}", options.messages / options.rooms);
        cases.push(Case::of(name, "searches/s", &runs));
    }
    Ok(Report {
        bench: "search",
        engine: common.engine.name(),
        runs: common.runs,
        machine,
        cases,
        notes: notes(common).await?,
    })
}

/// One search after the other, in rooms taken at random.
async fn measure(
    common: &Common,
    stores: &Stores,
    talk: &Talk,
    sought: Sought,
    mut random: StdRng,
) -> Result<Run, Failure> {
    let finder = stores.finder();
    let (mut latencies, mut hits) = (Latencies::new()?, 0);
    let begun = Instant::now();
    while begun.elapsed() < common.seconds {
        let room = talk.room(random.random_range(0..talk.rooms()));
        let said = talk.text_in(room, &mut random);
        let Some(query) = sought.take_from(&said, &mut random) else {
            continue;
        };
        let query = Query::parse(&query).map_err(|cause| Failure::Wrong(cause.to_string()))?;
        let asked = Instant::now();
        let found = finder.find(room.key(), &query, PAGE).await?;
        latencies.record(asked.elapsed());
        if (found.total > 0) != sought.is_there() {
            return Err(Failure::Wrong(format!("{sought}: {} hits", found.total)));
        }
        hits += found.total;
    }
    let took = begun.elapsed();
    let ours = Measured::rate(latencies.count(), took).with(&latencies);
    let mean_hits = Measured::rate(hits, took).rate / ours.rate;
    Ok(Run {
        beside: vec![(
            "opening every message of the room",
            plain::measure(common, stores, talk, sought, random).await?,
        )],
        also: vec![("ms: p95", latencies.percentile(95.0)), ("hits", mean_hits)],
        ours,
    })
}
