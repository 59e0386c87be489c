//! What can be asked of a message.

use crate::{MessageBody, MessageId, MessageKind, PersonId, RoomId, Sealed, UploadId};

/// What can be asked of a message. That whoever asks may write in the room is for the room to
/// say: [`Room::may_send`](crate::Room::may_send).
#[derive(Debug, Clone, PartialEq)]
pub enum MessageCommand {
    Send {
        message: MessageId,
        room: RoomId,
        sender: PersonId,
        kind: MessageKind,
        /// A message of the same room.
        reply_to: Option<Original>,
        /// A file of the sender's that is not attached to anything yet.
        file: Option<UploadId>,
        body: Sealed<MessageBody>,
    },
    Edit {
        message: MessageId,
        by: PersonId,
        /// The message's number.
        number: u64,
        /// All of it as it is to be, under the keys of the first sending.
        body: Sealed<MessageBody>,
    },
    Delete {
        message: MessageId,
        by: PersonId,
        /// Who opened the room may delete what others wrote.
        creator: Option<PersonId>,
        /// The message's number.
        number: u64,
    },
}

/// The message that another one answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Original {
    pub message: MessageId,
    pub number: u64,
}
