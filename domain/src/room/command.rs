//! What can be asked of a room.

use crate::{MemberRole, PersonId, RoomKind};

/// What can be asked of a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoomCommand {
    /// Opening an open room of the same kind is already so.
    Open {
        kind: RoomKind,
        creator: PersonId,
        /// 2 for rooms of two.
        max_participants: u32,
    },
    AddMember {
        person: PersonId,
        role: MemberRole,
    },
    RemoveMember {
        person: PersonId,
    },
    Close,
}
