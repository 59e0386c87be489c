//! `tail`: what happens, a line each, as it is recorded, until somebody ends it.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use event_store::keys::KeyStore;
use event_store::{EventStore, Position, Recorded};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::sleep;

use crate::arguments::{PlaceArguments, TailArguments};
use crate::failure::Failure;
use crate::place;
use crate::timeline::entry::Entry;
use crate::timeline::{describe, keys_at_hand, texts};

/// Events of one read.
const PAGE_EVENTS: usize = 500;

/// How often the log is looked at once all of it was told.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// Tells what is recorded, up to `--until` or until it is interrupted.
pub async fn tail(
    place: &PlaceArguments,
    options: &TailArguments,
    json: bool,
) -> Result<(), Failure> {
    let failed = |cause: std::io::Error| Failure::Report(cause.to_string());
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let store = place::log(place).await?;
    let keys = keys_at_hand(place).await?;
    let after = match options.after {
        Some(after) => after,
        None => store.head().await?,
    };
    let telling = Telling {
        store: &*store,
        keys: keys.as_deref(),
        options,
        json,
    };
    tokio::select! {
        told = telling.from(after) => told,
        // That is how it is meant to end.
        _ = interrupt.recv() => Ok(()),
        _ = terminate.recv() => Ok(()),
    }
}

struct Telling<'a> {
    store: &'a dyn EventStore,
    keys: Option<&'a dyn KeyStore>,
    options: &'a TailArguments,
    json: bool,
}

impl Telling<'_> {
    async fn from(&self, mut after: Position) -> Result<(), Failure> {
        let until = self.options.until.unwrap_or(u64::MAX);
        while after < until {
            let page = self.store.read_all(after, PAGE_EVENTS).await?;
            if page.events.is_empty() {
                sleep(LOOK_AGAIN).await;
                continue;
            }
            for event in &page.events {
                if event.position <= until && self.is_wanted(event) {
                    self.line(event)?;
                }
            }
            after = page.scanned_to;
        }
        Ok(())
    }

    fn is_wanted(&self, event: &Recorded) -> bool {
        let (stream, event_type) = (&self.options.stream, &self.options.event_type);
        stream
            .as_deref()
            .is_none_or(|name| event.stream.as_str() == name)
            && event_type
                .as_deref()
                .is_none_or(|name| &*event.event_type == name)
    }

    /// Whoever reads it through a pipe is told at once.
    fn line(&self, event: &Arc<Recorded>) -> Result<(), Failure> {
        let what = describe::describe(event);
        let entry = Entry::new(event, what, texts::closed(event, self.keys));
        let line = if self.json {
            serde_json::to_string(&entry).map_err(|cause| Failure::Report(cause.to_string()))?
        } else {
            entry.to_string()
        };
        let mut out = std::io::stdout().lock();
        writeln!(out, "{line}")
            .and_then(|()| out.flush())
            .map_err(|cause| Failure::Report(cause.to_string()))
    }
}
