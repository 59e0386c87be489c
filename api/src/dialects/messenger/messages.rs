//! The messages of a room: a page of them, and a new one.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::{MessageBody, MessageId, MessageKind, Refusal};
use projections::messages::{self, MessageRow as StoredMessage};

use super::TAG;
use super::access::{Entered, InRoom, lagging};
use super::attachments::{Attachment, host};
use super::errors::naming;
use super::shapes::{MessagePage, MessageRow, MessageType, Pagination, SendRequest};
use super::show::Show;
use crate::app::App;
use crate::auth::RequestContext;
use crate::error::ApiError;
use crate::extract::{Body, PageOf, PageRule};
use crate::limits::Payer;
use crate::saying::{Saying, said};
use crate::uploads::bind_file;

/// How messages are paged.
pub(super) struct MessagePages;

impl PageRule for MessagePages {
    const SIZE: &'static str = "limit";
    const DEFAULT: u64 = 50;
    const MAX: u64 = 100;
}

/// A page of messages, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/messages/chats/{chat_id}/messages",
    tag = TAG,
    params(
        ("chat_id" = uuid::Uuid, Path),
        ("page" = Option<u64>, Query, description = "From 1", minimum = 1),
        ("limit" = Option<u64>, Query, description = "50 by default", minimum = 1, maximum = 100),
    ),
    security(("bearer" = [])),
    responses(
        (status = 200, body = MessagePage),
        (status = 401, description = "No valid token"),
        (status = 404, description = "No such room, or not the caller's"),
        (status = 422, description = "Not a UUID, or no such page"),
    )
)]
pub(super) async fn list_messages(
    State(app): State<Arc<App>>,
    InRoom { entered, .. }: InRoom,
    page: PageOf<MessagePages>,
) -> Result<Json<MessagePage>, ApiError> {
    let room = &entered.room;
    let total = messages::count(&*app.reader, room.number).await?;
    let rows = messages::page_newest(&*app.reader, room.number, page.0.stored()).await?;
    let mut messages = Show::new(&app).messages(&entered, &rows).await?;
    messages.reverse();
    Ok(Json(MessagePage {
        messages,
        pagination: Pagination::of(page.0, total),
    }))
}

/// Sends a message. Every live connection to the room is told.
#[utoipa::path(
    post,
    path = "/api/v1/messages/chats/{chat_id}/messages",
    tag = TAG,
    params(("chat_id" = uuid::Uuid, Path)),
    security(("bearer" = [])),
    request_body = SendRequest,
    responses(
        (status = 201, body = MessageRow),
        (status = 401, description = "No valid token"),
        (status = 403, description = "The attachment is not an upload of the caller's"),
        (status = 404, description = "No such room, or not the caller's; no such message to answer"),
        (status = 409, description = "Nothing can be sent here any more"),
        (status = 410, description = "The attachment no longer exists"),
        (status = 422, description = "A field is not valid"),
        (status = 429, description = "Too many messages"),
    )
)]
pub(super) async fn send_message(
    State(app): State<Arc<App>>,
    InRoom { caller, entered }: InRoom,
    context: RequestContext,
    headers: HeaderMap,
    Body(body): Body<SendRequest>,
) -> Result<Response, ApiError> {
    app.limits.message(Payer::Person(caller.account.0))?;
    let saying = saying(&app, &entered, host(&headers), body).await?;
    let asked = context.asked_by(&app, &caller)?;
    let file = saying.file;
    let (mut request, command) = saying.asked(&app, asked)?;
    if let Some(file) = file {
        bind_file(&app, &mut request.once, file);
    }
    let settled = app.execute(&request, &command).await.map_err(naming)?;
    let message = said(&app, entered.room.number, &settled).await?;
    let mut rows = Show::new(&app)
        .messages(&entered, std::slice::from_ref(&message))
        .await?;
    let row = rows.pop().ok_or_else(ApiError::internal)?;
    Ok(settled.answer(StatusCode::CREATED, row))
}

/// What somebody says, with what it shows and answers.
pub(super) async fn saying(
    app: &App,
    entered: &Entered,
    host: Option<&str>,
    body: SendRequest,
) -> Result<Saying, ApiError> {
    let attachment = match body.attachment() {
        Some(url) => Some(Attachment::named(app, entered.person(), host, url).await?),
        None => None,
    };
    let said = body.kind.map(MessageType::kind);
    let kind = attachment
        .as_ref()
        .map_or(said.unwrap_or(MessageKind::Text), |shown| shown.kind(said));
    let (file, link) = match attachment {
        Some(Attachment::File { upload, .. }) => (Some(upload), None),
        Some(Attachment::Link(link)) => (None, Some(link)),
        None => (None, None),
    };
    Ok(Saying {
        room: entered.room_id(),
        sender: entered.person(),
        kind,
        reply_to: match body.reply_to_message_id {
            Some(id) => Some(known(app, entered, MessageId(id)).await?.id),
            None => None,
        },
        file,
        body: MessageBody {
            text: body.content.unwrap_or_default(),
            client_message_id: body.client_message_id,
            location: None,
            link,
        },
    })
}

/// A message of the room that somebody may have seen before the read models had it.
pub(super) async fn known(
    app: &App,
    entered: &Entered,
    message: MessageId,
) -> Result<StoredMessage, ApiError> {
    let found = unknown_yet(app, message).await?;
    if found.room == entered.room.number {
        Ok(found)
    } else {
        Err(Refusal::UnknownMessage.into())
    }
}

/// A message of whichever room, that the read models may not have yet.
pub(super) async fn unknown_yet(app: &App, message: MessageId) -> Result<StoredMessage, ApiError> {
    let find = || messages::by_id(&*app.reader, &*app.store, message);
    let found = match find().await? {
        None if app.caught_up().await => find().await?,
        None => return Err(lagging()),
        found => found,
    };
    found.ok_or_else(|| Refusal::UnknownMessage.into())
}
