//! `timeline`: what happened to a consultation, a room, a person or a stream, as an auditor reads
//! it. Texts come from the server, which records the reading first, and are never opened here.

pub mod describe;
pub mod entry;
mod output;
mod related;
pub mod subject;
pub mod texts;

use std::collections::HashMap;
use std::sync::Arc;

use event_store::keys::KeyStore;
use event_store::{EventStore, Position, Recorded};

use crate::arguments::{PlaceArguments, TimelineArguments};
use crate::failure::Failure;
use crate::place;
use crate::scan::{Met, scan};
use entry::Entry;
use output::Output;
use related::Related;
use subject::Subject;
use texts::{Server, Text};

/// Events that are told, and whose texts are asked for, at a time.
const EVENTS_AT_ONCE: usize = 500;

/// What belongs to a timeline.
#[derive(Default)]
struct Found {
    positions: Vec<Position>,
    /// Positions with nothing that can be read, which may belong to it as well.
    unreadable: u64,
    head: Position,
}

/// Tells a timeline; false if there is nothing to tell.
pub async fn timeline(
    place: &PlaceArguments,
    options: &TimelineArguments,
    json: bool,
) -> Result<bool, Failure> {
    let server = Server::of(&options.texts)?;
    let store = place::log(place).await?;
    let subject = subject::find(&*store, place, options.of, &options.id).await?;
    let found = match &subject {
        Some(subject) => walk(&*store, subject).await?,
        None => Found::default(),
    };
    let keys = keys_at_hand(place).await?;
    let name = subject
        .as_ref()
        .map_or_else(|| options.named(), Subject::name);
    let mut output = Output::begin(json, options.of, &name)?;
    for positions in found.positions.chunks(EVENTS_AT_ONCE) {
        let events = store.read_positions(positions).await?;
        let texts = match &server {
            Some(server) => server.texts(&events).await?,
            None => HashMap::new(),
        };
        for event in &events {
            output.entry(&entry(event, keys.as_deref(), &texts))?;
        }
    }
    output.end(found.head, found.unreadable, keys.is_some())?;
    Ok(!found.positions.is_empty())
}

async fn walk(store: &dyn EventStore, subject: &Subject) -> Result<Found, Failure> {
    let mut found = Found::default();
    let mut related = Related::to(subject);
    found.head = scan(store, "looking", |met| match met {
        Met::Event(event) => {
            if related.takes(&event) {
                found.positions.push(event.position);
            }
        }
        Met::Missing { from, to } => found.unreadable += to - from + 1,
        Met::Unreadable { .. } => found.unreadable += 1,
    })
    .await?;
    Ok(found)
}

/// The keys, to tell what was erased; none where they are not here, or their master is not.
pub async fn keys_at_hand(place: &PlaceArguments) -> Result<Option<Arc<dyn KeyStore>>, Failure> {
    if !place::has_keys(place)? {
        return Ok(None);
    }
    match place::keys(place).await {
        Ok(keys) => Ok(Some(keys)),
        Err(Failure::Missing { .. } | Failure::Master { .. }) if place.key_store.is_none() => {
            Ok(None)
        }
        Err(failure) => Err(failure),
    }
}

fn entry(
    event: &Arc<Recorded>,
    keys: Option<&dyn KeyStore>,
    texts: &HashMap<Position, Vec<Text>>,
) -> Entry {
    let what = describe::describe(event);
    let texts = match texts.get(&event.position) {
        Some(texts) => texts.clone(),
        None => texts::closed(event, keys),
    };
    Entry::new(event, what, texts)
}
