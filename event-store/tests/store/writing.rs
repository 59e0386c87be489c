//! Words for tests to write and read a log with.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use event_store::{
    Append, EventStore, Metadata, NewEvent, OpenPart, Position, Recorded, SealKeys, StoreError,
    StreamName, Version, Write,
};
use uuid::Uuid;

/// A UUIDv7 like no other of this process or any other.
pub fn new_id() -> Uuid {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let mut random = [0; 10];
    getrandom::fill(&mut random).unwrap();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    uuid::Builder::from_unix_timestamp_millis(1_763_700_000_000 + count, &random).into_uuid()
}

pub fn new_room() -> StreamName {
    StreamName::new("room", new_id())
}

pub fn said(text: &str) -> NewEvent {
    NewEvent {
        event_id: new_id(),
        dedupe: None,
        event_type: "message.sent".into(),
        event_version: "1.0.0".into(),
        number: None,
        metadata: Metadata {
            actor: Some(new_id()),
            role: "user".into(),
            address: None,
            causation_id: None,
            correlation_id: new_id(),
            fingerprint: None,
        },
        payload: format!("{{\"text\":\"{text}\"}}").into(),
        parts: Vec::new(),
    }
}

/// An event with one part under the key of `subject`, and of `bucket` if there is one.
pub fn whispered(text: &str, subject: &str, bucket: Option<&str>) -> NewEvent {
    let keys = SealKeys {
        subject: subject.into(),
        bucket: bucket.map(Into::into),
    };
    NewEvent {
        parts: vec![OpenPart {
            keys,
            content: text.into(),
        }],
        ..said("")
    }
}

pub fn write(stream: &StreamName, expected: Version, events: Vec<NewEvent>) -> Write {
    Write {
        stream: stream.clone(),
        expected,
        events,
    }
}

pub fn one(write: Write) -> Append {
    Append {
        writes: vec![write],
        requires: Vec::new(),
    }
}

/// Appends events to one stream.
pub async fn append(
    store: &dyn EventStore,
    stream: &StreamName,
    expected: Version,
    events: Vec<NewEvent>,
) -> Result<Vec<Arc<Recorded>>, StoreError> {
    store.append(one(write(stream, expected, events))).await
}

pub fn conflict<T>(stream: &StreamName, actual: Version) -> Result<T, StoreError> {
    Err(StoreError::Conflict {
        stream: stream.clone(),
        actual,
    })
}

/// The whole log, page by page.
pub async fn whole_log(store: &dyn EventStore) -> Vec<Arc<Recorded>> {
    let mut events = Vec::new();
    let mut after = 0;
    loop {
        let page = store.read_all(after, 1_000).await.unwrap();
        if page.events.is_empty() {
            return events;
        }
        after = page.scanned_to;
        events.extend(page.events);
    }
}

/// Positions from 1 to the end, and sequences from 1 in each stream, none left out.
pub fn assert_dense(events: &[Arc<Recorded>]) {
    let mut versions = std::collections::HashMap::new();
    for (position, event) in (1..).zip(events) {
        assert_eq!(event.position, position);
        let version = versions.entry(event.stream.clone()).or_insert(0);
        *version += 1;
        assert_eq!(event.sequence, *version, "of {}", event.stream);
    }
}

pub fn positions(events: &[Arc<Recorded>]) -> Vec<Position> {
    events.iter().map(|event| event.position).collect()
}
