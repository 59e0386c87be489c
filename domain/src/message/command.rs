//! What can be asked of a message.

use crate::{MessageBody, MessageId, MessageKind, PersonId, RoomId, Sealed};

/// What can be asked of a message.
#[derive(Debug, Clone, PartialEq)]
pub enum MessageCommand {
    /// That the sender may send is for the room to say: [`Room::may_send`](crate::Room::may_send).
    Send {
        message: MessageId,
        room: RoomId,
        sender: PersonId,
        kind: MessageKind,
        /// A message of the same room.
        reply_to: Option<MessageId>,
        body: Sealed<MessageBody>,
    },
}
