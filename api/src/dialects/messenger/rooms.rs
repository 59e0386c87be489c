//! The caller's rooms of two: the one with somebody, and the list.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::{PersonId, Refusal, RoomKind};
use projections::rooms::{self, ListedRoom};

use super::TAG;
use super::access::lagging;
use super::errors::naming;
use super::shapes::{ChatList, RoomRequest, RoomRow};
use super::show::Show;
use crate::app::App;
use crate::auth::{LoggedIn, RequestContext};
use crate::commands::rooms::{OpenBooked, OpenDirect};
use crate::error::ApiError;
use crate::extract::Body;

/// Rooms looked through for one list at most.
const MAX_ROOMS: u32 = 1_000;

/// The room with somebody: the one that there is, else a new one. A booking is kept with the room
/// if it has none yet.
#[utoipa::path(
    post,
    path = "/api/v1/messages/chat-rooms",
    tag = TAG,
    security(("bearer" = [])),
    request_body = RoomRequest,
    responses(
        (status = 201, body = RoomRow),
        (status = 200, description = "The room that there is", body = RoomRow),
        (status = 401, description = "No valid token"),
        (status = 404, description = "Nobody has this id"),
        (status = 422, description = "A field is not valid, or it is the caller"),
    )
)]
pub(super) async fn open_room(
    State(app): State<Arc<App>>,
    LoggedIn(caller): LoggedIn,
    context: RequestContext,
    Body(body): Body<RoomRequest>,
) -> Result<Response, ApiError> {
    let (person, other) = (caller.account.into(), PersonId(body.other_user_id));
    if person == other {
        let message = "must be somebody else";
        return Err(ApiError::invalid("body", "otherUserId", message));
    }
    let direct = OpenDirect {
        caller: person,
        other,
    };
    let command = OpenBooked {
        direct,
        booking: body.booking_id,
    };
    let asked = context.asked_by(&app, &caller)?;
    let settled = app.execute(&asked.request, &command).await;
    let settled = settled.map_err(unknown_person).map_err(naming)?;
    let status = match settled.done.event("room.opened") {
        Some(_) => StatusCode::CREATED,
        None => StatusCode::OK,
    };
    let row = match rooms::by_id(&*app.reader, direct.room()).await? {
        Some(room) => rooms::listed(&*app.reader, room.number, person).await?,
        None => None,
    };
    // It is on disk: asked again, by the same key or not, it will be there.
    let row = row.ok_or_else(lagging)?;
    let view = Show::new(&app).room(&row, person, other)?;
    Ok(settled.answer(status, view))
}

/// Whoever cannot be in a room is nobody here.
fn unknown_person(error: ApiError) -> ApiError {
    if error.code == Refusal::UnknownParticipant.code() {
        ApiError::not_found("unknown_user", "no such user")
    } else {
        error
    }
}

/// The caller's rooms of two, the one in which something happened last first; those among the
/// first 1,000 of all rooms.
#[utoipa::path(
    get,
    path = "/api/v1/messages/chats",
    tag = TAG,
    security(("bearer" = [])),
    responses((status = 200, body = ChatList), (status = 401, description = "No valid token"))
)]
pub(super) async fn list_chats(
    State(app): State<Arc<App>>,
    LoggedIn(caller): LoggedIn,
) -> Result<Json<ChatList>, ApiError> {
    let show = Show::new(&app);
    let listed = rooms::list_of(&*app.reader, caller.account.into(), MAX_ROOMS).await?;
    let mut chats = Vec::with_capacity(listed.len());
    for room in listed.iter().filter(|room| is_of_two(room)) {
        chats.push(show.chat(room).await?);
    }
    Ok(Json(ChatList { chats }))
}

fn is_of_two(listed: &ListedRoom) -> bool {
    match listed.room.kind {
        RoomKind::Direct | RoomKind::Consultation(_) => true,
        RoomKind::Group => false,
    }
}
