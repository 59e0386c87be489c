//! Writing a history into a log.

use std::collections::HashMap;

use domain::Event;
use event_store::{
    Append, EventStore, Metadata, NewEvent, OpenPart, Position, SealKeys, StreamName, Version,
    Write,
};
use uuid::Uuid;

use super::{History, SEED, Scale};
use crate::failure::Failure;

/// Events in one append; each is one flush.
const EVENTS_AT_ONCE: usize = 400;

/// Fills an empty log with at least so many events; the number there is.
pub async fn fill(store: &dyn EventStore, events: u64) -> Result<u64, Failure> {
    let mut history = History::new(SEED, Scale::default());
    let mut versions = HashMap::new();
    while history.position < events {
        let append = gather(&mut history, &mut versions)?;
        store.append(append).await?;
    }
    checked(store, &history).await
}

/// Fills an empty log with a history to its end; `passed` hears of each position before what comes
/// up to it is written. The number of events there is.
pub async fn fill_whole(
    store: &dyn EventStore,
    scale: Scale,
    passed: impl Fn(Position),
) -> Result<u64, Failure> {
    let mut history = History::new(SEED, scale);
    let mut versions = HashMap::new();
    loop {
        let append = gather(&mut history, &mut versions)?;
        if append.writes.is_empty() {
            return checked(store, &history).await;
        }
        passed(history.position);
        store.append(append).await?;
    }
}

/// What happens next, for one append; nothing at its end.
fn gather(
    history: &mut History,
    versions: &mut HashMap<StreamName, Version>,
) -> Result<Append, Failure> {
    let mut append = Append::default();
    let end = history.position + EVENTS_AT_ONCE as u64;
    while history.position < end {
        let decision = history.next();
        if decision.is_empty() {
            break;
        }
        for (stream, event) in decision {
            let event = new_event(history, &event)?;
            write(&mut append, versions, stream, event);
        }
    }
    Ok(append)
}

async fn checked(store: &dyn EventStore, history: &History) -> Result<u64, Failure> {
    let head = store.head().await?;
    if head != history.position {
        let written = history.position;
        return Err(Failure::Wrong(format!(
            "{written} events were written, {head} are there"
        )));
    }
    Ok(head)
}

fn write(
    append: &mut Append,
    versions: &mut HashMap<StreamName, Version>,
    stream: StreamName,
    event: NewEvent,
) {
    let version = versions.entry(stream.clone()).or_default();
    let expected = *version;
    *version += 1;
    match append.writes.last_mut() {
        Some(last) if last.stream == stream => last.events.push(event),
        _ => append.writes.push(Write {
            stream,
            expected,
            events: vec![event],
        }),
    }
}

fn new_event(history: &mut History, event: &Event) -> Result<NewEvent, Failure> {
    let (payload, parts) = event
        .encode()
        .map_err(|cause| Failure::Wrong(format!("{}: {cause}", event.event_type())))?;
    let parts = parts.into_iter().map(|part| OpenPart {
        keys: SealKeys {
            subject: part.keys.subject.to_string().into(),
            bucket: part.keys.bucket.map(|bucket| bucket.to_string().into()),
        },
        content: part.content,
    });
    let event_id = history.id();
    Ok(NewEvent {
        event_id,
        dedupe: None,
        event_type: event.event_type().into(),
        event_version: event.event_version().into(),
        number: None,
        metadata: Metadata {
            actor: Some(Uuid::from_u64_pair(1, 1)),
            role: "user".into(),
            address: None,
            causation_id: None,
            correlation_id: event_id,
            fingerprint: None,
        },
        payload: payload.into(),
        parts: parts.collect(),
    })
}
