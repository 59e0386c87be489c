//! Events of a given size for streams that are shared out among writers.

use api::clock::{Ids, SystemIds};
use event_store::{Append, Metadata, NewEvent, StreamName, Version, Write};
use uuid::Uuid;

use crate::arguments::Load;

/// The category of the streams that are appended to.
pub const CATEGORY: &str = "bench";

/// The streams of one writer and what it appends to them, one event at a time.
#[derive(Debug)]
pub struct Writer {
    streams: Vec<(StreamName, Version)>,
    payload: bytes::Bytes,
    actor: Uuid,
    turn: usize,
}

/// Shares the streams of a load out among `count` writers, at least one to each.
pub fn writers(load: Load, count: usize) -> Vec<Writer> {
    let each = load.streams.div_ceil(count).max(1);
    (0..count)
        .map(|_| Writer {
            streams: (0..each)
                .map(|_| (StreamName::new(CATEGORY, SystemIds.next()), 0))
                .collect(),
            payload: payload(load.bytes),
            actor: SystemIds.next(),
            turn: 0,
        })
        .collect()
}

impl Writer {
    /// The next append: one event, to the stream whose turn it is.
    pub fn next(&mut self) -> Append {
        let turn = self.turn % self.streams.len();
        self.turn += 1;
        let (stream, version) = &mut self.streams[turn];
        let write = Write {
            stream: stream.clone(),
            expected: *version,
            events: vec![event(self.payload.clone(), self.actor)],
        };
        *version += 1;
        Append {
            writes: vec![write],
            requires: Vec::new(),
        }
    }
}

fn event(payload: bytes::Bytes, actor: Uuid) -> NewEvent {
    let event_id = SystemIds.next();
    NewEvent {
        event_id,
        dedupe: None,
        event_type: "bench.appended".into(),
        event_version: "1.0.0".into(),
        number: None,
        metadata: Metadata {
            actor: Some(actor),
            role: "user".into(),
            address: None,
            causation_id: None,
            correlation_id: event_id,
            fingerprint: None,
        },
        payload,
        parts: Vec::new(),
    }
}

/// JSON of so many bytes.
fn payload(bytes: usize) -> bytes::Bytes {
    const AROUND: usize = r#"{"text":""}"#.len();
    let text = "x".repeat(bytes.saturating_sub(AROUND));
    format!(r#"{{"text":"{text}"}}"#).into()
}
