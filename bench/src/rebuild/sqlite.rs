//! Read models in a SQLite file, by the rebuild that an operator runs.

use std::sync::Arc;
use std::time::Instant;

use super::{Rebuilt, plain_sqlite};
use crate::arguments::Common;
use crate::failure::Failure;
use crate::log::{Log, folder};

pub(super) async fn measure(common: &Common, log: &Log, events: u64) -> Result<Rebuilt, Failure> {
    let folder = folder(common)?;
    let path = folder.path().join("read.db");
    let begin = Instant::now();
    let (store, keys) = (Arc::clone(&log.store), Arc::clone(&log.keys));
    let done = projections::rebuild(store, keys, &path, projections::all(), |_| ()).await?;
    let took = begin.elapsed();
    if done.events != events {
        let projected = done.events;
        return Err(Failure::Wrong(format!(
            "of {events} events {projected} were projected"
        )));
    }
    let plain = tokio::task::spawn_blocking(move || {
        let rows = plain_sqlite::Rows::of(&path)?;
        let plain_took = rows.insert(&folder.path().join("plain.db"))?;
        Ok(Rebuilt {
            took,
            plain: "its rows inserted plainly",
            plain_took,
            rows: rows.count(),
        })
    });
    plain.await?
}
