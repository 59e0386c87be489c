//! What an append needs before the writer sees it: limits, keys, sealing, encoding.

use std::sync::Arc;

use serde::de::IgnoredAny;

use crate::codec;
use crate::keys::{Key, KeyBytes, KeyError, KeyStore};
use crate::limits::{BATCH_BYTES, BATCH_EVENTS, NAME_BYTES};
use crate::{
    Append, Metadata, NewEvent, Recorded, SealedPart, StoreError, StreamName, Version, seal,
};

/// An append that the writer only has to check, number and insert.
pub(crate) struct Prepared {
    pub writes: Vec<PreparedWrite>,
    pub requires: Vec<(StreamName, Version)>,
    pub events: usize,
    pub bytes: usize,
}

pub(crate) struct PreparedWrite {
    pub stream: StreamName,
    pub expected: Version,
    pub events: Vec<PreparedEvent>,
}

pub(crate) struct PreparedEvent {
    /// Complete but for its position and time.
    pub recorded: Arc<Recorded>,
    pub metadata: Vec<u8>,
    pub parts: Option<Vec<u8>>,
}

/// How a log writes metadata down.
pub(crate) type EncodeMetadata = fn(&Metadata) -> Vec<u8>;

/// Keys that the parts of one append need; seldom more than a few.
type AtHand = Vec<(Arc<str>, Arc<KeyBytes>)>;

pub(crate) async fn prepare(
    keys: &Arc<dyn KeyStore>,
    append: Append,
    encode: EncodeMetadata,
) -> Result<Prepared, StoreError> {
    let all_events = || append.writes.iter().flat_map(|write| &write.events);
    let events = all_events().count();
    if events > BATCH_EVENTS {
        return Err(StoreError::TooLarge(format!(
            "{events} events, of {BATCH_EVENTS} allowed"
        )));
    }
    check_bytes(all_events().map(open_bytes).sum())?;
    let streams = append.writes.iter().map(|write| &write.stream);
    for stream in streams.chain(append.requires.iter().map(|(stream, _)| stream)) {
        check_name(stream.as_str())?;
    }
    all_events().try_for_each(check_event)?;
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
            let event = prepare_event(&at_hand, &write.stream, sequence, event, encode)?;
            prepared.bytes += event.recorded.payload.len()
                + event.metadata.len()
                + event.parts.as_ref().map_or(0, Vec::len);
            events.push(event);
        }
        prepared.writes.push(PreparedWrite {
            stream: write.stream,
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

/// What one log could keep and another could not is kept by none.
fn check_event(event: &NewEvent) -> Result<(), StoreError> {
    check_name(&event.event_type)?;
    check_name(&event.event_version)?;
    let text = std::str::from_utf8(&event.payload).map_err(|cause| cause.to_string());
    text.and_then(|text| {
        serde_json::from_str::<IgnoredAny>(text).map_err(|cause| cause.to_string())
    })
    .map(|_| ())
    .map_err(|cause| StoreError::Invalid(format!("a payload is not JSON: {cause}")))
}

fn check_name(name: &str) -> Result<(), StoreError> {
    if name.len() > NAME_BYTES {
        return Err(StoreError::TooLarge(format!(
            "a name of {} bytes, of {NAME_BYTES} allowed",
            name.len()
        )));
    }
    if name.contains('\0') {
        return Err(StoreError::Invalid("a name holds a NUL".to_owned()));
    }
    Ok(())
}

fn prepare_event(
    at_hand: &AtHand,
    stream: &StreamName,
    sequence: Version,
    event: NewEvent,
    encode: EncodeMetadata,
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
        metadata: encode(&event.metadata),
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
