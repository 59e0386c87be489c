//! How the feed dialect shows events, and who is in a room, on its sockets.

use std::sync::Arc;

use async_trait::async_trait;
use domain::{
    AccountEvent, Event, MemberEvent, MessageEvent, PersonId, Refusal, RoomEvent, RoomId,
};
use event_store::Position;
use projections::Fact;
use serde::Serialize;
use serde_json::{Value, json};

use super::show::{joined, sent, user};
use crate::live::{Dialect, Ended, Ephemeral, Frame, Outgoing, Sign, To, Topic};
use crate::people::{KnownRoom, People, Person};
use crate::times::utc_seconds;

/// The feed dialect's frames.
pub struct FeedFrames {
    pub people: Arc<People>,
}

/// What every frame but an error has around its content.
#[derive(Serialize)]
struct Envelope<T> {
    #[serde(rename = "type")]
    kind: &'static str,
    room_id: u64,
    /// Whom it is about.
    user_id: u64,
    data: T,
}

/// An event of a room, and where it goes.
struct Told<'a> {
    fact: &'a Fact,
    room: KnownRoom,
    /// Whom it is about.
    person: Arc<Person>,
}

impl Told<'_> {
    fn to(&self, to: To, kind: &'static str, data: impl Serialize) -> Outgoing {
        let envelope = Envelope {
            kind,
            room_id: self.room.number,
            user_id: self.person.number,
            data,
        };
        Outgoing {
            topic: Topic::Room(self.room.id.0),
            to,
            frame: Frame::durable(&envelope, self.fact.recorded.position),
            then: None,
        }
    }

    fn to_all(&self, kind: &'static str, data: impl Serialize) -> Vec<Outgoing> {
        vec![self.to(To::All, kind, data)]
    }

    /// A message. Its sender's connections are told their own id of it.
    fn message(&self, event: &MessageEvent, sender: PersonId) -> Option<Vec<Outgoing>> {
        let person = Person::clone(&self.person);
        let mut row = sent(self.fact, event, self.room.number, person)?;
        let Some(own_id) = row.client_message_id.take() else {
            return Some(self.to_all("message", &row));
        };
        let others = self.to(To::Except(sender), "message", &row);
        row.client_message_id = Some(own_id);
        Some(vec![others, self.to(To::Only(sender), "message", &row)])
    }

    /// What an edit changes, and of which message.
    fn edited(&self, number: u64, message: &MessageEvent) -> Option<Vec<Outgoing>> {
        let MessageEvent::Edited { message, body, .. } = message else {
            return None;
        };
        Some(self.to_all(
            "message_edited",
            json!({
                "id": number,
                "uuid": message.0,
                "chat_room_id": self.room.number,
                "user_id": self.person.number,
                "message": body.get().map_or("", |body| &body.text),
                "is_edited": true,
                "updated_at": self.time(),
                "user": user(Person::clone(&self.person)),
            }),
        ))
    }

    fn time(&self) -> String {
        utc_seconds(self.fact.recorded.recorded_at)
    }
}

impl FeedFrames {
    async fn told<'a>(&self, fact: &'a Fact, room: RoomId, person: PersonId) -> Option<Told<'a>> {
        let position = fact.recorded.position;
        let room = self.people.room(room, position).await?;
        let person = self.people.speaker(room, person, position).await;
        Some(Told { fact, room, person })
    }

    async fn message(&self, fact: &Fact, event: &MessageEvent) -> Option<Vec<Outgoing>> {
        match event {
            MessageEvent::Sent { room, sender, .. } => {
                let told = self.told(fact, *room, *sender).await?;
                told.message(event, *sender)
            }
            MessageEvent::Edited {
                room,
                sender,
                number,
                ..
            } => {
                let told = self.told(fact, *room, *sender).await?;
                told.edited(*number, event)
            }
            MessageEvent::Deleted {
                room,
                sender,
                number,
                message,
                by: _,
            } => {
                let told = self.told(fact, *room, *sender).await?;
                Some(told.to_all(
                    "message_deleted",
                    json!({
                        "id": number,
                        "uuid": message.0,
                        "chat_room_id": told.room.number,
                        "user_id": told.person.number,
                        "is_deleted": true,
                        "updated_at": told.time(),
                    }),
                ))
            }
        }
    }

    /// How far somebody has read: told to all, or to themselves alone if they want it so.
    async fn read(&self, fact: &Fact, room: RoomId, person: PersonId) -> Option<Vec<Outgoing>> {
        let told = self.told(fact, room, person).await?;
        let position = fact.recorded.position;
        let to = if self
            .people
            .tells_readings(told.room, person, position)
            .await
        {
            To::All
        } else {
            To::Only(person)
        };
        let data = json!({"user_id": told.person.number, "last_read_at": told.time()});
        Some(vec![told.to(to, "read", data)])
    }

    async fn room(&self, fact: &Fact, event: &RoomEvent) -> Option<Vec<Outgoing>> {
        let room = RoomId(fact.id);
        match event {
            RoomEvent::MemberAdded { person, role } => {
                let told = self.told(fact, room, *person).await?;
                let member = joined(fact, *role, told.room.number, &told.person);
                Some(told.to_all("member_join", member))
            }
            RoomEvent::MemberRemoved { person } => {
                let told = self.told(fact, room, *person).await?;
                let data = json!({"user_id": told.person.number});
                let others = told.to(To::Except(*person), "member_leave", &data);
                let mut last = told.to(To::Only(*person), "member_leave", &data);
                last.then = Some(Ended::NotAllowed);
                Some(vec![others, last])
            }
            RoomEvent::Opened { .. }
            | RoomEvent::Closed {}
            | RoomEvent::Described { .. }
            | RoomEvent::Booked { .. }
            | RoomEvent::RetentionSet { .. }
            | RoomEvent::DayDestroyed { .. } => None,
        }
    }
}

#[async_trait]
impl Dialect for FeedFrames {
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
            Event::Account(AccountEvent::Deactivated {}) => vec![Topic::Account(fact.id)],
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
            Event::Member(MemberEvent::Read { room, person, .. }) => {
                self.read(fact, *room, *person).await
            }
            Event::Room(event) => self.room(fact, event).await,
            Event::Account(AccountEvent::Deactivated {}) => Some(vec![locked_out(fact)]),
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
        let (kind, status) = match told.sign {
            Sign::Here(true) => ("member_online", "online"),
            Sign::Here(false) => ("member_offline", "offline"),
            Sign::Online(_) | Sign::Typing(_) => return None,
        };
        let room = self.people.room(told.room, 0).await?;
        let person = self.people.speaker(room, told.person, Position::MAX).await;
        serde_json::to_value(Envelope {
            kind,
            room_id: room.number,
            user_id: person.number,
            data: json!({"user_id": person.number, "status": status}),
        })
        .ok()
    }
}

/// Ends the connections of an account that may not log in any more, whoever spoke for it.
fn locked_out(fact: &Fact) -> Outgoing {
    Outgoing {
        topic: Topic::Account(fact.id),
        to: To::All,
        frame: Frame::error(&Refusal::AccountInactive.into()),
        then: Some(Ended::NotAuthenticated),
    }
}
