//! The messages of a room: a page of them, a new one, other words for one, and one taken back.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::{Location, MessageBody, MessageKind};
use projections::messages::{self, MessageRow as StoredMessage};

use super::TAG;
use super::access::{Entered, MessageNumber, lagging};
use super::errors::naming;
use super::form::{self, Posted};
use super::lookup::message_in;
use super::past::Seen;
use super::shapes::{EditRequest, MessageForm, MessagePage, MessageRequest, MessageRow};
use super::show::Show;
use crate::answer::Settled;
use crate::app::App;
use crate::auth::RequestContext;
use crate::commands::rooms::{DeleteMessage, EditMessage};
use crate::error::ApiError;
use crate::extract::{Body, PageOf, PageRule};
use crate::past::AsOf;
use crate::reading::ForOthers;
use crate::saying::{Saying, said};

/// How messages are paged.
pub(super) struct MessagePages;

impl PageRule for MessagePages {
    const SIZE: &'static str = "size";
    const DEFAULT: u64 = 50;
    const MAX: u64 = 100;
}

/// A page of messages: the newest are on the first page, and on each the oldest is first.
#[utoipa::path(
    get,
    path = "/chat/rooms/{room_id}/messages",
    tag = TAG,
    params(
        ("room_id" = u64, Path),
        ("page" = Option<u64>, Query, description = "From 1", minimum = 1),
        ("size" = Option<u64>, Query, description = "50 by default", minimum = 1, maximum = 100),
        ForOthers, AsOf,
    ),
    security(("bearer" = [])),
    responses(
        (status = 200, body = MessagePage),
        (status = 400, description = "`purpose_required`, of whoever looks back"),
        (status = 401, description = "No valid token"),
        (status = 403, description = "Only auditors and administrators look back"),
        (status = 404, description = "No such room, or not the caller's"),
    )
)]
pub(super) async fn list_messages(
    State(app): State<Arc<App>>,
    seen: Seen,
    page: PageOf<MessagePages>,
) -> Result<Json<MessagePage>, ApiError> {
    let room = &seen.room;
    let total_count = messages::count(&*seen.reader, room.number).await?;
    let rows = messages::page_newest(&*seen.reader, room.number, page.0.stored()).await?;
    let messages = seen.show(&app).messages(room, &rows).await?;
    let shown = page.0.offset().saturating_add(page.0.size);
    Ok(Json(MessagePage {
        messages,
        total_count,
        has_more: shown < total_count,
    }))
}

/// Sends a message: as JSON, or with a `file` as `multipart/form-data` of the same fields.
#[utoipa::path(
    post,
    path = "/chat/rooms/{room_id}/messages",
    tag = TAG,
    params(("room_id" = u64, Path)),
    security(("bearer" = [])),
    request_body(content((MessageRequest = "application/json"), (MessageForm = "multipart/form-data"))),
    responses(
        (status = 201, body = MessageRow),
        (status = 401, description = "No valid token"),
        (status = 404, description = "No such room, or not the caller's; no such message to answer"),
        (status = 408, description = "The form did not come in time"),
        (status = 409, description = "Nothing can be sent here any more"),
        (status = 413, description = "The file is too large, or more than the sender may keep"),
        (status = 415, description = "The file is not what it claims to be"),
        (status = 422, description = "A field is not valid"),
        (status = 429, description = "Too many messages, or files"),
        (status = 507, description = "There is no room for files at the moment"),
    )
)]
pub(super) async fn send_message(
    State(app): State<Arc<App>>,
    entered: Entered,
    context: RequestContext,
    posted: Posted,
) -> Result<Response, ApiError> {
    app.limits.message(entered.payer())?;
    let asked = context.asked_by(&app, &entered.caller)?;
    let settled = match posted {
        Posted::Form(form) => form::send(&app, &entered, asked, form).await?,
        Posted::Json(body) => {
            let saying = saying(&app, &entered, body).await?;
            let (request, command) = saying.asked(&app, asked)?;
            app.execute(&request, &command).await.map_err(naming)?
        }
    };
    let message = said(&app, entered.room.number, &settled).await?;
    let row = show(&app, &entered, &message).await?;
    Ok(settled.answer(StatusCode::CREATED, row))
}

/// What somebody says, with the message that it answers.
pub(super) async fn saying(
    app: &App,
    entered: &Entered,
    body: MessageRequest,
) -> Result<Saying, ApiError> {
    let location: Option<Location> = body.location.map(Into::into);
    let found = if location.is_some() {
        MessageKind::Location
    } else {
        MessageKind::Text
    };
    Ok(Saying {
        room: entered.room_id(),
        sender: entered.person(),
        kind: body.message_type.unwrap_or(found),
        reply_to: match body.reply_to_message_id {
            Some(number) => Some(known(app, entered, number).await?.id),
            None => None,
        },
        file: None,
        body: MessageBody {
            text: body.message_content.unwrap_or_default(),
            client_message_id: body.client_message_id,
            location,
            link: None,
        },
    })
}

/// A message that somebody may have seen before the read models had it.
pub(super) async fn known(
    app: &App,
    entered: &Entered,
    number: u64,
) -> Result<StoredMessage, ApiError> {
    let room = entered.room.number;
    if let Some(message) = messages::in_room(&*app.reader, room, number).await? {
        return Ok(message);
    }
    if !app.caught_up().await {
        return Err(lagging());
    }
    message_in(app, room, number).await
}

async fn show(
    app: &App,
    entered: &Entered,
    message: &StoredMessage,
) -> Result<MessageRow, ApiError> {
    let mut rows = Show::new(app)
        .messages(&entered.room, std::slice::from_ref(message))
        .await?;
    rows.pop().ok_or_else(ApiError::internal)
}

/// Says it in other words. Every version stays on record.
#[utoipa::path(
    put,
    path = "/chat/rooms/{room_id}/messages/{message_id}",
    tag = TAG,
    params(("room_id" = u64, Path), ("message_id" = u64, Path)),
    security(("bearer" = [])),
    request_body = EditRequest,
    responses(
        (status = 200, body = MessageRow),
        (status = 401, description = "No valid token"),
        (status = 403, description = "Another's message"),
        (status = 404, description = "No such room, or not the caller's; no such message in it"),
        (status = 409, description = "It is deleted, or nothing can be sent here any more"),
        (status = 410, description = "The messages of that day no longer exist"),
        (status = 422, description = "The text is not valid"),
        (status = 429, description = "Too many messages"),
    )
)]
pub(super) async fn edit_message(
    State(app): State<Arc<App>>,
    entered: Entered,
    MessageNumber(number): MessageNumber,
    context: RequestContext,
    Body(body): Body<EditRequest>,
) -> Result<Response, ApiError> {
    app.limits.message(entered.payer())?;
    let message = known(&app, &entered, number).await?;
    let command = EditMessage {
        room: entered.room_id(),
        message: message.id,
        by: entered.person(),
        text: body.message_content.clone(),
    };
    let request = context.unrepeatable(context.actor(&entered.caller));
    let settled = app.execute(&request, &command).await.map_err(naming)?;
    let now = now(&app, &entered, &settled, message).await?;
    let mut row = show(&app, &entered, &now).await?;
    if settled.lagging {
        row.message_content = body.message_content;
    }
    Ok(settled.answer(StatusCode::OK, row))
}

/// Takes a message back: its sender may, and whoever began the room. The row stays, empty.
#[utoipa::path(
    delete,
    path = "/chat/rooms/{room_id}/messages/{message_id}",
    tag = TAG,
    params(("room_id" = u64, Path), ("message_id" = u64, Path)),
    security(("bearer" = [])),
    responses(
        (status = 200, body = MessageRow),
        (status = 401, description = "No valid token"),
        (status = 403, description = "Another's message"),
        (status = 404, description = "No such room, or not the caller's; no such message in it"),
        (status = 409, description = "Nothing can be changed here any more"),
        (status = 410, description = "The messages of that day no longer exist"),
    )
)]
pub(super) async fn delete_message(
    State(app): State<Arc<App>>,
    entered: Entered,
    MessageNumber(number): MessageNumber,
    context: RequestContext,
) -> Result<Response, ApiError> {
    let message = known(&app, &entered, number).await?;
    let command = DeleteMessage {
        room: entered.room_id(),
        message: message.id,
        by: entered.person(),
    };
    let request = context.unrepeatable(context.actor(&entered.caller));
    let settled = app.execute(&request, &command).await.map_err(naming)?;
    let now = now(&app, &entered, &settled, message).await?;
    let row = show(&app, &entered, &now).await?;
    Ok(settled.answer(StatusCode::OK, row))
}

/// A message as it is after a change: what is on disk counts, whatever the read models show yet.
async fn now(
    app: &App,
    entered: &Entered,
    settled: &Settled,
    before: StoredMessage,
) -> Result<StoredMessage, ApiError> {
    let shown = messages::in_room(&*app.reader, entered.room.number, before.number).await?;
    let mut message = shown.unwrap_or(before);
    if settled.lagging {
        if let Some(edited) = settled.done.event("message.edited") {
            message.edited_at = Some(edited.recorded_at);
        }
        if let Some(deleted) = settled.done.event("message.deleted") {
            message.deleted_at = Some(deleted.recorded_at);
            message.body = None;
        }
    }
    Ok(message)
}
