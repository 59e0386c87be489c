//! A recorded event read as an event of the domain, opened once for all who follow the log.

use std::sync::Arc;

use domain::{DecodeError, Event};
use domain::sealed::PartContent;
use event_store::keys::KeyStore;
use event_store::seal::{self, OpenError, Opened};
use event_store::{Position, Recorded};

/// A recorded event with what it says.
#[derive(Debug, Clone)]
pub struct Fact {
    pub recorded: Arc<Recorded>,
    pub event: Event,
}

/// Why a recorded event cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FactError {
    /// A poison event: it stops whoever meets it.
    #[error("position {position}: {cause}")]
    Decode { position: Position, cause: DecodeError },
    #[error("position {position}: {cause}")]
    Open { position: Position, cause: OpenError },
}

/// Opens and decodes a recorded event. Parts whose key has a tombstone come as erased.
pub fn fact(recorded: Arc<Recorded>, keys: &dyn KeyStore) -> Result<Fact, FactError> {
    let position = recorded.position;
    let parts = recorded
        .parts
        .iter()
        .map(|part| match seal::open(keys, &recorded.stream, recorded.sequence, part)? {
            Opened::Open(content) => Ok(PartContent::Open(content)),
            Opened::Erased => Ok(PartContent::Erased),
        })
        .collect::<Result<_, OpenError>>()
        .map_err(|cause| FactError::Open { position, cause })?;
    let event = Event::decode(&recorded.event_type, &recorded.payload, parts)
        .map_err(|cause| FactError::Decode { position, cause })?;
    Ok(Fact { recorded, event })
}
