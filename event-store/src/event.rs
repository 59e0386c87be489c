//! The envelope: what the log keeps of one event, and what a writer hands in.

use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::StreamName;

/// The place of an event in the one order that every reader sees, from 1, without a gap.
pub type Position = u64;

/// How many events a stream holds; the sequence of its last event. 0 is a stream that is not.
pub type Version = u64;

/// Hash of caller, scope and client key, by which a repeated command finds its first outcome.
pub type Dedupe = [u8; 16];

/// Who caused an event, from where, and on account of what. Holds no personal content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// The account or guest that acted; none for the system itself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub actor: Option<Uuid>,
    /// The role in which they acted: `user`, `guest`, `counselor`, `admin`, `system`, …
    pub role: Arc<str>,
    /// Keyed hash of the caller's network address, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub address: Option<Arc<str>>,
    /// The event that this one reacts to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub causation_id: Option<Uuid>,
    /// One id for all that one request caused.
    pub correlation_id: Uuid,
    /// Keyed hash of the request's content: another content under the same key is a conflict.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fingerprint: Option<Arc<str>>,
}

/// The names of the two keys that seal one part of an event. Destroying either erases the part.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SealKeys {
    /// Whose content it is, e.g. `account:UUID`.
    pub subject: Arc<str>,
    /// The second, narrower key, e.g. `room-day:UUID:2026-11-21`; none where the subject suffices.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub bucket: Option<Arc<str>>,
}

/// A part of an event in the clear, on its way into the store.
#[derive(Clone, PartialEq, Eq)]
pub struct OpenPart {
    pub keys: SealKeys,
    pub content: Vec<u8>,
}

impl std::fmt::Debug for OpenPart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenPart")
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}

/// A part of an event as it is kept: nonce and ciphertext, bound to its stream and sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedPart {
    pub keys: SealKeys,
    pub ciphertext: Bytes,
}

/// An event that a writer wants appended. The store gives position, sequence and time.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// A UUIDv7, so that indexes over it stay ordered.
    pub event_id: Uuid,
    /// Set on the first event of a command that carried a client key.
    pub dedupe: Option<Dedupe>,
    /// E.g. `message.sent`.
    pub event_type: Arc<str>,
    /// Semantic version of the payload's shape, `x.y.z`.
    pub event_version: Arc<str>,
    /// Only for events copied from a store with other positions: the number they had there.
    pub number: Option<u64>,
    pub metadata: Metadata,
    /// Plain JSON without personal content.
    pub payload: Bytes,
    /// What is personal; sealed by the store before the write lock is taken.
    pub parts: Vec<OpenPart>,
}

/// An event as the log holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    pub position: Position,
    /// Set when it differs from the position, on events copied from another store.
    pub number: Option<u64>,
    pub stream: StreamName,
    /// From 1, without a gap within the stream.
    pub sequence: Version,
    pub event_id: Uuid,
    pub dedupe: Option<Dedupe>,
    pub event_type: Arc<str>,
    pub event_version: Arc<str>,
    /// Microseconds since the Unix epoch; never below that of the position before.
    pub recorded_at: i64,
    pub metadata: Metadata,
    pub payload: Bytes,
    pub parts: Vec<SealedPart>,
}

impl Recorded {
    /// The integer by which clients know the thing that this event created.
    pub fn number(&self) -> u64 {
        self.number.unwrap_or(self.position)
    }
}
