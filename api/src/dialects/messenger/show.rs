//! Rows of the read models as the guide's shapes.

use domain::{MessageBody, PersonId, RoomKind};
use projections::SealedColumn;
use projections::messages::MessageRow as StoredMessage;
use projections::rooms::{ListedRoom, MemberRow, Participant};
use serde::de::DeserializeOwned;

use super::access::Entered;
use super::shapes::{ChatRow, MessageRow, MessageType, RoomRow};
use crate::app::App;
use crate::error::ApiError;
use crate::people::{Cast, ERASED_NAME, Person};
use crate::times::utc_millis;
use crate::uploads::Files;

/// Turns rows into shapes.
pub(super) struct Show<'a> {
    app: &'a App,
}

impl<'a> Show<'a> {
    pub fn new(app: &'a App) -> Self {
        Self { app }
    }

    fn open<T: DeserializeOwned>(
        &self,
        column: Option<&SealedColumn>,
    ) -> Result<Option<T>, ApiError> {
        match column {
            Some(column) => Ok(column.open(&*self.app.keys)?),
            None => Ok(None),
        }
    }

    /// The room of two people.
    pub fn room(
        &self,
        listed: &ListedRoom,
        caller: PersonId,
        other: PersonId,
    ) -> Result<RoomRow, ApiError> {
        let room = &listed.room;
        let booking: Option<String> = self.open(room.booking.as_ref())?;
        Ok(RoomRow {
            id: room.id.0,
            number: room.number,
            user1_id: caller.0,
            user2_id: other.0,
            booking_id: booking.clone(),
            transaction_id: booking,
            created_at: utc_millis(room.opened_at),
            updated_at: utc_millis(listed.active_at),
        })
    }

    /// A room of two in the list.
    pub async fn chat(&self, listed: &ListedRoom) -> Result<ChatRow, ApiError> {
        let room = &listed.room;
        let other = self.other(listed).await?;
        let last_message = match &listed.last {
            Some(message) => Some(self.summary(message).await?),
            None => None,
        };
        Ok(ChatRow {
            chat_id: room.id.0,
            number: room.number,
            participant_id: listed.other.map(|other| other.0),
            participant_name: other.full_name().to_owned(),
            participant_image: other.image,
            last_message,
            last_message_time: listed.last.as_ref().map(|last| utc_millis(last.sent_at)),
            unread_count: listed.unread,
            is_online: listed
                .other
                .is_some_and(|other| self.app.presence.is_online(other)),
            transaction_id: self.open(room.booking.as_ref())?,
        })
    }

    /// The other one in a room of two; in a consultation its user by the nickname.
    async fn other(&self, listed: &ListedRoom) -> Result<Person, ApiError> {
        let (reader, keys) = (&*self.app.reader, &*self.app.keys);
        let Some(other) = listed.other else {
            return Ok(Person::erased());
        };
        if matches!(listed.room.kind, RoomKind::Consultation(_)) {
            let mut cast = Cast::of(reader, keys, &listed.room).await?;
            cast.with(reader, keys, std::iter::once(other)).await?;
            return Ok(cast.now(other));
        }
        // Their number is not shown here.
        Ok(Person::named(keys, 0, listed.other_name.as_ref())?)
    }

    /// What the list of rooms says of a message.
    async fn summary(&self, message: &StoredMessage) -> Result<String, ApiError> {
        let body: Option<MessageBody> = self.open(message.body.as_ref())?;
        let Some(body) = body else {
            return Ok(String::new());
        };
        if !body.text.is_empty() {
            return Ok(body.text);
        }
        let (_, name, _) = self.attachment(message, &body).await?;
        Ok(name.or(body.link).unwrap_or_default())
    }

    /// Address, name and size of what a message shows.
    async fn attachment(
        &self,
        message: &StoredMessage,
        body: &MessageBody,
    ) -> Result<(Option<String>, Option<String>, Option<u64>), ApiError> {
        let file = Files::of_app(self.app).of_message(message).await?;
        Ok(match file {
            Some(file) => (Some(file.url), Some(file.name), Some(file.size)),
            None => (body.link.clone(), None, None),
        })
    }

    /// Messages of one room, in the order given.
    pub async fn messages(
        &self,
        entered: &Entered,
        messages: &[StoredMessage],
    ) -> Result<Vec<MessageRow>, ApiError> {
        let (reader, keys, room) = (&*self.app.reader, &*self.app.keys, &entered.room);
        let mut cast = Cast::of(reader, keys, room).await?;
        let members = cast.with_members(reader, keys, room).await?;
        let senders = messages.iter().map(|message| message.sender);
        cast.with(reader, keys, senders).await?;
        let mut rows = Vec::with_capacity(messages.len());
        for message in messages {
            rows.push(self.message(entered, &cast, &members, message).await?);
        }
        Ok(rows)
    }

    async fn message(
        &self,
        entered: &Entered,
        cast: &Cast,
        members: &[Participant],
        message: &StoredMessage,
    ) -> Result<MessageRow, ApiError> {
        let body: Option<MessageBody> = self.open(message.body.as_ref())?;
        let is_erased = body.is_none() && message.deleted_at.is_none();
        let (attachment_url, file_name, file_size) = match &body {
            Some(body) => self.attachment(message, body).await?,
            None => (None, None, None),
        };
        let sender = cast.at(message.sender, message.position);
        let body = body.unwrap_or_default();
        let others = || {
            let others = members.iter().map(|participant| &participant.member);
            others.filter(|member| member.person != message.sender)
        };
        Ok(MessageRow {
            message_id: message.id.0,
            number: message.number,
            room_id: entered.room.id.0,
            sender_id: message.sender.0,
            sender_name: if is_erased {
                ERASED_NAME.to_owned()
            } else {
                sender.full_name().to_owned()
            },
            content: body.text,
            kind: MessageType::of(message.kind),
            attachment_url,
            file_name,
            file_size,
            location: body.location,
            reply_to_message_id: message.reply_to.map(|original| original.0),
            timestamp: utc_millis(message.sent_at),
            is_read: others().all(|member| has_read(member, message, entered.person())),
            is_delivered: others().all(|member| message.position <= member.delivered_number),
            is_edited: message.edited_at.is_some(),
            is_deleted: message.deleted_at.is_some(),
        })
    }
}

/// Whether a member's mark has passed a message, as far as `viewer` is to know it.
fn has_read(member: &MemberRow, message: &StoredMessage, viewer: PersonId) -> bool {
    let is_told = member.settings.read_receipt_enabled || member.person == viewer;
    is_told
        && match member.read_at {
            Some(_) => message.number <= member.read_number,
            // Before the first reading the mark is the position of the joining.
            None => message.position <= member.read_number,
        }
}
