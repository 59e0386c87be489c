//! What an append needs before the writer sees it: limits, keys, sealing, encoding.

use std::sync::Arc;

use super::codec;
use super::limits::{BATCH_BYTES, BATCH_EVENTS};
use super::stream_key::StreamKey;
use crate::keys::{Key, KeyBytes, KeyError, KeyStore};
use crate::{Append, NewEvent, Recorded, SealedPart, StoreError, StreamName, Version, seal};

/// An append that the writer only has to check, number and insert.
pub(super) struct Prepared {
    pub writes: Vec<PreparedWrite>,
    pub requires: Vec<(StreamName, Version)>,
    pub events: usize,
    pub bytes: usize,
}

pub(super) struct PreparedWrite {
    pub stream: StreamName,
    pub key: StreamKey,
    pub expected: Version,
    pub events: Vec<PreparedEvent>,
}

pub(super) struct PreparedEvent {
    /// Complete but for its position and time.
    pub recorded: Arc<Recorded>,
    pub metadata: Vec<u8>,
    pub parts: Option<Vec<u8>>,
}

/// Keys that the parts of one append need; seldom more than a few.
type AtHand = Vec<(Arc<str>, Arc<KeyBytes>)>;

pub(super) async fn prepare(
    keys: &Arc<dyn KeyStore>,
    append: Append,
) -> Result<Prepared, StoreError> {
    let all_events = || append.writes.iter().flat_map(|write| &write.events);
    let events = all_events().count();
    if events > BATCH_EVENTS {
        return Err(StoreError::TooLarge(format!(
            "{events} events, of {BATCH_EVENTS} allowed"
        )));
    }
    check_bytes(all_events().map(open_bytes).sum())?;
    let at_hand = keys_of(keys, &append).await?;
    let mut prepared = Prepared {
        writes: Vec::new(),
        requires: append.requires,
        events,
        bytes: 0,
    };
    prepared.writes.reserve_exact(append.writes.len());
    for write in append.writes {
        let mut events = Vec::with_capacity(write.events.len());
        for (place, event) in (1..).zip(write.events) {
            let sequence = write.expected.saturating_add(place);
            let event = prepare_event(&at_hand, &write.stream, sequence, event)?;
            prepared.bytes += event.recorded.payload.len()
                + event.metadata.len()
                + event.parts.as_ref().map_or(0, Vec::len);
            events.push(event);
        }
        let key = StreamKey::of(&write.stream);
        prepared.writes.push(PreparedWrite {
            stream: write.stream,
            key,
            expected: write.expected,
            events,
        });
    }
    check_bytes(prepared.bytes)?;
    Ok(prepared)
}

/// What an event takes at the least; known before anything is sealed.
fn open_bytes(event: &NewEvent) -> usize {
    event.payload.len()
        + event
            .parts
            .iter()
            .map(|part| part.content.len())
            .sum::<usize>()
}

fn check_bytes(bytes: usize) -> Result<(), StoreError> {
    if bytes > BATCH_BYTES {
        return Err(StoreError::TooLarge(format!(
            "{bytes} bytes, of {BATCH_BYTES} allowed"
        )));
    }
    Ok(())
}

fn prepare_event(
    at_hand: &AtHand,
    stream: &StreamName,
    sequence: Version,
    event: NewEvent,
) -> Result<PreparedEvent, StoreError> {
    let find = |name: &Arc<str>| {
        let found = at_hand.iter().find(|(known, _)| known == name);
        found
            .map(|(_, key)| key)
            .ok_or_else(|| StoreError::KeyUnavailable(name.clone()))
    };
    let parts = event
        .parts
        .into_iter()
        .map(|part| {
            let subject = find(&part.keys.subject)?;
            let bucket = part.keys.bucket.as_ref().map(find).transpose()?;
            seal::seal_with(subject, bucket, stream, sequence, part)
        })
        .collect::<Result<Vec<SealedPart>, StoreError>>()?;
    Ok(PreparedEvent {
        metadata: codec::encode_metadata(&event.metadata),
        parts: codec::encode_parts(&parts),
        recorded: Arc::new(Recorded {
            position: 0,
            number: event.number,
            stream: stream.clone(),
            sequence,
            event_id: event.event_id,
            dedupe: event.dedupe,
            event_type: event.event_type,
            event_version: event.event_version,
            recorded_at: 0,
            metadata: event.metadata,
            payload: event.payload,
            parts,
        }),
    })
}

/// All keys that the append needs. Those that are absent are made, on a thread that may block.
async fn keys_of(keys: &Arc<dyn KeyStore>, append: &Append) -> Result<AtHand, StoreError> {
    let mut at_hand = AtHand::new();
    let mut absent: Vec<Arc<str>> = Vec::new();
    let parts = append
        .writes
        .iter()
        .flat_map(|write| &write.events)
        .flat_map(|e| &e.parts);
    for name in parts.flat_map(|part| std::iter::once(&part.keys.subject).chain(&part.keys.bucket))
    {
        if at_hand.iter().any(|(known, _)| known == name) || absent.contains(name) {
            continue;
        }
        match keys.get(name)? {
            Key::Present(key) => at_hand.push((name.clone(), key)),
            Key::Destroyed => return Err(KeyError::Destroyed(name.clone()).into()),
            Key::Absent => absent.push(name.clone()),
        }
    }
    if !absent.is_empty() {
        let keys = keys.clone();
        let made = tokio::task::spawn_blocking(move || {
            keys.get_or_create(&absent)
                .map(|made| absent.into_iter().zip(made).collect::<AtHand>())
        })
        .await
        .map_err(|cause| StoreError::Unavailable(cause.to_string()))??;
        at_hand.extend(made);
    }
    Ok(at_hand)
}
