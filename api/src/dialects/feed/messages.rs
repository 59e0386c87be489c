//! The messages of a room: a page of them, and a new one.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::{MessageBody, MessageKind};
use projections::messages;

use super::TAG;
use super::access::{Entered, payer};
use super::shapes::{AskedBy, FeedDone, FeedMessages, FeedPagination, FeedSent, SendRequest};
use super::show::Show;
use crate::app::App;
use crate::auth::{Asker, RequestContext};
use crate::error::ApiError;
use crate::extract::{Body, PageOf, PageRule, Query};
use crate::reading::ForOthers;
use crate::saying::{Saying, said};
use crate::uploads::{bind_file, found_kind, own_file};

/// How messages are paged.
pub(super) struct MessagePages;

impl PageRule for MessagePages {
    const SIZE: &'static str = "limit";
    const DEFAULT: u64 = 50;
    const MAX: u64 = 100;
}

/// What the rules refuse, by code, and the field that it is about.
const FIELDS: [(&str, &str); 2] = [
    ("file_mismatch", "message_type"),
    ("upload_kind_differs", "message_type"),
];

/// A page of messages: the newest are on the first page, and on each the oldest is first.
#[utoipa::path(
    get,
    path = "/api/v1/chat/rooms/{room_id}/messages",
    tag = TAG,
    params(
        ("room_id" = u64, Path),
        ("page" = Option<u64>, Query, description = "From 1", minimum = 1),
        ("limit" = Option<u64>, Query, description = "50 by default", minimum = 1, maximum = 100),
        AskedBy,
        ForOthers,
    ),
    responses(
        (status = 200, body = FeedMessages),
        (status = 400, description = "`purpose_required`, of a service"),
        (status = 401, description = "No valid token; or nobody has this user_id"),
        (status = 403, description = "user_id is not the token's"),
        (status = 404, description = "No such room, or not the caller's"),
    )
)]
pub(super) async fn list_messages(
    State(app): State<Arc<App>>,
    asker: Asker,
    Path(room): Path<String>,
    Query(by): Query<AskedBy>,
    page: PageOf<MessagePages>,
) -> Result<Json<FeedMessages>, ApiError> {
    let entered = Entered::into_room(&app, &asker, &room, "query", by.user_id).await?;
    entered.reads(&app, &asker).await?;
    let room = &entered.room;
    let total = messages::count(&*app.reader, room.number).await?;
    let rows = messages::page_newest(&*app.reader, room.number, page.0.stored()).await?;
    Ok(Json(FeedMessages {
        done: FeedDone::saying("Messages retrieved successfully"),
        data: Show::new(&app).messages(room, &rows).await?,
        pagination: FeedPagination::of(page.0, total),
    }))
}

/// Sends a message. Every live connection to the room is told.
#[utoipa::path(
    post,
    path = "/api/v1/chat/rooms/{room_id}/messages",
    tag = TAG,
    params(("room_id" = u64, Path)),
    request_body = SendRequest,
    responses(
        (status = 201, body = FeedSent),
        (status = 401, description = "No valid token; or nobody has this user_id"),
        (status = 403, description = "user_id is not the token's; another's file"),
        (status = 404, description = "No such room, or not the caller's; a file for another room"),
        (status = 409, description = "Nothing can be sent here any more; another message has the file"),
        (status = 410, description = "The file was erased"),
        (status = 422, description = "A field is not valid"),
        (status = 429, description = "Too many messages"),
    )
)]
pub(super) async fn send_message(
    State(app): State<Arc<App>>,
    asker: Asker,
    Path(room): Path<String>,
    context: RequestContext,
    Body(body): Body<SendRequest>,
) -> Result<Response, ApiError> {
    let entered = Entered::into_room(&app, &asker, &room, "body", body.user_id).await?;
    let sender = entered.somebody("body")?;
    app.limits.message(payer(&sender))?;
    let file = match body.file() {
        Some(url) => Some(own_file(&app, sender.person(), "file_url", url).await?),
        None => None,
    };
    let found = file.as_ref().map(|file| found_kind(file.kind));
    let saying = Saying {
        room: entered.room_id(),
        sender: sender.person(),
        kind: body.message_type.or(found).unwrap_or(MessageKind::Text),
        reply_to: None,
        file: file.as_ref().map(|file| file.id),
        body: MessageBody {
            text: body.message.unwrap_or_default(),
            client_message_id: body.client_message_id,
            location: None,
            link: None,
        },
    };
    let (mut request, command) = saying.asked(&app, entered.asked(&app, &context)?)?;
    if let Some(file) = file {
        bind_file(&app, &mut request.once, file.id);
    }
    let settled = app.execute(&request, &command).await;
    let settled = settled.map_err(|error| error.about(&FIELDS))?;
    let row = said(&app, entered.room.number, &settled).await?;
    let data = Show::new(&app).message(&entered.room, &row).await?;
    let done = FeedDone::saying("Message sent successfully");
    Ok(settled.answer(StatusCode::CREATED, FeedSent { done, data }))
}
