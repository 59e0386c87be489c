//! What can have happened to one person's place in one room.

use crate::event::events;
use crate::{MessageId, PersonId, RoomId};

events! {
    /// What can have happened to one person's place in one room.
    MemberEvent {
        /// Everything up to this message was read. Marks never go back.
        Read = "member.read", "1.0.0" {
            room: RoomId,
            person: PersonId,
            message: MessageId,
            /// The message's number.
            number: u64,
        }
        /// Everything up to this number reached a connection of the person.
        Delivered = "member.delivered", "1.0.0" { room: RoomId, person: PersonId, number: u64 }
        /// The person's own settings here, all of them.
        SettingsChanged = "member.settings_changed", "1.0.0" {
            room: RoomId,
            person: PersonId,
            notification_enabled: bool,
            /// Whether the others are told how far they have read.
            read_receipt_enabled: bool,
        }
    }
}
