//! Somebody takes back what was said.

use domain::{MessageCommand, MessageId, PersonId, Room, RoomId, RoomKind};
use event_store::StreamName;

use super::stored;
use crate::commands::{Command, CommandError, Work};

/// Deletes a message. Its sender may, and whoever opened the room; in the room of a consultation
/// each only their own. Deleting it again is already so.
#[derive(Debug, Clone, Copy)]
pub struct DeleteMessage {
    pub room: RoomId,
    pub message: MessageId,
    pub by: PersonId,
}

impl Command for DeleteMessage {
    fn stream(&self) -> StreamName {
        StreamName::new("message", self.message)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let room = work.load::<Room>(self.room).await?;
        room.may_send(self.by)?;
        let mut stored = stored::find(work, self.room, self.message).await?;
        stored.keys(&room, self.room)?;
        let creator = match room.kind() {
            Some(RoomKind::Direct | RoomKind::Group) => room.creator(),
            Some(RoomKind::Consultation(_)) | None => None,
        };
        let delete = MessageCommand::Delete {
            message: self.message,
            by: self.by,
            creator,
            number: stored.number,
        };
        work.decide(&mut stored.message, delete)
    }
}
