//! What can be asked of a room.

use jiff::civil::Date;

use crate::{MemberRole, PersonId, RoomKind, RoomText, Sealed};

/// What can be asked of a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoomCommand {
    /// Opening an open room of the same kind is already so.
    Open {
        kind: RoomKind,
        creator: PersonId,
        /// 2 for rooms of two.
        max_participants: u32,
    },
    /// Somebody belongs here by what the room is: by its opening or its consultation.
    AddMember {
        person: PersonId,
        role: MemberRole,
    },
    /// Somebody belongs here no longer, by what the room is.
    RemoveMember {
        person: PersonId,
    },
    /// A member brings somebody into a group.
    Invite {
        by: PersonId,
        person: PersonId,
    },
    /// Somebody leaves, or the creator sends them away.
    Dismiss {
        by: PersonId,
        person: PersonId,
    },
    /// The creator of a group says what it is called and about.
    Describe {
        by: PersonId,
        text: Sealed<RoomText>,
    },
    /// A member of a room of two says which transaction it is about; where that is known already
    /// it stays.
    Book {
        by: PersonId,
        booking: Sealed<String>,
    },
    /// The creator says for how long messages are kept; what is none stays as it is.
    SetRetention {
        by: PersonId,
        days: Option<u16>,
        auto_delete: Option<bool>,
    },
    /// The messages of a day are older than the retention.
    DestroyDay {
        day: Date,
        /// The day, in UTC, on which it is asked.
        today: Date,
    },
    Close,
}
