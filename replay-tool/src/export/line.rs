//! One event as one line of JSON.

use event_store::{Position, Recorded, SealedPart, StoreError, Version};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::failure::Failure;
use crate::hex::hex;

#[derive(Serialize)]
struct Line<'a> {
    position: Position,
    number: u64,
    stream: &'a str,
    sequence: Version,
    event_id: Uuid,
    #[serde(rename = "type")]
    event_type: &'a str,
    version: &'a str,
    /// RFC 3339 in UTC with microseconds.
    recorded_at: String,
    actor: Option<Uuid>,
    role: &'a str,
    causation: Option<Uuid>,
    correlation: Uuid,
    payload: &'a RawValue,
    sealed: Vec<Sealed<'a>>,
}

/// A sealed part: whose it is, and by what it is known again. Never its text.
#[derive(Serialize)]
struct Sealed<'a> {
    subject: &'a str,
    bucket: Option<&'a str>,
    bytes: usize,
    /// Of the sealed bytes.
    sha256: String,
}

/// The line of one event, without its end. A payload that is not JSON is damage.
pub fn of(event: &Recorded) -> Result<String, Failure> {
    let corrupt = |reason: String| StoreError::Corrupt {
        position: event.position,
        reason,
    };
    let recorded_at = Timestamp::from_microsecond(event.recorded_at)
        .map_err(|_| corrupt("it was recorded at a time that no calendar has".to_owned()))?;
    let payload: &RawValue = serde_json::from_slice(&event.payload)
        .map_err(|cause| corrupt(format!("its payload is not JSON: {cause}")))?;
    let line = Line {
        position: event.position,
        number: event.number(),
        stream: event.stream.as_str(),
        sequence: event.sequence,
        event_id: event.event_id,
        event_type: &event.event_type,
        version: &event.event_version,
        recorded_at: format!("{recorded_at:.6}"),
        actor: event.metadata.actor,
        role: &event.metadata.role,
        causation: event.metadata.causation_id,
        correlation: event.metadata.correlation_id,
        payload,
        sealed: event.parts.iter().map(sealed).collect(),
    };
    let line = serde_json::to_string(&line).map_err(|cause| Failure::Report(cause.to_string()))?;
    // Only white space between two tokens can be one of these.
    Ok(line.replace(['\n', '\r'], " "))
}

fn sealed(part: &SealedPart) -> Sealed<'_> {
    Sealed {
        subject: &part.keys.subject,
        bucket: part.keys.bucket.as_deref(),
        bytes: part.ciphertext.len(),
        sha256: hex(&Sha256::digest(&part.ciphertext)),
    }
}
