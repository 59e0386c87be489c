//! Our payload does not say of what type it is: its type and version are put beside it.

use cqrs_es::persist::{EventUpcaster, SerializedEvent};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Wraps every payload together with the type and version that stand in columns of their own.
///
/// cqrs-es hands the payload alone to `Deserialize`; an upcaster is where it lets a program see
/// the columns too.
pub struct Tag;

/// What [`Tag`] makes of a payload.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Tagged {
    pub event_type: String,
    pub event_version: String,
    pub payload: Value,
}

impl EventUpcaster for Tag {
    fn can_upcast(&self, _event_type: &str, _event_version: &str) -> bool {
        true
    }

    fn upcast(&self, event: SerializedEvent) -> SerializedEvent {
        let payload = json!({
            "event_type": event.event_type,
            "event_version": event.event_version,
            "payload": event.payload,
        });
        SerializedEvent { payload, ..event }
    }
}
