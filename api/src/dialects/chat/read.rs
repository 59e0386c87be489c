//! How far somebody has read in a room.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use projections::{messages, rooms};

use super::TAG;
use super::access::{Entered, lagging, seen_by};
use super::lookup::message_in;
use super::shapes::{ReadRequest, ReadView};
use super::show::Show;
use crate::answer::Settled;
use crate::app::App;
use crate::auth::RequestContext;
use crate::commands::rooms::MarkRead;
use crate::error::ApiError;
use crate::extract::OptionalBody;

/// Marks everything up to a message as read, or all of it. A mark never goes back.
#[utoipa::path(
    post,
    path = "/chat/rooms/{room_id}/read",
    tag = TAG,
    params(("room_id" = u64, Path)),
    security(("bearer" = [])),
    request_body(content = ReadRequest, description = "May be left out"),
    responses(
        (status = 200, body = ReadView),
        (status = 401, description = "No valid token"),
        (status = 404, description = "No such room, or not the caller's; no such message in it"),
    )
)]
pub(super) async fn mark_read(
    State(app): State<Arc<App>>,
    entered: Entered,
    context: RequestContext,
    OptionalBody(body): OptionalBody<ReadRequest>,
) -> Result<Response, ApiError> {
    let asked = context.asked_by(&app, &entered.caller)?;
    let settled = match mark(&app, &entered, body.message_id).await? {
        Some(command) => app.execute(&asked.request, &command).await?,
        None => Settled::nothing(),
    };
    let now = seen_by(&app, entered.room.number, &entered.caller).await?;
    let member = now.map_or(entered.member, |(_, member)| member);
    let room = entered.room.number;
    let view = ReadView {
        room_id: room,
        last_read_message_id: member.read_at.map(|_| member.read_number),
        last_read_at: member.read_at.map(|at| Show::new(&app).times.print(at)),
        unread_count: rooms::unread(&*app.reader, room, member.person).await?,
    };
    Ok(settled.answer(StatusCode::OK, view))
}

/// What moves somebody's mark to a message, given by its number, or to the newest one; none where
/// there is nothing to read.
pub(super) async fn mark(
    app: &App,
    entered: &Entered,
    number: Option<u64>,
) -> Result<Option<MarkRead>, ApiError> {
    // They may have seen the message before the read models had it.
    if !app.caught_up().await {
        return Err(lagging());
    }
    let message = match number {
        Some(number) => Some(message_in(app, entered.room.number, number).await?),
        None => messages::last_of(&*app.reader, entered.room.number).await?,
    };
    Ok(message.map(|message| MarkRead {
        room: entered.room_id(),
        person: entered.person(),
        message: message.id,
        number: message.number,
    }))
}
