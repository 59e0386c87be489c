//! The log as it is shown to its readers.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// A stretch of the log.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EventsView {
    pub events: Vec<EventView>,
    /// Where to go on: the next `after`. Nothing up to here was left out
    pub scanned_to: u64,
    /// The end of the log when it was asked
    pub head: u64,
    /// The position at which this reading is on record; null where there was nothing of others
    pub recorded_at_position: Option<u64>,
}

/// One event as it is recorded.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EventView {
    pub position: u64,
    /// The integer by which clients know what it created
    pub number: u64,
    pub stream: String,
    pub sequence: u64,
    pub event_id: Uuid,
    #[serde(rename = "type")]
    pub event_type: String,
    pub version: String,
    /// RFC 3339 in UTC with microseconds
    pub recorded_at: String,
    /// Who did it; null for the system itself
    pub actor: Option<Uuid>,
    pub role: String,
    pub causation_id: Option<Uuid>,
    pub correlation_id: Uuid,
    /// As it was written, in the shape of its version
    #[schema(value_type = Object)]
    pub payload: Value,
    /// What is personal; the payload names each by its index
    pub parts: Vec<PartView>,
}

/// A sealed part of an event.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PartView {
    pub keys: KeysView,
    pub state: PartState,
    /// Only where it is open
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub content: Option<Value>,
}

/// The names of the keys that seal a part.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct KeysView {
    pub subject: String,
    pub bucket: Option<String>,
}

/// How a part is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum PartState {
    /// There is a text, and no purpose was given
    Sealed,
    Open,
    /// One of its keys was destroyed
    Erased,
    /// With it one could act as somebody else: it is shown to nobody
    Withheld,
    /// It does not open although nobody erased it: it was tampered with
    Unreadable,
}
