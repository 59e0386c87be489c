//! Without an index: every message of the room is read, opened and looked through.

use std::time::Instant;

use domain::MessageBody;
use projections::{Page, messages};
use rand::RngExt;
use rand::rngs::StdRng;

use super::fill::Talk;
use super::stores::Stores;
use super::words::Sought;
use crate::arguments::Common;
use crate::failure::Failure;
use crate::latency::Latencies;
use crate::report::Measured;

/// Messages that are read at once.
const PAGE: u32 = 1_000;

pub(super) async fn measure(
    common: &Common,
    stores: &Stores,
    talk: &Talk,
    sought: Sought,
    mut random: StdRng,
) -> Result<Measured, Failure> {
    let mut latencies = Latencies::new()?;
    let begun = Instant::now();
    while begun.elapsed() < common.seconds {
        let room = talk.room(random.random_range(0..talk.rooms()));
        let said = talk.text_in(room, &mut random);
        let Some(query) = sought.take_from(&said, &mut random) else {
            continue;
        };
        let asked = Instant::now();
        let found = count(stores, room.key().number, &query).await?;
        latencies.record(asked.elapsed());
        if (found > 0) != sought.is_there() {
            return Err(Failure::Wrong(format!("{sought}: {found} texts")));
        }
    }
    Ok(Measured::rate(latencies.count(), begun.elapsed()).with(&latencies))
}

async fn count(stores: &Stores, room: u64, query: &str) -> Result<u64, Failure> {
    let mut found = 0;
    for page in 1.. {
        let page = Page { page, size: PAGE };
        let rows = messages::page(&*stores.read, room, page).await?;
        for row in &rows {
            let Some(body) = &row.body else { continue };
            let body = body.open::<MessageBody>(&*stores.keys);
            let body = body.map_err(|cause| Failure::Wrong(cause.to_string()))?;
            found += u64::from(body.is_some_and(|body| body.text.contains(query)));
        }
        if rows.len() < usize::try_from(PAGE).unwrap_or_default() {
            break;
        }
    }
    Ok(found)
}
