//! Somebody has read everything in a room.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use projections::messages;

use super::TAG;
use super::access::{Entered, lagging};
use super::shapes::{FeedDone, ReadRequest};
use crate::answer::Settled;
use crate::app::App;
use crate::auth::{Asker, RequestContext};
use crate::commands::rooms::MarkRead;
use crate::error::ApiError;
use crate::extract::OptionalBody;

/// Marks everything in a room as read. Every live connection to the room is told.
#[utoipa::path(
    post,
    path = "/api/v1/chat/rooms/{room_id}/read",
    tag = TAG,
    params(("room_id" = u64, Path)),
    request_body(content = ReadRequest, description = "May be left out beside a token"),
    responses(
        (status = 200, description = "It is marked, now or before", body = FeedDone),
        (status = 401, description = "No valid token; or nobody has this user_id"),
        (status = 403, description = "user_id is not the token's"),
        (status = 404, description = "No such room, or not the caller's"),
        (status = 422, description = "Nobody is named"),
    )
)]
pub(super) async fn mark_read(
    State(app): State<Arc<App>>,
    asker: Asker,
    Path(room): Path<String>,
    context: RequestContext,
    OptionalBody(body): OptionalBody<ReadRequest>,
) -> Result<Response, ApiError> {
    let entered = Entered::into_room(&app, &asker, &room, "body", body.user_id).await?;
    let reader = entered.somebody("body")?;
    let write = entered.asked(&app, &context)?;
    // They may have seen the newest message before the read models had it.
    if !app.caught_up().await {
        return Err(lagging());
    }
    let settled = match messages::last_of(&*app.reader, entered.room.number).await? {
        Some(message) => {
            let command = MarkRead {
                room: entered.room_id(),
                person: reader.person(),
                message: message.id,
                number: message.number,
            };
            app.execute(&write.request, &command).await?
        }
        None => Settled::nothing(),
    };
    Ok(settled.answer(StatusCode::OK, FeedDone::saying("Messages marked as read")))
}
