//! What can have happened to a room.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::event::events;
use crate::{ConsultationId, PersonId, Sealed};

/// What a room is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "id")]
pub enum RoomKind {
    /// Two people.
    Direct,
    Group,
    /// The two of a consultation; its texts are sealed under the consultation's key.
    Consultation(ConsultationId),
}

/// What a member may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberRole {
    Owner,
    Member,
}

/// What a room says of itself. Sealed under its creator and the room.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RoomText {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub description: Option<String>,
}

events! {
    /// What can have happened to a room.
    RoomEvent {
        Opened = "room.opened", "1.0.0" {
            room_kind: RoomKind,
            creator: PersonId,
            max_participants: u32,
        }
        /// Its number is the membership's id.
        MemberAdded = "room.member_added", "1.0.0" { person: PersonId, role: MemberRole }
        MemberRemoved = "room.member_removed", "1.0.0" { person: PersonId }
        /// Nothing can be sent any more.
        Closed = "room.closed", "1.0.0" {}
        /// All of what it says of itself; what is absent it has no longer.
        Described = "room.described", "1.0.0" { text: Sealed<RoomText> }
        /// The transaction elsewhere that it is about, once and for all.
        Booked = "room.booked", "1.0.0" { booking: Sealed<String> }
        RetentionSet = "room.retention_set", "1.0.0" {
            /// For how many whole days messages are kept.
            days: u16,
            /// Whether older ones are destroyed.
            auto_delete: bool,
        }
        /// The messages of one UTC day can be read no longer.
        DayDestroyed = "room.day_destroyed", "1.0.0" { day: Date }
    }
}
