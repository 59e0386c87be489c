//! One event of a bundle as one line of JSON: everything that its seal vouches for, byte by byte.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use event_store::log_seal::read_hex;
use event_store::{
    Metadata, Position, Recorded, SealKeys, SealedPart, StoreError, StreamName, Version,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::failure::Failure;
use crate::hex::hex;

/// An event as it is stored.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventLine {
    pub position: Position,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    number: Option<u64>,
    stream: String,
    sequence: Version,
    event_id: Uuid,
    /// Hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    dedupe: Option<String>,
    #[serde(rename = "type")]
    event_type: String,
    version: String,
    /// Microseconds since the Unix epoch.
    recorded_at: i64,
    metadata: Metadata,
    /// The bytes of the payload, which are JSON, as a text.
    payload: String,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    sealed: Vec<SealedLine>,
}

/// A sealed part as it is stored.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SealedLine {
    keys: SealKeys,
    /// Base64.
    ciphertext: String,
}

/// The line of an event, without its end.
pub fn write(event: &Recorded) -> Result<String, Failure> {
    let payload = String::from_utf8(event.payload.to_vec());
    let payload = payload.map_err(|cause| StoreError::Corrupt {
        position: event.position,
        reason: format!("its payload is not UTF-8: {cause}"),
    })?;
    let line = EventLine {
        position: event.position,
        number: event.number,
        stream: event.stream.to_string(),
        sequence: event.sequence,
        event_id: event.event_id,
        dedupe: event.dedupe.map(|dedupe| hex(&dedupe)),
        event_type: event.event_type.to_string(),
        version: event.event_version.to_string(),
        recorded_at: event.recorded_at,
        metadata: event.metadata.clone(),
        payload,
        sealed: event.parts.iter().map(sealed).collect(),
    };
    serde_json::to_string(&line).map_err(|cause| Failure::Report(cause.to_string()))
}

fn sealed(part: &SealedPart) -> SealedLine {
    SealedLine {
        keys: part.keys.clone(),
        ciphertext: STANDARD.encode(&part.ciphertext),
    }
}

impl EventLine {
    /// The event as it was stored; or what is wrong with the line.
    pub fn event(self) -> Result<Recorded, String> {
        let dedupe = match &self.dedupe {
            None => None,
            Some(text) => Some(read_hex(text).ok_or("`dedupe` is not a hash")?),
        };
        let parts = self.sealed.into_iter().map(|part| {
            let ciphertext = STANDARD.decode(&part.ciphertext);
            let ciphertext = ciphertext.map_err(|cause| format!("a sealed part: {cause}"))?;
            Ok(SealedPart {
                keys: part.keys,
                ciphertext: ciphertext.into(),
            })
        });
        let parts = parts.collect::<Result<_, String>>()?;
        Ok(Recorded {
            position: self.position,
            number: self.number,
            stream: StreamName::parse(&self.stream),
            sequence: self.sequence,
            event_id: self.event_id,
            dedupe,
            event_type: Arc::from(self.event_type),
            event_version: Arc::from(self.version),
            recorded_at: self.recorded_at,
            metadata: self.metadata,
            payload: Bytes::from(self.payload),
            parts,
        })
    }
}
