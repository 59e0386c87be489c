//! Saying something in a room, in whatever dialect and over whatever transport: the same id that a
//! client gave its message is the same message everywhere.

use std::sync::Arc;

use domain::{
    Event, MessageBody, MessageEvent, MessageId, MessageKind, PersonId, Refusal, RoomId, UploadId,
    limits,
};
use projections::messages::{self, MessageRow};
use projections::{FromValue, SealedColumn, fact};

use crate::answer::Settled;
use crate::app::App;
use crate::auth::Asked;
use crate::commands::Request;
use crate::commands::rooms::SendMessage;
use crate::error::ApiError;
use crate::once::{Repeatable, Whose, fingerprint};

/// What somebody says in a room.
#[derive(Debug, Clone)]
pub struct Saying {
    pub room: RoomId,
    pub sender: PersonId,
    pub kind: MessageKind,
    /// A message of the same room.
    pub reply_to: Option<MessageId>,
    /// A file of the sender's.
    pub file: Option<UploadId>,
    pub body: MessageBody,
}

impl Saying {
    /// The command that it is, and the request to execute it with. Its own id counts before an
    /// `Idempotency-Key`, which is good for one call of one dialect only.
    ///
    /// # Errors
    /// 422 for an id that is empty or too long.
    pub fn asked(self, app: &App, asked: Asked) -> Result<(Request, SendMessage), ApiError> {
        let Asked {
            mut request,
            mut repeatable,
        } = asked;
        if let Some(id) = &self.body.client_message_id {
            let by_id = self.by_client_id(app, id)?;
            request.once = Some(by_id.once.clone());
            repeatable = Some(by_id);
        }
        let message = match &repeatable {
            Some(repeatable) => repeatable.seed.id("message"),
            None => app.ids.next(),
        };
        let command = SendMessage {
            message: MessageId(message),
            room: self.room,
            sender: self.sender,
            kind: self.kind,
            reply_to: self.reply_to,
            file: self.file,
            body: self.body,
        };
        Ok((request, command))
    }

    fn by_client_id(&self, app: &App, id: &str) -> Result<Repeatable, ApiError> {
        let most = limits::CLIENT_MESSAGE_ID_CHARS;
        if !(1..=most).contains(&id.chars().count()) || id.contains('\0') {
            let message = format!("must have 1 to {most} characters and no NUL");
            return Err(ApiError::invalid("body", "client_message_id", message));
        }
        let pepper = &app.authority.pepper;
        let content = self.content();
        let content: Vec<&[u8]> = content.iter().map(Vec::as_slice).collect();
        let print = fingerprint(pepper, &content);
        let scope = format!("room {}", self.room);
        let whose = Whose::Person(self.sender);
        let now = app.clock.now_us();
        Ok(Repeatable::new(pepper, whose, &scope, id, print, now))
    }

    /// What tells one content from another. A file that is sent again is another upload: of it
    /// counts only that there is one.
    fn content(&self) -> Vec<Vec<u8>> {
        let mut parts = vec![self.body.text.clone().into_bytes()];
        let is_plain = self.kind == MessageKind::Text && self.reply_to.is_none();
        if !is_plain || self.body.location.is_some() || self.body.link.is_some() {
            let reply_to = self.reply_to.map(|message| message.0.as_bytes().to_vec());
            let location = serde_json::to_vec(&self.body.location).unwrap_or_default();
            parts.push(format!("{:?}", self.kind).into_bytes());
            parts.push(reply_to.unwrap_or_default());
            parts.push(location);
            parts.push(self.body.link.clone().unwrap_or_default().into_bytes());
        }
        parts
    }
}

/// The message that was sent, now or the first time, in a room given by its number: as it is now,
/// or as it was sent where the read models do not show it yet.
///
/// # Errors
/// 410 where its day has been destroyed since it was sent for the first time.
pub async fn said(app: &App, room: u64, settled: &Settled) -> Result<MessageRow, ApiError> {
    let recorded = settled.done.event("message.sent");
    let recorded = recorded.ok_or_else(ApiError::internal)?;
    let number = recorded.number();
    if let Some(message) = messages::in_room(&*app.reader, room, number).await? {
        return Ok(message);
    }
    if !settled.lagging {
        return Err(Refusal::MessageErased.into());
    }
    let fact = fact(Arc::clone(recorded), &*app.keys).map_err(|error| {
        tracing::error!(%error, "an event that was just written cannot be read");
        ApiError::internal()
    })?;
    let Event::Message(MessageEvent::Sent {
        message,
        sender,
        message_kind,
        reply_to,
        reply_number,
        file,
        ..
    }) = &fact.event
    else {
        return Err(ApiError::internal());
    };
    Ok(MessageRow {
        position: recorded.position,
        number,
        id: *message,
        room,
        sender: *sender,
        kind: *message_kind,
        reply_to: *reply_to,
        reply_number: *reply_number,
        file: *file,
        body: SealedColumn::from_value(&SealedColumn::of(recorded, 0)),
        sent_at: recorded.recorded_at,
        edited_at: None,
        deleted_at: None,
    })
}
