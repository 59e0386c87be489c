//! Events as they are shown: sealed, or opened for those whose purpose is on record.

use domain::{Event, Secret, secrets, upcast};
use event_store::keys::{Key, KeyStore};
use event_store::seal::{self, OpenError, Opened};
use event_store::{Recorded, SealedPart};
use serde_json::Value;

use super::search::Shown;
use super::shapes::{EventView, KeysView, PartState, PartView};
use crate::times::utc_micros;

/// How much is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// No text.
    Sealed,
    /// The texts as well. The reader's purpose is on record.
    Open,
}

/// Events as they are shown. Blocks where keys have to be fetched.
pub(super) fn show(
    keys: &dyn KeyStore,
    events: &[Shown],
    depth: Depth,
) -> Result<Vec<EventView>, OpenError> {
    events
        .iter()
        .map(|event| view(keys, event, depth))
        .collect()
}

fn view(keys: &dyn KeyStore, shown: &Shown, depth: Depth) -> Result<EventView, OpenError> {
    let recorded = &*shown.recorded;
    let parts = recorded
        .parts
        .iter()
        .enumerate()
        .map(|(index, part)| {
            let (state, content) = match (depth, &shown.event) {
                (Depth::Open, Some(event)) => open(keys, recorded, event, index)?,
                // What nobody can read may hold anything.
                (Depth::Sealed, _) | (Depth::Open, None) => (closed(keys, part), None),
            };
            Ok(PartView {
                keys: KeysView {
                    subject: part.keys.subject.to_string(),
                    bucket: part.keys.bucket.as_deref().map(str::to_owned),
                },
                state,
                content,
            })
        })
        .collect::<Result<_, OpenError>>()?;
    Ok(EventView {
        position: recorded.position,
        number: recorded.number(),
        stream: recorded.stream.to_string(),
        sequence: recorded.sequence,
        event_id: recorded.event_id,
        event_type: recorded.event_type.to_string(),
        version: recorded.event_version.to_string(),
        recorded_at: utc_micros(recorded.recorded_at),
        actor: recorded.metadata.actor,
        role: recorded.metadata.role.to_string(),
        causation_id: recorded.metadata.causation_id,
        correlation_id: recorded.metadata.correlation_id,
        payload: serde_json::from_slice(&recorded.payload).unwrap_or_default(),
        parts,
    })
}

/// Whether there is anything left to open.
fn closed(keys: &dyn KeyStore, part: &SealedPart) -> PartState {
    let mut names = std::iter::once(&part.keys.subject).chain(&part.keys.bucket);
    if names.any(|name| matches!(keys.get(name), Ok(Key::Destroyed))) {
        PartState::Erased
    } else {
        PartState::Sealed
    }
}

fn open(
    keys: &dyn KeyStore,
    recorded: &Recorded,
    event: &Event,
    index: usize,
) -> Result<(PartState, Option<Value>), OpenError> {
    let part = &recorded.parts[index];
    let hidden = hidden(recorded, event, index);
    if hidden.contains(&Hidden::All) {
        return Ok((PartState::Withheld, None));
    }
    let content = match seal::open(keys, &recorded.stream, recorded.sequence, part) {
        Ok(Opened::Open(content)) => content,
        Ok(Opened::Erased) => return Ok((PartState::Erased, None)),
        Err(OpenError::Tampered { .. }) => return Ok((PartState::Unreadable, None)),
        Err(error) => return Err(error),
    };
    let Ok(mut content) = serde_json::from_slice::<Value>(&content) else {
        return Ok((PartState::Unreadable, None));
    };
    for hidden in hidden {
        if let (Hidden::Field(field), Some(fields)) = (hidden, content.as_object_mut()) {
            fields.remove(field);
        }
    }
    Ok((PartState::Open, Some(content)))
}

/// What of a part is shown to nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hidden {
    All,
    Field(&'static str),
}

fn hidden(recorded: &Recorded, event: &Event, index: usize) -> Vec<Hidden> {
    let secrets = secrets(event);
    if secrets.is_empty() {
        return Vec::new();
    }
    // In the shape in which the event was understood, whatever the shape it was written in.
    let payload: Value = upcast(
        &recorded.event_type,
        &recorded.event_version,
        &recorded.payload,
    )
    .ok()
    .and_then(|payload| serde_json::from_slice(&payload).ok())
    .unwrap_or_default();
    let is_this = |part: &str| payload[part].as_u64() == Some(index as u64);
    secrets
        .iter()
        .filter_map(|secret| match *secret {
            Secret::Part(part) => is_this(part).then_some(Hidden::All),
            Secret::Field { part, field } => is_this(part).then_some(Hidden::Field(field)),
        })
        .collect()
}
