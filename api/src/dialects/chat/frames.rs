//! How the chat dialect shows events, who is online and who types on its sockets.

use std::sync::Arc;

use async_trait::async_trait;
use domain::{
    Event, MemberEvent, MessageBody, MessageEvent, PersonId, RoomEvent, RoomId, UploadId,
};
use event_store::Position;
use projections::Fact;
use serde::Serialize;
use serde_json::{Value, json};

use super::shapes::LocationShape;
use super::show::kind_word;
use crate::live::{Dialect, Ended, Ephemeral, Frame, Outgoing, Sign, To, Topic};
use crate::people::{KnownRoom, People};
use crate::times::LegacyTimes;
use crate::uploads::{File, Files};

/// The chat dialect's frames.
pub struct ChatFrames {
    pub people: Arc<People>,
    pub times: LegacyTimes,
    pub files: Files,
}

/// A message as the guide shows it live, and what a row has beside.
#[derive(Serialize)]
struct MessageFrame<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    message_id: u64,
    uuid: uuid::Uuid,
    room_id: u64,
    sender_id: u64,
    sender_name: &'a str,
    content: &'a str,
    message_type: &'static str,
    timestamp: String,
    reply_to_message_id: Option<u64>,
    file_url: Option<String>,
    file_name: Option<String>,
    file_size: Option<u64>,
    location: Option<LocationShape>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_message_id: Option<&'a str>,
}

impl ChatFrames {
    async fn message(&self, fact: &Fact, event: &MessageEvent) -> Option<Vec<Outgoing>> {
        let recorded = &fact.recorded;
        match event {
            MessageEvent::Sent { room, .. } => {
                let room = self.people.room(*room, recorded.position).await?;
                self.sent(fact, room, event).await
            }
            MessageEvent::Edited {
                room, number, body, ..
            } => {
                let content = json!({
                    "type": "message_edited",
                    "message_id": number,
                    "content": body.get().map_or("", |body| &body.text),
                    "edited_at": self.times.print(recorded.recorded_at),
                });
                Some(vec![out(*room, To::All, fact, &content)])
            }
            MessageEvent::Deleted { room, number, .. } => {
                let content = json!({
                    "type": "message_deleted",
                    "message_id": number,
                    "deleted_at": self.times.print(recorded.recorded_at),
                });
                Some(vec![out(*room, To::All, fact, &content)])
            }
        }
    }

    /// A message. Its sender's connections are told their own id of it.
    async fn sent(
        &self,
        fact: &Fact,
        room: KnownRoom,
        event: &MessageEvent,
    ) -> Option<Vec<Outgoing>> {
        let MessageEvent::Sent {
            message,
            sender,
            message_kind,
            reply_number,
            file,
            body,
            ..
        } = event
        else {
            return None;
        };
        let recorded = &fact.recorded;
        let person = self.people.speaker(room, *sender, recorded.position).await;
        let file = self.file(*file, recorded.position).await;
        let file_size = file.as_ref().map(|file| file.size);
        let (file_url, file_name) = file.map(|file| (file.url, file.name)).unzip();
        let nothing = MessageBody::default();
        let body = body.get().unwrap_or(&nothing);
        let mut frame = MessageFrame {
            kind: "message",
            message_id: recorded.number(),
            uuid: message.0,
            room_id: room.number,
            sender_id: person.number,
            sender_name: &person.name,
            content: &body.text,
            message_type: kind_word(*message_kind),
            timestamp: self.times.print(recorded.recorded_at),
            reply_to_message_id: *reply_number,
            file_url: file_url.or_else(|| body.link.clone()),
            file_name,
            file_size,
            location: body.location.clone().map(Into::into),
            client_message_id: None,
        };
        let Some(client_id) = &body.client_message_id else {
            return Some(vec![out(room.id, To::All, fact, &frame)]);
        };
        let others = out(room.id, To::Except(*sender), fact, &frame);
        frame.client_message_id = Some(client_id);
        Some(vec![others, out(room.id, To::Only(*sender), fact, &frame)])
    }

    async fn file(&self, upload: Option<UploadId>, position: Position) -> Option<File> {
        let upload = upload?;
        self.people.wait_for(position).await;
        self.files.live(upload).await
    }

    /// How far somebody has read: told to all, or to themselves alone if they want it so.
    async fn read(
        &self,
        fact: &Fact,
        room: RoomId,
        person: PersonId,
        number: u64,
    ) -> Option<Vec<Outgoing>> {
        let position = fact.recorded.position;
        let room = self.people.room(room, position).await?;
        let to = if self.people.tells_readings(room, person, position).await {
            To::All
        } else {
            To::Only(person)
        };
        let reader = self.people.speaker(room, person, position).await;
        let content = json!({
            "type": "message_read",
            "user_id": reader.number,
            "user_name": reader.name,
            "last_read_message_id": number,
            "last_read_at": self.times.print(fact.recorded.recorded_at),
        });
        Some(vec![out(room.id, to, fact, &content)])
    }

    async fn room(&self, fact: &Fact, event: &RoomEvent) -> Option<Vec<Outgoing>> {
        let (kind, person) = match event {
            RoomEvent::MemberAdded { person, .. } => ("participant_joined", *person),
            RoomEvent::MemberRemoved { person } => ("participant_left", *person),
            RoomEvent::Opened { .. }
            | RoomEvent::Closed {}
            | RoomEvent::Described { .. }
            | RoomEvent::Booked { .. }
            | RoomEvent::RetentionSet { .. }
            | RoomEvent::DayDestroyed { .. } => return None,
        };
        let position = fact.recorded.position;
        let room = self.people.room(RoomId(fact.id), position).await?;
        let who = self.people.speaker(room, person, position).await;
        let content = json!({
            "type": kind,
            "user_id": who.number,
            "user_name": who.name,
        });
        let mut frames = vec![out(room.id, To::Except(person), fact, &content)];
        if matches!(event, RoomEvent::MemberRemoved { .. }) {
            let mut last = out(room.id, To::Only(person), fact, &content);
            last.then = Some(Ended::NotAllowed);
            frames.push(last);
        }
        Some(frames)
    }
}

#[async_trait]
impl Dialect for ChatFrames {
    fn notice(&self, fact: &Fact) -> Vec<Topic> {
        self.people.notice(fact);
        match &fact.event {
            Event::Message(
                MessageEvent::Sent { room, .. }
                | MessageEvent::Edited { room, .. }
                | MessageEvent::Deleted { room, .. },
            )
            | Event::Member(MemberEvent::Read { room, .. }) => vec![Topic::Room(room.0)],
            Event::Room(_) => vec![Topic::Room(fact.id)],
            Event::Member(MemberEvent::Delivered { .. } | MemberEvent::SettingsChanged { .. })
            | Event::Account(_)
            | Event::Email(_)
            | Event::Session(_)
            | Event::Counselor(_)
            | Event::Consultation(_)
            | Event::Presence(_)
            | Event::Access(_)
            | Event::Seal(_)
            | Event::Upload(_)
            | Event::Erasure(_)
            | Event::Hold(_)
            | Event::Emotion(_)
            | Event::Alert(_) => Vec::new(),
        }
    }

    async fn frames(&self, fact: &Fact) -> Vec<Outgoing> {
        let frames = match &fact.event {
            Event::Message(event) => self.message(fact, event).await,
            Event::Member(MemberEvent::Read {
                room,
                person,
                number,
                message: _,
            }) => self.read(fact, *room, *person, *number).await,
            Event::Room(event) => self.room(fact, event).await,
            Event::Member(MemberEvent::Delivered { .. } | MemberEvent::SettingsChanged { .. })
            | Event::Account(_)
            | Event::Email(_)
            | Event::Session(_)
            | Event::Counselor(_)
            | Event::Consultation(_)
            | Event::Presence(_)
            | Event::Access(_)
            | Event::Seal(_)
            | Event::Upload(_)
            | Event::Erasure(_)
            | Event::Hold(_)
            | Event::Emotion(_)
            | Event::Alert(_) => None,
        };
        frames.unwrap_or_default()
    }

    async fn ephemeral(&self, told: &Ephemeral) -> Option<Value> {
        let (kind, name, value) = match told.sign {
            Sign::Online(true) => ("user_status", "status", json!("online")),
            Sign::Online(false) => ("user_status", "status", json!("offline")),
            Sign::Typing(is_typing) => ("typing", "is_typing", json!(is_typing)),
            Sign::Here(_) => return None,
        };
        let room = self.people.room(told.room, 0).await?;
        let person = self.people.speaker(room, told.person, Position::MAX).await;
        Some(json!({
            "type": kind,
            "user_id": person.number,
            "user_name": person.name,
            name: value,
        }))
    }
}

fn out(room: RoomId, to: To, fact: &Fact, content: &impl Serialize) -> Outgoing {
    Outgoing {
        topic: Topic::Room(room.0),
        to,
        frame: Frame::durable(content, fact.recorded.position),
        then: None,
    }
}
