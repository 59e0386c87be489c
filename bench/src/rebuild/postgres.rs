//! Read models in a PostgreSQL schema, by the projector of a server that begins with none.

use std::sync::Arc;
use std::time::Duration;

use event_store::postgres::PostgresUrl;
use projections::postgres::{PostgresReadOptions, PostgresReadStore};
use projections::{Projector, Tail};

use super::{Rebuilt, plain_postgres};
use crate::arguments::Common;
use crate::failure::Failure;
use crate::log::Log;
use crate::meter::Meter;
use crate::postgres::fresh_database;

/// Longer than any log that is measured takes.
const PATIENCE: Duration = Duration::from_hours(1);

pub(super) async fn measure(common: &Common, log: &Log, events: u64) -> Result<Rebuilt, Failure> {
    let database = fresh_database(common).await?;
    let url: PostgresUrl = database.url().parse()?;
    let read = PostgresReadStore::open(&url, &PostgresReadOptions::default()).await?;
    let read = Arc::new(read);
    let (store, keys) = (Arc::clone(&log.store), Arc::clone(&log.keys));
    let tail = Tail::start(store, keys, events);
    let meter = Meter::start()?;
    let projector = Projector::start(&tail, Arc::clone(&read) as _, projections::all()).await?;
    let passed = projector.wait_for(events, PATIENCE).await;
    let spent = meter.read()?;
    projector.stop().await;
    if !passed {
        let status = projector.status();
        return Err(Failure::Wrong(format!("the projector stopped: {status:?}")));
    }
    read.close().await;
    let rows = plain_postgres::Rows::of(&database.url()).await?;
    drop(database);
    let database = fresh_database(common).await?;
    Ok(Rebuilt {
        spent,
        plain: "its rows by COPY",
        plain_spent: rows.copy_in(&database.url()).await?,
        rows: rows.count(),
    })
}
