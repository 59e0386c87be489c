//! A recorded event read as an event of the domain, opened once for all who follow the log.

use std::sync::Arc;

use domain::sealed::PartContent;
use domain::{DecodeError, Event, StreamKey};
use event_store::keys::{KeyError, KeyStore};
use event_store::seal::{self, OpenError, Opened};
use event_store::{Position, Recorded};
use uuid::Uuid;

/// A recorded event with what it says.
#[derive(Debug, Clone)]
pub struct Fact {
    pub recorded: Arc<Recorded>,
    /// The UUID that names its stream, which is the id of the thing it happened to. Nil for the
    /// streams that are named otherwise: see [`domain::StreamKey`].
    pub id: Uuid,
    pub event: Event,
}

/// Why a recorded event cannot be read.
#[derive(Debug, Clone, thiserror::Error)]
pub enum FactError {
    /// A poison event: it stops whoever meets it.
    #[error("position {position}: {cause}")]
    Decode {
        position: Position,
        cause: Arc<DecodeError>,
    },
    /// Its stream is not named as the streams of its kind are: poison as well.
    #[error("position {position}: no thing is named {stream}")]
    Stream {
        position: Position,
        stream: Arc<str>,
    },
    /// A key is not available although nobody destroyed it, or the bytes were changed.
    #[error("position {position}: {cause}")]
    Open {
        position: Position,
        cause: OpenError,
    },
}

impl FactError {
    /// The event that cannot be read.
    pub fn position(&self) -> Position {
        match self {
            Self::Decode { position, .. }
            | Self::Stream { position, .. }
            | Self::Open { position, .. } => *position,
        }
    }

    /// The key store cannot be read just now: nothing is wrong with the event.
    pub fn is_transient(&self) -> bool {
        let Self::Open { cause, .. } = self else {
            return false;
        };
        matches!(cause, OpenError::Keys(KeyError::Unavailable(_)))
    }
}

/// Opens and decodes a recorded event, old shapes as the current one. Parts whose key has a
/// tombstone come as erased.
pub fn fact(recorded: Arc<Recorded>, keys: &dyn KeyStore) -> Result<Fact, FactError> {
    let position = recorded.position;
    let parts = recorded
        .parts
        .iter()
        .map(
            |part| match seal::open(keys, &recorded.stream, recorded.sequence, part)? {
                Opened::Open(content) => Ok(PartContent::Open(content)),
                Opened::Erased => Ok(PartContent::Erased),
            },
        )
        .collect::<Result<_, OpenError>>()
        .map_err(|cause| FactError::Open { position, cause })?;
    with_parts(recorded, parts)
}

/// Decodes a recorded event without opening anything: every part comes as if it were erased.
pub fn closed_fact(recorded: Arc<Recorded>) -> Result<Fact, FactError> {
    let parts = recorded.parts.iter().map(|_| PartContent::Erased).collect();
    with_parts(recorded, parts)
}

fn with_parts(recorded: Arc<Recorded>, parts: Vec<PartContent>) -> Result<Fact, FactError> {
    let event = domain::upcast(
        &recorded.event_type,
        &recorded.event_version,
        &recorded.payload,
    )
    .and_then(|payload| Event::decode(&recorded.event_type, &payload, parts))
    .map_err(|cause| FactError::Decode {
        position: recorded.position,
        cause: Arc::new(cause),
    })?;
    let id = thing(&recorded, &event)?;
    Ok(Fact {
        recorded,
        id,
        event,
    })
}

fn thing(recorded: &Recorded, event: &Event) -> Result<Uuid, FactError> {
    let kind = event.stream_key();
    let thing = kind.thing(recorded.stream.key());
    let is_alone = kind == StreamKey::Nothing;
    thing
        .filter(|_| is_alone == recorded.stream.is_singleton())
        .ok_or_else(|| FactError::Stream {
            position: recorded.position,
            stream: recorded.stream.as_str().into(),
        })
}
