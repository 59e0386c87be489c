//! Somebody says something in a room.

use domain::{
    Message, MessageBody, MessageCommand, MessageId, MessageKind, Original, PersonId, Refusal,
    Room, RoomId, Sealed, UploadId,
};
use event_store::StreamName;

use super::watch::watch_message;
use super::{stored, utc_day};
use crate::commands::uploads::{Attachment, attach};
use crate::commands::{Command, CommandError, Loaded, Work};

/// Sends a message. Its id is new, or derived where the client may send it twice.
#[derive(Debug, Clone)]
pub struct SendMessage {
    pub message: MessageId,
    pub room: RoomId,
    pub sender: PersonId,
    pub kind: MessageKind,
    /// A message of the same room.
    pub reply_to: Option<MessageId>,
    /// A file of the sender's.
    pub file: Option<UploadId>,
    pub body: MessageBody,
}

impl Command for SendMessage {
    fn stream(&self) -> StreamName {
        StreamName::new("message", self.message)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let room = work.load::<Room>(self.room).await?;
        room.may_send(self.sender)?;
        Box::pin(watch_message(work, &room, self)).await?;
        let original = match self.reply_to {
            // In a box: whoever sends is not to keep a place for what few of them await.
            Some(message) => Some(Box::pin(original(work, self.room, message)).await?),
            None => None,
        };
        add(work, &room, self, original)?;
        match self.file {
            Some(upload) => Box::pin(attach(work, self.attachment(upload))).await,
            None => Ok(()),
        }
    }
}

impl SendMessage {
    fn attachment(&self, upload: UploadId) -> Attachment {
        Attachment {
            upload,
            message: self.message,
            kind: self.kind,
            room: self.room,
            sender: self.sender,
        }
    }
}

async fn original(
    work: &mut Work<'_>,
    room: RoomId,
    message: MessageId,
) -> Result<Original, CommandError> {
    let number = stored::find(work, room, message).await?.number;
    Ok(Original { message, number })
}

/// Adds a message that answers nothing to what is written; that its sender may send is for the
/// caller to know.
pub(in crate::commands) fn send(
    work: &mut Work<'_>,
    room: &Loaded<Room>,
    message: &SendMessage,
) -> Result<(), CommandError> {
    add(work, room, message, None)
}

fn add(
    work: &mut Work<'_>,
    room: &Loaded<Room>,
    message: &SendMessage,
    reply_to: Option<Original>,
) -> Result<(), CommandError> {
    let day = utc_day(work.now());
    let keys = room
        .sealing(message.room, message.sender, day)
        .ok_or(Refusal::UnknownRoom)?;
    let command = MessageCommand::Send {
        message: message.message,
        room: message.room,
        sender: message.sender,
        kind: message.kind,
        reply_to,
        file: message.file,
        body: Sealed::New(keys, message.body.clone()),
    };
    let mut stored = work.create::<Message>(message.message);
    work.decide(&mut stored, command)
}
