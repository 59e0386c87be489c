//! A message as the log has it now: what changing it, or answering it, goes by.

use domain::{
    Bucket, Event, Message, MessageBody, MessageEvent, MessageId, Refusal, Room, RoomId,
    SealedUnder,
};

use jiff::civil::Date;

use crate::commands::{CommandError, Loaded, Work};

/// A message as the log has it now.
pub(super) struct StoredMessage {
    pub message: Loaded<Message>,
    pub number: u64,
    /// The bucket of its first sending, by its name; none in the room of a consultation.
    bucket: Option<Box<str>>,
    /// What it says now; none once it is erased.
    pub body: Option<MessageBody>,
}

/// A message that is to be in a room.
///
/// # Errors
/// `UnknownMessage` for one that is in none or another.
pub(super) async fn find(
    work: &mut Work<'_>,
    room: RoomId,
    message: MessageId,
) -> Result<StoredMessage, CommandError> {
    let (message, facts) = work.load_recorded::<Message>(message).await?;
    if message.room() != Some(room) {
        return Err(Refusal::UnknownMessage.into());
    }
    let sent = facts.first().ok_or(Refusal::UnknownMessage)?;
    let number = sent.recorded.number();
    let first_part = sent.recorded.parts.first();
    let bucket = first_part.and_then(|part| part.keys.bucket.as_deref().map(Into::into));
    let body = facts.iter().rev().find_map(|fact| match &fact.event {
        Event::Message(MessageEvent::Sent { body, .. } | MessageEvent::Edited { body, .. }) => {
            Some(body.get().cloned())
        }
        _ => None,
    });
    Ok(StoredMessage {
        message,
        number,
        bucket,
        body: body.flatten(),
    })
}

impl StoredMessage {
    /// The keys of its first sending, under which its edits are sealed as well.
    ///
    /// # Errors
    /// `MessageErased` once the messages of that day are destroyed.
    pub(super) fn keys(&self, room: &Room, id: RoomId) -> Result<SealedUnder, Refusal> {
        let sender = self.message.sender().ok_or(Refusal::UnknownMessage)?;
        let day = match self.bucket.as_deref() {
            Some(bucket) => Bucket::day_of(bucket).ok_or(Refusal::MessageErased)?,
            // In the room of a consultation no day counts.
            None => Date::default(),
        };
        if room.has_destroyed(day) {
            return Err(Refusal::MessageErased);
        }
        room.sealing(id, sender, day).ok_or(Refusal::UnknownRoom)
    }
}
