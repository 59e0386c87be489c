//! Rows of the read models as the guide's shapes.

use std::sync::Arc;

use domain::{MemberRole, MessageBody, MessageKind, PersonId, RoomKind, RoomText};
use projections::messages::MessageRow as StoredMessage;
use projections::rooms::{ListedRoom, MemberRow, Participant, RoomRow as StoredRoom};
use projections::{Reader, SealedColumn, directory};
use serde::de::DeserializeOwned;

use super::shapes::{
    LocationShape, MessageRow, OnlineRow, ParticipantRow, RoomRow, RoomView, SettingsView,
};
use crate::app::App;
use crate::error::ApiError;
use crate::past::Past;
use crate::people::{Cast, ERASED_NAME, opened};
use crate::times::LegacyTimes;
use crate::uploads::{File, Files};

/// People whose names stand in for the name of a group that has none any more.
const NAMES_FOR_A_ROOM: usize = 3;

/// Turns rows into shapes.
pub(super) struct Show<'a> {
    app: &'a App,
    reader: Arc<dyn Reader>,
    pub times: LegacyTimes,
}

/// The word for a kind of message.
pub(super) fn kind_word(kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::Text => "text",
        MessageKind::Image => "image",
        MessageKind::File => "file",
        MessageKind::Voice => "voice",
        MessageKind::Location => "location",
    }
}

fn type_word(kind: RoomKind) -> &'static str {
    match kind {
        RoomKind::Direct | RoomKind::Consultation(_) => "direct",
        RoomKind::Group => "group",
    }
}

fn role_word(role: MemberRole) -> &'static str {
    match role {
        MemberRole::Owner => "owner",
        MemberRole::Member => "member",
    }
}

impl<'a> Show<'a> {
    pub fn new(app: &'a App) -> Self {
        let times = LegacyTimes::new(app.settings.general.legacy_time_zone.clone());
        Self {
            app,
            reader: Arc::clone(&app.reader),
            times,
        }
    }

    /// Of how things were.
    pub fn past(app: &'a App, past: &Past) -> Self {
        Self {
            reader: Arc::clone(&past.reader),
            ..Self::new(app)
        }
    }

    fn files(&self) -> Files {
        Files {
            reader: Arc::clone(&self.reader),
            keys: Arc::clone(&self.app.keys),
        }
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

    fn print(&self, at: Option<i64>) -> Option<String> {
        at.map(|at| self.times.print(at))
    }

    /// The people of a room, nobody read yet.
    pub async fn cast(&self, room: &StoredRoom) -> Result<Cast, ApiError> {
        Ok(Cast::of(&*self.reader, &*self.app.keys, room).await?)
    }

    /// The present members of a room.
    pub async fn members(
        &self,
        cast: &mut Cast,
        room: &StoredRoom,
    ) -> Result<Vec<Participant>, ApiError> {
        let (reader, keys) = (&*self.reader, &*self.app.keys);
        Ok(cast.with_members(reader, keys, room).await?)
    }

    /// A room as one of its members sees it in the list.
    pub async fn room(&self, listed: &ListedRoom, viewer: PersonId) -> Result<RoomRow, ApiError> {
        let room = &listed.room;
        let text: Option<RoomText> = self.open(room.description.as_ref())?;
        self.room_called(listed, viewer, text.and_then(|text| text.name))
            .await
    }

    /// The same with what is said of it besides.
    pub async fn room_view(
        &self,
        listed: &ListedRoom,
        viewer: PersonId,
    ) -> Result<RoomView, ApiError> {
        let room = &listed.room;
        let text: Option<RoomText> = self.open(room.description.as_ref())?;
        let text = text.unwrap_or_default();
        Ok(RoomView {
            row: self.room_called(listed, viewer, text.name).await?,
            room_description: text.description,
            max_participants: room.max_participants,
        })
    }

    async fn room_called(
        &self,
        listed: &ListedRoom,
        viewer: PersonId,
        name: Option<String>,
    ) -> Result<RoomRow, ApiError> {
        let room = &listed.room;
        let room_name = match room.kind {
            RoomKind::Direct => opened(&*self.app.keys, listed.other_name.as_ref())?,
            RoomKind::Consultation(_) => self.other_of_consultation(listed).await?,
            RoomKind::Group => match name {
                Some(name) => name,
                None => self.names_of_others(room, viewer).await?,
            },
        };
        let last_message = match &listed.last {
            Some(message) => Some(self.summary(message).await?),
            None => None,
        };
        Ok(RoomRow {
            room_id: room.number,
            uuid: room.id.0,
            room_name,
            room_type: type_word(room.kind),
            created_by: self.number_of(room.creator).await?,
            is_active: room.closed_at.is_none(),
            created_at: self.times.print(room.opened_at),
            updated_at: self.times.print(listed.active_at),
            participant_count: listed.participants,
            last_message,
            unread_count: listed.unread,
        })
    }

    /// The other one in a consultation: its user by the nickname, the counsellor by name.
    async fn other_of_consultation(&self, listed: &ListedRoom) -> Result<String, ApiError> {
        let Some(other) = listed.other else {
            return Ok(ERASED_NAME.to_owned());
        };
        if other != listed.room.creator {
            return Ok(opened(&*self.app.keys, listed.other_name.as_ref())?);
        }
        let mut cast = self.cast(&listed.room).await?;
        self.complete(&mut cast, std::iter::once(other)).await?;
        Ok(cast.now(other).name)
    }

    async fn names_of_others(
        &self,
        room: &StoredRoom,
        viewer: PersonId,
    ) -> Result<String, ApiError> {
        let mut cast = self.cast(room).await?;
        let members = self.members(&mut cast, room).await?;
        let others = members.iter().map(|member| member.member.person);
        let names: Vec<String> = others
            .filter(|person| *person != viewer)
            .take(NAMES_FOR_A_ROOM)
            .map(|person| cast.now(person).name)
            .collect();
        Ok(names.join(", "))
    }

    /// Adds people who may have left.
    pub async fn complete(
        &self,
        cast: &mut Cast,
        people: impl Iterator<Item = PersonId> + Send,
    ) -> Result<(), ApiError> {
        let (reader, keys) = (&*self.reader, &*self.app.keys);
        Ok(cast.with(reader, keys, people).await?)
    }

    /// The integer of a person.
    async fn number_of(&self, person: PersonId) -> Result<u64, ApiError> {
        let entry = directory::person(&*self.reader, person).await?;
        Ok(entry.map(|entry| entry.number).unwrap_or_default())
    }

    /// What the list of rooms says of a message.
    async fn summary(&self, message: &StoredMessage) -> Result<String, ApiError> {
        let body: Option<MessageBody> = self.open(message.body.as_ref())?;
        let text = body.map(|body| body.text).unwrap_or_default();
        if !text.is_empty() {
            return Ok(text);
        }
        let file = self.files().of_message(message).await?;
        Ok(file.map(|file| file.name).unwrap_or_default())
    }

    /// Messages of one room, in the order given.
    pub async fn messages(
        &self,
        room: &StoredRoom,
        messages: &[StoredMessage],
    ) -> Result<Vec<MessageRow>, ApiError> {
        let mut cast = self.cast(room).await?;
        let senders = messages.iter().map(|message| message.sender);
        self.complete(&mut cast, senders).await?;
        let files = self.files();
        let mut rows = Vec::with_capacity(messages.len());
        for message in messages {
            let body = self.open(message.body.as_ref())?;
            let file = files.of_message(message).await?;
            rows.push(self.message(room, &cast, message, body, file));
        }
        Ok(rows)
    }

    /// One message whose body has been opened, or is no more.
    fn message(
        &self,
        room: &StoredRoom,
        cast: &Cast,
        message: &StoredMessage,
        body: Option<MessageBody>,
        file: Option<File>,
    ) -> MessageRow {
        let is_erased = body.is_none() && message.deleted_at.is_none();
        let sender = cast.at(message.sender, message.position);
        let body = body.unwrap_or_default();
        let changed_at = message.deleted_at.or(message.edited_at);
        let file_size = file.as_ref().map(|file| file.size);
        let (file_url, file_name) = file.map(|file| (file.url, file.name)).unzip();
        MessageRow {
            message_id: message.number,
            uuid: message.id.0,
            room_id: room.number,
            sender_id: sender.number,
            sender_name: if is_erased {
                ERASED_NAME.to_owned()
            } else {
                sender.name
            },
            message_content: body.text,
            message_type: kind_word(message.kind),
            file_url: file_url.or(body.link),
            file_name,
            file_size,
            location: body.location.map(LocationShape::from),
            reply_to_message_id: message.reply_number,
            is_edited: message.edited_at.is_some(),
            is_deleted: message.deleted_at.is_some(),
            edited_at: self.print(message.edited_at),
            created_at: self.times.print(message.sent_at),
            updated_at: self.times.print(changed_at.unwrap_or(message.sent_at)),
        }
    }

    /// Somebody who is in a room. How far others have read is told as far as they let it be known.
    pub fn participant(
        &self,
        cast: &Cast,
        participant: &Participant,
        viewer: PersonId,
    ) -> ParticipantRow {
        let member = &participant.member;
        let person = cast.now(member.person);
        let told = member.settings.read_receipt_enabled || member.person == viewer;
        ParticipantRow {
            id: member.number,
            room_id: member.room,
            user_id: person.number,
            user_uuid: member.person.0,
            user_name: person.name,
            role: role_word(member.role),
            joined_at: self.times.print(member.joined_at),
            last_read_at: self.print(member.read_at.filter(|_| told)),
            is_active: member.removed_at.is_none(),
        }
    }

    /// Whether somebody of a room is online.
    pub fn online(&self, cast: &Cast, participant: &Participant) -> OnlineRow {
        let member = &participant.member;
        let person = cast.now(member.person);
        let is_online = self.app.presence.is_online(member.person);
        let seen_at = if is_online {
            Some(self.app.clock.now_us())
        } else {
            participant.seen_at
        };
        OnlineRow {
            user_id: person.number,
            user_name: person.name,
            is_online,
            last_seen: self.print(seen_at),
        }
    }
}

/// How a room is set, for one of its members.
pub(super) fn settings(room: &StoredRoom, member: &MemberRow) -> SettingsView {
    SettingsView {
        room_id: room.number,
        notification_enabled: member.settings.notification_enabled,
        message_retention_days: room.retention.days,
        auto_delete_enabled: room.retention.auto_delete,
        read_receipt_enabled: member.settings.read_receipt_enabled,
    }
}
