//! What can be asked of one person's place in one room.

use crate::{MessageId, PersonId, RoomId};

/// What can be asked of one person's place in one room. That the person is a member, and the
/// message in the room, is for the caller to have checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberCommand {
    /// Everything up to this message was read.
    MarkRead {
        room: RoomId,
        person: PersonId,
        message: MessageId,
        /// The message's number.
        number: u64,
    },
    /// Everything up to this number reached a connection of the person.
    MarkDelivered {
        room: RoomId,
        person: PersonId,
        number: u64,
    },
    /// What is none stays as it is.
    ChangeSettings {
        room: RoomId,
        person: PersonId,
        notification_enabled: Option<bool>,
        read_receipt_enabled: Option<bool>,
    },
}
