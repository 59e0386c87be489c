//! What clients send: messages, readings, typing, and which rooms they want to hear of.

use std::sync::Arc;

use domain::{MessageId, RoomId, RoomKind};
use projections::rooms;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::access::{Entered, lagging};
use super::arrival::hearing;
use super::errors::naming;
use super::messages::{saying, unknown_yet};
use super::packet::{answer, refusal, refused};
use super::session::{Session, Visits};
use super::shapes::SendRequest;
use crate::auth::Asked;
use crate::commands::rooms::MarkRead;
use crate::error::ApiError;
use crate::extract::{Problems, Validate, decode_json};
use crate::limits::Payer;
use crate::live::bad_frame;
use crate::times::utc_millis;

/// Rooms that one connection joins at most.
const MAX_JOINED: usize = 2_000;

/// Rooms that a connection has at hand.
const MAX_KNOWN_ROOMS: usize = 16;

/// A message for a room.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Send {
    room_id: Uuid,
    #[serde(flatten)]
    message: SendRequest,
}

impl Validate for Send {
    fn validate(&self, problems: &mut Problems) {
        self.message.validate(problems);
    }
}

/// Everything up to a message was read.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Read {
    message_id: Uuid,
}

impl Validate for Read {}

/// A room.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Of {
    room_id: Uuid,
}

impl Validate for Of {}

/// A room, or all of them.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfAny {
    #[serde(default)]
    room_id: Option<Uuid>,
}

impl Validate for OfAny {}

impl Session {
    /// Does what an event asks for, and answers it. What is refused is told in any case.
    pub(super) async fn take(
        &self,
        name: &str,
        argument: &str,
        ack: Option<i64>,
        visits: &mut Visits,
    ) {
        let outbox = &self.subscriber.outbox;
        match self.dispatch(name, argument.as_bytes(), visits).await {
            Ok(mut done) => {
                if let Some(id) = ack {
                    done["ok"] = true.into();
                    outbox.push(answer(id, &done));
                }
            }
            Err(error) => {
                outbox.push(refusal(&error));
                if let Some(id) = ack {
                    outbox.push(refused(id, &error));
                }
            }
        }
    }

    pub(super) fn refuse_binary(&self, ack: Option<i64>) {
        let error = bad_frame("no event takes binary data");
        self.subscriber.outbox.push(refusal(&error));
        if let Some(id) = ack {
            self.subscriber.outbox.push(refused(id, &error));
        }
    }

    async fn dispatch(
        &self,
        name: &str,
        argument: &[u8],
        visits: &mut Visits,
    ) -> Result<Value, ApiError> {
        let payer = Payer::Person(self.caller.account.0);
        if name == "message:send" {
            self.app.limits.message(payer)?;
            return self.say(decode_json(argument)?).await;
        }
        self.app.limits.request(payer)?;
        match name {
            "message:read" => self.read(decode_json(argument)?).await,
            "typing:start" => self.types(decode_json(argument)?, true, visits).await,
            "typing:stop" => self.types(decode_json(argument)?, false, visits).await,
            "room:join" => self.joins(decode_json(argument)?, visits).await,
            "room:leave" => self.leaves(decode_json(argument)?, visits).await,
            _ => Err(bad_frame("there is no such event")),
        }
    }

    async fn enter(&self, room: Uuid) -> Result<Entered, ApiError> {
        Entered::into_room(&self.app, self.person, RoomId(room)).await
    }

    /// A room that they were in a moment ago; whether they still are is decided with what they do
    /// there.
    async fn entered(&self, room: Uuid) -> Result<Arc<Entered>, ApiError> {
        let room = RoomId(room);
        if let Some(entered) = self.rooms.lock().get(&room) {
            return Ok(Arc::clone(entered));
        }
        let entered = Arc::new(self.enter(room.0).await?);
        let mut rooms = self.rooms.lock();
        if rooms.len() >= MAX_KNOWN_ROOMS {
            rooms.clear();
        }
        rooms.insert(room, Arc::clone(&entered));
        Ok(entered)
    }

    async fn say(&self, sent: Send) -> Result<Value, ApiError> {
        let app = &*self.app;
        let entered = self.entered(sent.room_id).await?;
        let saying = saying(
            app,
            &entered,
            self.line.client.shown.host.as_deref(),
            sent.message,
        )
        .await?;
        let asked = Asked {
            request: self.request(),
            repeatable: None,
        };
        let (request, command) = saying.asked(app, asked)?;
        let done = app.commands.execute(&request, &command).await;
        let done = done.map_err(|error| naming(error.into()))?;
        let sent = done.event("message.sent").ok_or_else(ApiError::internal)?;
        Ok(json!({
            "messageId": sent.stream.key(), "number": sent.number(),
            "timestamp": utc_millis(sent.recorded_at), "position": sent.position,
        }))
    }

    async fn read(&self, read: Read) -> Result<Value, ApiError> {
        let app = &*self.app;
        let message = unknown_yet(app, MessageId(read.message_id)).await?;
        let unknown = || ApiError::from(domain::Refusal::UnknownMessage);
        let room = rooms::by_number(&*app.reader, message.room).await?;
        let room = room.ok_or_else(unknown)?;
        // To all others there is no such message.
        let entered = self.enter(room.id.0).await.map_err(|error| {
            if error.status.is_client_error() {
                unknown()
            } else {
                error
            }
        })?;
        let command = MarkRead {
            room: entered.room_id(),
            person: self.person,
            message: message.id,
            number: message.number,
        };
        app.commands.execute(&self.request(), &command).await?;
        Ok(json!({"roomId": room.id, "messageId": message.id}))
    }

    async fn types(&self, of: Of, is_typing: bool, visits: &mut Visits) -> Result<Value, ApiError> {
        let entered = self.enter(of.room_id).await?;
        let room = entered.room_id();
        self.visit(room, visits).await?;
        if let Some(visit) = visits.get(&room) {
            visit.typing(is_typing).await;
        }
        Ok(json!({"roomId": room}))
    }

    async fn joins(&self, of: OfAny, visits: &mut Visits) -> Result<Value, ApiError> {
        let rooms = if let Some(room) = of.room_id {
            vec![self.enter(room).await?.room_id()]
        } else {
            let rooms = hearing(&self.app, self.person).await;
            let rooms = rooms.map_err(|_| lagging())?;
            rooms.into_iter().map(|room| room.id).collect()
        };
        for room in &rooms {
            self.visit(*room, visits).await?;
            let _turn = self.delivery.joining.lock().await;
            let since = self.seat.join(*room);
            // They may have been sent away while they came.
            let entered = match self.enter(room.0).await {
                Ok(entered) => entered,
                Err(error) => {
                    self.seat.leave(*room, false);
                    return Err(error);
                }
            };
            if let Some(since) = since
                && self.catch_up_in(&entered.room, since).await.is_err()
            {
                self.seat.leave(*room, false);
                return Err(lagging());
            }
        }
        Ok(json!({"rooms": rooms}))
    }

    async fn leaves(&self, of: OfAny, visits: &mut Visits) -> Result<Value, ApiError> {
        let rooms = match of.room_id {
            Some(room) => vec![RoomId(room)],
            None => visits.keys().copied().collect(),
        };
        for room in &rooms {
            let row = rooms::by_id(&*self.app.reader, *room).await?;
            let is_of_two = row.is_some_and(|row| row.kind != RoomKind::Group);
            if !is_of_two {
                self.leaves_off(*room);
            }
            self.seat.leave(*room, is_of_two);
            if let Some(visit) = visits.remove(room) {
                visit.end(&self.app).await;
            }
        }
        Ok(json!({"rooms": rooms}))
    }

    /// They are present in a room from now on.
    async fn visit(&self, room: RoomId, visits: &mut Visits) -> Result<(), ApiError> {
        if visits.contains_key(&room) {
            return Ok(());
        }
        if visits.len() >= MAX_JOINED {
            return Err(bad_frame("one connection joins at most 2,000 rooms"));
        }
        let visit = self.app.presence.arrive(self.person, Some(room)).await;
        visits.insert(room, visit);
        Ok(())
    }
}
