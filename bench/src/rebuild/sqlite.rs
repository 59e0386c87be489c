//! Read models in a SQLite file, by the rebuild that an operator runs.

use std::sync::Arc;

use super::{Rebuilt, plain_sqlite};
use crate::arguments::Common;
use crate::failure::Failure;
use crate::log::{Log, folder};
use crate::meter::Meter;

pub(super) async fn measure(common: &Common, log: &Log, events: u64) -> Result<Rebuilt, Failure> {
    let folder = folder(common)?;
    let path = folder.path().join("read.db");
    let meter = Meter::start()?;
    let (store, keys) = (Arc::clone(&log.store), Arc::clone(&log.keys));
    let done = projections::rebuild(store, keys, &path, projections::all(), |_| ()).await?;
    let spent = meter.read()?;
    if done.events != events {
        let projected = done.events;
        return Err(Failure::Wrong(format!(
            "of {events} events {projected} were projected"
        )));
    }
    let plain = tokio::task::spawn_blocking(move || {
        let rows = plain_sqlite::Rows::of(&path)?;
        let plain_spent = rows.insert(&folder.path().join("plain.db"))?;
        Ok(Rebuilt {
            spent,
            plain: "its rows inserted plainly",
            plain_spent,
            rows: rows.count(),
        })
    });
    plain.await?
}
