//! What can have happened to the register of one day's accesses.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Concerned;
use crate::event::events;
use crate::{AccountId, Role};

/// What somebody did with what is not theirs. The names are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// Read events as they are recorded, through the audit API.
    #[serde(rename = "audit.events.read")]
    ReadEvents,
}

/// What of the log was asked for. Holds no personal content: only names that the log gives itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AccessFilter {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub stream: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub event_type: Option<String>,
    /// What this person did.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub actor: Option<Uuid>,
    /// Only the events at these positions.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub positions: Vec<u64>,
}

events! {
    /// What can have happened to the register of one day's accesses.
    AccessEvent {
        /// Recorded before anything is shown: what is not on record was not read.
        Recorded = "access.recorded", "1.0.0" {
            /// Who read.
            account: AccountId,
            role: Role,
            act: Act,
            filter: AccessFilter,
            /// The position of the first event that was shown.
            from: u64,
            /// The position of the last event that was shown.
            to: u64,
            /// How many events were shown.
            events: u32,
            /// Whose data it was.
            concerned: Concerned,
            /// Why, in the reader's own words and without personal data; with it the texts were
            /// shown, without it none was.
            #[serde(skip_serializing_if = "Option::is_none", default)]
            purpose: Option<String>,
        }
    }
}
