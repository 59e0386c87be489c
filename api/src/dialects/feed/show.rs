//! Rows of the read models, and events, as the guide's shapes.

use std::sync::Arc;

use domain::{MemberRole, MessageBody, MessageEvent, MessageKind, PersonId};
use projections::Fact;
use projections::messages::MessageRow as StoredMessage;
use projections::rooms::{self, MemberRow, Participant, RoomRow};

use super::shapes::{FeedMember, FeedMessage, FeedUser};
use crate::app::App;
use crate::error::ApiError;
use crate::people::{Cast, Person};
use crate::times::utc_seconds;
use crate::uploads::file_url;

/// Turns rows into shapes.
pub(super) struct Show<'a> {
    app: &'a App,
}

/// The word for a kind of message.
fn kind_word(kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::Text => "text",
        MessageKind::Image => "image",
        MessageKind::File => "file",
        MessageKind::Voice => "voice",
        MessageKind::Location => "location",
    }
}

/// The word for a role.
pub(super) fn role_word(role: MemberRole) -> &'static str {
    match role {
        MemberRole::Owner => "owner",
        MemberRole::Member => "member",
    }
}

/// Somebody in a room.
pub(super) fn user(person: Person) -> FeedUser {
    FeedUser {
        id: person.number,
        email: person.email.unwrap_or_default(),
        name: person.name,
    }
}

/// A message that was just sent, as its event tells it; nobody has read it yet. The sender's own
/// id of it stands in it. None for any other event.
pub(super) fn sent(
    fact: &Fact,
    event: &MessageEvent,
    room: u64,
    sender: Person,
) -> Option<FeedMessage> {
    let MessageEvent::Sent {
        message,
        message_kind,
        reply_number,
        file,
        body,
        ..
    } = event
    else {
        return None;
    };
    let at = utc_seconds(fact.recorded.recorded_at);
    let body = body.get().cloned();
    let is_erased = body.is_none();
    let body = body.unwrap_or_default();
    Some(FeedMessage {
        id: fact.recorded.number(),
        uuid: message.0,
        chat_room_id: room,
        user_id: sender.number,
        message: body.text,
        message_type: kind_word(*message_kind),
        file_url: file.filter(|_| !is_erased).map(file_url).or(body.link),
        is_read: false,
        created_at: at.clone(),
        updated_at: at,
        user: user(sender),
        reply_to_message_id: *reply_number,
        location: body.location,
        is_edited: false,
        is_deleted: false,
        client_message_id: body.client_message_id,
    })
}

impl<'a> Show<'a> {
    pub fn new(app: &'a App) -> Self {
        Self { app }
    }

    /// Messages of one room, in the order given.
    pub async fn messages(
        &self,
        room: &RoomRow,
        rows: &[StoredMessage],
    ) -> Result<Vec<FeedMessage>, ApiError> {
        let (reader, keys) = (&*self.app.reader, &*self.app.keys);
        let mut cast = Cast::of(reader, keys, room).await?;
        let members = cast.with_members(reader, keys, room).await?;
        let senders = rows.iter().map(|row| row.sender);
        cast.with(reader, keys, senders).await?;
        let mut shown = Vec::with_capacity(rows.len());
        for row in rows {
            let body: Option<MessageBody> = match &row.body {
                Some(body) => body.open(keys)?,
                None => None,
            };
            shown.push(message(room, &cast, &members, row, body));
        }
        Ok(shown)
    }

    /// One message of a room.
    pub async fn message(
        &self,
        room: &RoomRow,
        row: &StoredMessage,
    ) -> Result<FeedMessage, ApiError> {
        let mut shown = self.messages(room, std::slice::from_ref(row)).await?;
        shown.pop().ok_or_else(ApiError::internal)
    }

    /// The people of a room, and its present members in the order in which they joined.
    pub async fn members(&self, room: &RoomRow) -> Result<(Cast, Vec<Participant>), ApiError> {
        let (reader, keys) = (&*self.app.reader, &*self.app.keys);
        let mut cast = Cast::of(reader, keys, room).await?;
        let members = cast.with_members(reader, keys, room).await?;
        Ok((cast, members))
    }

    /// A member, as `viewer` sees them. How far others have read is told as far as they let it be
    /// known.
    pub async fn member(
        &self,
        cast: &Cast,
        member: &MemberRow,
        viewer: Option<PersonId>,
    ) -> Result<FeedMember, ApiError> {
        let person = cast.now(member.person);
        let unread = rooms::unread(&*self.app.reader, member.room, member.person).await?;
        let is_told = member.settings.read_receipt_enabled || viewer == Some(member.person);
        Ok(FeedMember {
            id: member.number,
            chat_room_id: member.room,
            user_id: person.number,
            role: role_word(member.role),
            joined_at: utc_seconds(member.joined_at),
            last_read_at: member.read_at.filter(|_| is_told).map(utc_seconds),
            unread_count: unread,
            created_at: utc_seconds(member.joined_at),
            user: user(person),
        })
    }
}

fn message(
    room: &RoomRow,
    cast: &Cast,
    members: &[Participant],
    row: &StoredMessage,
    body: Option<MessageBody>,
) -> FeedMessage {
    let is_deleted = row.deleted_at.is_some();
    let is_gone = body.is_none();
    let mut sender = cast.at(row.sender, row.position);
    if is_gone && !is_deleted {
        sender = Person {
            number: sender.number,
            ..Person::erased()
        };
    }
    let body = body.unwrap_or_default();
    let changed_at = row.deleted_at.or(row.edited_at).unwrap_or(row.sent_at);
    FeedMessage {
        id: row.number,
        uuid: row.id.0,
        chat_room_id: room.number,
        user_id: sender.number,
        message: body.text,
        message_type: kind_word(row.kind),
        file_url: row.file.filter(|_| !is_gone).map(file_url).or(body.link),
        is_read: is_read(row, members),
        created_at: utc_seconds(row.sent_at),
        updated_at: utc_seconds(changed_at),
        user: user(sender),
        reply_to_message_id: row.reply_number,
        location: body.location,
        is_edited: row.edited_at.is_some(),
        is_deleted,
        client_message_id: None,
    }
}

/// Whether the mark of every present member but its sender has passed a message.
fn is_read(message: &StoredMessage, members: &[Participant]) -> bool {
    members
        .iter()
        .map(|participant| &participant.member)
        .filter(|member| member.person != message.sender)
        .all(|member| match member.read_at {
            Some(_) => message.number <= member.read_number,
            // Before the first reading the mark is the position of the joining.
            None => message.position <= member.read_number,
        })
}

/// A member who has just joined, as the event tells it.
pub(super) fn joined(fact: &Fact, role: MemberRole, room: u64, person: &Arc<Person>) -> FeedMember {
    let at = utc_seconds(fact.recorded.recorded_at);
    FeedMember {
        id: fact.recorded.number(),
        chat_room_id: room,
        user_id: person.number,
        role: role_word(role),
        joined_at: at.clone(),
        last_read_at: None,
        unread_count: 0,
        created_at: at,
        user: user(Person::clone(person)),
    }
}
