//! How the messenger dialect shows events, who is online and who types on its connections.

use std::sync::Arc;

use async_trait::async_trait;
use domain::{
    Event, Location, MemberEvent, MessageBody, MessageEvent, MessageId, MessageKind, PersonId,
    RoomEvent, RoomId, RoomKind, UploadId,
};
use projections::Fact;
use serde::Serialize;
use serde_json::{Value, json};

use super::packet::{durable, named};
use super::seats::Seats;
use super::shapes::MessageType;
use crate::live::{Brought, Dialect, Ephemeral, Frame, Outgoing, Sign, To, Topic};
use crate::people::People;
use crate::times::utc_millis;
use crate::uploads::file_url;

/// The messenger dialect's frames.
pub struct MessengerFrames {
    pub people: Arc<People>,
    /// Who is connected, so that they come to hear of rooms that they are brought into.
    pub seats: Arc<Seats>,
}

/// A message as the guide shows it live, and what a row has beside.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewMessage<'a> {
    pub message_id: uuid::Uuid,
    pub number: u64,
    pub room_id: uuid::Uuid,
    pub sender_id: uuid::Uuid,
    pub content: &'a str,
    pub message_type: MessageType,
    pub attachment_url: Option<String>,
    pub timestamp: String,
    pub reply_to_message_id: Option<uuid::Uuid>,
    pub location: Option<&'a Location>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_message_id: Option<&'a str>,
}

/// What of a message does not stand in its body.
pub(super) struct About {
    pub message: MessageId,
    pub number: u64,
    pub room: RoomId,
    pub sender: PersonId,
    pub kind: MessageKind,
    pub reply_to: Option<MessageId>,
    pub file: Option<UploadId>,
    pub sent_at: i64,
}

impl<'a> NewMessage<'a> {
    pub fn of(about: &About, body: &'a MessageBody) -> Self {
        Self {
            message_id: about.message.0,
            number: about.number,
            room_id: about.room.0,
            sender_id: about.sender.0,
            content: &body.text,
            message_type: MessageType::of(about.kind),
            attachment_url: about.file.map(file_url).or_else(|| body.link.clone()),
            timestamp: utc_millis(about.sent_at),
            reply_to_message_id: about.reply_to.map(|original| original.0),
            location: body.location.as_ref(),
            client_message_id: None,
        }
    }
}

impl MessengerFrames {
    async fn message(&self, fact: &Fact, event: &MessageEvent) -> Option<Vec<Outgoing>> {
        let at = utc_millis(fact.recorded.recorded_at);
        match event {
            MessageEvent::Sent { .. } => self.sent(fact, event).await,
            MessageEvent::Edited {
                message,
                room,
                sender,
                body,
                number,
                ..
            } => {
                let content = json!({
                    "messageId": message, "number": number, "roomId": room, "senderId": sender,
                    "content": body.get().map_or("", |body| &body.text), "editedAt": at,
                });
                Some(vec![out(*room, To::All, fact, "message:edited", &content)])
            }
            MessageEvent::Deleted {
                message,
                room,
                sender,
                number,
                ..
            } => {
                let content = json!({
                    "messageId": message, "number": number, "roomId": room, "senderId": sender,
                    "deletedAt": at,
                });
                Some(vec![out(*room, To::All, fact, "message:deleted", &content)])
            }
        }
    }

    /// A message. Its sender's connections are told their own id of it.
    async fn sent(&self, fact: &Fact, event: &MessageEvent) -> Option<Vec<Outgoing>> {
        let MessageEvent::Sent {
            message,
            room,
            sender,
            message_kind,
            reply_to,
            file,
            body,
            ..
        } = event
        else {
            return None;
        };
        let recorded = &fact.recorded;
        let kind = self.people.room(*room, recorded.position).await?.kind;
        // One that was erased shows nothing.
        let body = body.get()?;
        let about = About {
            message: *message,
            number: recorded.number(),
            room: *room,
            sender: *sender,
            kind: *message_kind,
            reply_to: *reply_to,
            file: *file,
            sent_at: recorded.recorded_at,
        };
        let brought = Brought {
            message: *message,
            room: *room,
            sender: *sender,
            position: recorded.position,
            is_of_two: kind != RoomKind::Group,
        };
        let mut shown = NewMessage::of(&about, body);
        let event = "message:new";
        let mut others = out(*room, To::Except(*sender), fact, event, &shown);
        others.frame.message = Some(Arc::new(brought));
        shown.client_message_id = body.client_message_id.as_deref();
        let own = out(*room, To::Only(*sender), fact, event, &shown);
        Some(vec![others, own])
    }

    /// How far somebody has read: told to those who joined, or to themselves alone if they want it
    /// so.
    async fn read(&self, fact: &Fact, event: &MemberEvent) -> Option<Vec<Outgoing>> {
        let MemberEvent::Read {
            room,
            person,
            message,
            ..
        } = event
        else {
            return None;
        };
        let position = fact.recorded.position;
        let known = self.people.room(*room, position).await?;
        let to = if self.people.tells_readings(known, *person, position).await {
            To::All
        } else {
            To::Only(*person)
        };
        let content = json!({
            "roomId": room, "messageId": message, "userId": person,
            "readAt": utc_millis(fact.recorded.recorded_at),
        });
        let mut told = out(*room, to, fact, "message:read", &content);
        told.topic = Topic::Joined(room.0);
        Some(vec![told])
    }
}

#[async_trait]
impl Dialect for MessengerFrames {
    fn notice(&self, fact: &Fact) -> Vec<Topic> {
        self.people.notice(fact);
        match &fact.event {
            Event::Message(
                MessageEvent::Sent { room, .. }
                | MessageEvent::Edited { room, .. }
                | MessageEvent::Deleted { room, .. },
            ) => vec![Topic::Room(room.0)],
            Event::Member(MemberEvent::Read { room, .. }) => vec![Topic::Joined(room.0)],
            Event::Room(event) => {
                self.room(RoomId(fact.id), event);
                Vec::new()
            }
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
            Event::Member(event) => self.read(fact, event).await,
            Event::Room(_)
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
        let (person, room) = (told.person, told.room);
        match told.sign {
            Sign::Online(true) => Some(json!({"event": "user:online", "userId": person})),
            Sign::Online(false) => Some(json!({"event": "user:offline", "userId": person})),
            Sign::Typing(is_typing) => {
                let event = if is_typing {
                    "typing:start"
                } else {
                    "typing:stop"
                };
                Some(json!({"event": event, "roomId": room, "userId": person}))
            }
            Sign::Here(_) => None,
        }
    }

    fn place(&self, told: &Ephemeral) -> Topic {
        match told.sign {
            Sign::Typing(_) => Topic::Joined(told.room.0),
            Sign::Online(_) | Sign::Here(_) => Topic::Room(told.room.0),
        }
    }

    fn enclose(&self, frame: Frame) -> Frame {
        named(frame)
    }
}

impl MessengerFrames {
    fn room(&self, room: RoomId, event: &RoomEvent) {
        match event {
            RoomEvent::Opened { room_kind, .. } => self.seats.opened(room, *room_kind),
            RoomEvent::MemberAdded { person, .. } => self.seats.added(room, *person),
            RoomEvent::MemberRemoved { person } => self.seats.removed(room, *person),
            RoomEvent::Closed {}
            | RoomEvent::Described { .. }
            | RoomEvent::Booked { .. }
            | RoomEvent::RetentionSet { .. }
            | RoomEvent::DayDestroyed { .. } => {}
        }
    }
}

fn out(room: RoomId, to: To, fact: &Fact, event: &str, content: &impl Serialize) -> Outgoing {
    Outgoing {
        topic: Topic::Room(room.0),
        to,
        frame: durable(event, content, fact.recorded.position),
        then: None,
    }
}
