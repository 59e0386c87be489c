//! An event as KurrentDB keeps it: its payload as data, and the rest of the envelope as metadata.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::revision;
use super::wire::{ProposedMessage, RecordedEvent};
use crate::prepare::Prepared;
use crate::{Metadata, Recorded, SealKeys, SealedPart, StoreError, StreamName, Version};

/// What a field of the envelope takes beside its content, in bytes, at most.
const OVERHEAD: usize = 640;

/// The envelope, but for id, type and payload. The two names with `$` are KurrentDB's own, by
/// which its tools show what belongs together.
#[derive(Serialize, Deserialize)]
struct Envelope {
    stream: StreamName,
    sequence: Version,
    version: Arc<str>,
    recorded_at: i64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    number: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    dedupe: Option<Uuid>,
    #[serde(rename = "$correlationId")]
    correlation_id: Uuid,
    #[serde(
        rename = "$causationId",
        skip_serializing_if = "Option::is_none",
        default
    )]
    causation_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    actor: Option<Uuid>,
    role: Arc<str>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    address: Option<Arc<str>>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    fingerprint: Option<Arc<str>>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    parts: Vec<Part>,
}

#[derive(Serialize, Deserialize)]
struct Part {
    #[serde(flatten)]
    keys: SealKeys,
    sealed: String,
}

/// As it is sent.
pub(super) fn proposed(event: &Recorded) -> Result<ProposedMessage, StoreError> {
    let envelope = Envelope {
        stream: event.stream.clone(),
        sequence: event.sequence,
        version: event.event_version.clone(),
        recorded_at: event.recorded_at,
        number: event.number,
        dedupe: event.dedupe.map(Uuid::from_bytes),
        correlation_id: event.metadata.correlation_id,
        causation_id: event.metadata.causation_id,
        actor: event.metadata.actor,
        role: event.metadata.role.clone(),
        address: event.metadata.address.clone(),
        fingerprint: event.metadata.fingerprint.clone(),
        parts: event
            .parts
            .iter()
            .map(|part| Part {
                keys: part.keys.clone(),
                sealed: STANDARD.encode(&part.ciphertext),
            })
            .collect(),
    };
    let envelope = serde_json::to_vec(&envelope);
    let metadata = [
        ("type", &*event.event_type),
        ("content-type", "application/json"),
    ];
    Ok(ProposedMessage {
        id: Some(event.event_id.into()),
        metadata: metadata
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        custom_metadata: envelope
            .map_err(|cause| StoreError::Invalid(cause.to_string()))?
            .into(),
        data: event.payload.clone(),
    })
}

/// As the log holds it.
pub(super) fn recorded(event: RecordedEvent) -> Result<Recorded, StoreError> {
    let position = revision::position(event.stream_revision);
    decode(event).map_err(|reason| StoreError::Corrupt { position, reason })
}

fn decode(mut event: RecordedEvent) -> Result<Recorded, String> {
    let envelope: Envelope = serde_json::from_slice(&event.custom_metadata)
        .map_err(|cause| format!("its metadata are not of this log: {cause}"))?;
    let id = event.id.as_ref().and_then(super::wire::Uuid::id);
    let parts = envelope.parts.into_iter().map(|part| {
        let ciphertext = STANDARD.decode(part.sealed);
        Ok(SealedPart {
            keys: part.keys,
            ciphertext: Bytes::from(ciphertext.map_err(|cause| cause.to_string())?),
        })
    });
    Ok(Recorded {
        position: revision::position(event.stream_revision),
        number: envelope.number,
        stream: envelope.stream,
        sequence: envelope.sequence,
        event_id: id.ok_or("it has no id")?,
        dedupe: envelope.dedupe.map(Uuid::into_bytes),
        event_type: event
            .metadata
            .remove("type")
            .ok_or("it has no type")?
            .into(),
        event_version: envelope.version,
        recorded_at: envelope.recorded_at,
        metadata: Metadata {
            actor: envelope.actor,
            role: envelope.role,
            address: envelope.address,
            causation_id: envelope.causation_id,
            correlation_id: envelope.correlation_id,
            fingerprint: envelope.fingerprint,
        },
        payload: event.data,
        parts: parts.collect::<Result<_, String>>()?,
    })
}

/// What the events of an append take when they are sent, in bytes, at most.
pub(super) fn bytes_of_append(append: &Prepared) -> usize {
    let events = append.writes.iter().flat_map(|write| &write.events);
    events.map(|event| bytes_of(&event.recorded)).sum()
}

/// What an event takes when it is sent, in bytes, at most. A character may be six in JSON.
pub(super) fn bytes_of(event: &Recorded) -> usize {
    let text = |text: &Option<Arc<str>>| text.as_ref().map_or(0, |text| text.len());
    let names = event.stream.as_str().len()
        + event.event_type.len()
        + event.event_version.len()
        + event.metadata.role.len()
        + text(&event.metadata.address)
        + text(&event.metadata.fingerprint);
    let parts = event.parts.iter().map(|part| {
        let keys = part.keys.subject.len() + text(&part.keys.bucket);
        64 + keys * 6 + part.ciphertext.len().div_ceil(3) * 4
    });
    OVERHEAD + names * 6 + event.payload.len() + parts.sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> Recorded {
        Recorded {
            position: 8,
            number: Some(3),
            stream: StreamName::parse("room-\u{1}\"방\n"),
            sequence: 2,
            event_id: Uuid::from_u128(77),
            dedupe: Some([9; 16]),
            event_type: "message.sent".into(),
            event_version: "1.0.0".into(),
            recorded_at: 1_763_700_000_000_001,
            metadata: Metadata {
                actor: Some(Uuid::from_u128(1)),
                role: "user".into(),
                address: Some("ab".into()),
                causation_id: Some(Uuid::from_u128(2)),
                correlation_id: Uuid::from_u128(3),
                fingerprint: Some("cd".into()),
            },
            payload: Bytes::from_static(b"{\"text\": 0}"),
            parts: vec![SealedPart {
                keys: SealKeys {
                    subject: "account:\u{2}".into(),
                    bucket: Some("room".into()),
                },
                ciphertext: Bytes::from(vec![0; 1_000]),
            }],
        }
    }

    fn sent(event: &Recorded) -> RecordedEvent {
        let message = proposed(event).unwrap();
        RecordedEvent {
            id: message.id,
            stream_revision: event.position - 1,
            metadata: message.metadata,
            custom_metadata: message.custom_metadata,
            data: message.data,
        }
    }

    #[test]
    fn an_event_comes_back_as_it_was() {
        let whole = event();
        let bare = Recorded {
            number: None,
            dedupe: None,
            metadata: Metadata {
                actor: None,
                address: None,
                causation_id: None,
                fingerprint: None,
                ..whole.metadata.clone()
            },
            parts: Vec::new(),
            ..whole.clone()
        };
        for event in [whole, bare] {
            assert_eq!(recorded(sent(&event)), Ok(event));
        }
    }

    #[test]
    fn an_event_never_takes_more_than_was_reckoned() {
        let mut event = event();
        for text in ["", "a", "\u{1}\u{1}\u{1}", "방방"] {
            event.stream = StreamName::parse(&text.repeat(300));
            event.parts[0].keys.subject = text.repeat(100).into();
            let message = proposed(&event).unwrap();
            let sent = message.custom_metadata.len() + message.data.len();
            assert!(sent + 2 * event.event_type.len() <= bytes_of(&event));
        }
    }

    #[test]
    fn what_is_not_of_this_log_is_named_by_its_position() {
        let mut foreign = sent(&event());
        foreign.custom_metadata = Bytes::from_static(b"{}");
        let refused = recorded(foreign).unwrap_err();
        assert!(matches!(refused, StoreError::Corrupt { position: 8, .. }));
        let mut nameless = sent(&event());
        nameless.id = None;
        assert!(recorded(nameless).is_err());
    }
}
