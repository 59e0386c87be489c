//! What can have happened to a room.

use serde::{Deserialize, Serialize};

use crate::event::events;
use crate::{ConsultationId, PersonId};

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
    }
}
