//! Somebody says it in other words.

use domain::{MessageBody, MessageCommand, MessageId, PersonId, Refusal, Room, RoomId, Sealed};
use event_store::StreamName;

use super::stored;
use super::watch::watch;
use crate::commands::{Command, CommandError, Work};

/// Edits a message. Only its sender may, as long as they may send.
#[derive(Debug, Clone)]
pub struct EditMessage {
    pub room: RoomId,
    pub message: MessageId,
    pub by: PersonId,
    pub text: String,
}

impl Command for EditMessage {
    fn stream(&self) -> StreamName {
        StreamName::new("message", self.message)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let room = work.load::<Room>(self.room).await?;
        room.may_send(self.by)?;
        Box::pin(watch(work, &room, self.by, self.message, &[&self.text])).await?;
        let mut stored = stored::find(work, self.room, self.message).await?;
        let keys = stored.keys(&room, self.room)?;
        let old = stored.body.take().ok_or(Refusal::MessageErased)?;
        let body = MessageBody {
            text: self.text.clone(),
            client_message_id: None,
            location: old.location,
            link: old.link,
        };
        let edit = MessageCommand::Edit {
            message: self.message,
            by: self.by,
            number: stored.number,
            body: Sealed::New(keys, body),
        };
        work.decide(&mut stored.message, edit)
    }
}
