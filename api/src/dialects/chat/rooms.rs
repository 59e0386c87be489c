//! The caller's rooms: the list, a new one, one by itself.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::{PersonId, RoomId, RoomText};
use projections::directory::{self, Kind};
use projections::rooms;

use super::TAG;
use super::access::lagging;
use super::errors::naming;
use super::past::Seen;
use super::shapes::{RoomList, RoomRequest, RoomType, RoomView};
use super::show::Show;
use crate::answer::Settled;
use crate::app::App;
use crate::auth::{AccountCaller, LoggedIn, RequestContext};
use crate::commands::rooms::{OpenDirect, OpenGroup};
use crate::error::ApiError;
use crate::extract::Body;
use crate::past::AsOf;
use crate::reading::ForOthers;

/// Rooms in one list at most.
const MAX_ROOMS: u32 = 1_000;

/// The rooms in which the caller is, the one in which something happened last first; at most the
/// first 1,000.
#[utoipa::path(
    get,
    path = "/chat/rooms",
    tag = TAG,
    security(("bearer" = [])),
    responses((status = 200, body = RoomList), (status = 401, description = "No valid token"))
)]
pub(super) async fn list_rooms(
    State(app): State<Arc<App>>,
    LoggedIn(caller): LoggedIn,
) -> Result<Json<RoomList>, ApiError> {
    let person = caller.account.into();
    let show = Show::new(&app);
    let listed = rooms::list_of(&*app.reader, person, MAX_ROOMS).await?;
    let mut rooms = Vec::with_capacity(listed.len());
    for room in &listed {
        rooms.push(show.room(room, person).await?);
    }
    let total_count = rooms.len();
    Ok(Json(RoomList { rooms, total_count }))
}

/// Begins a room. Two people have one direct room: where it is there already it is answered with
/// 200.
#[utoipa::path(
    post,
    path = "/chat/rooms",
    tag = TAG,
    security(("bearer" = [])),
    request_body = RoomRequest,
    responses(
        (status = 201, body = RoomView),
        (status = 200, description = "The direct room that there is", body = RoomView),
        (status = 401, description = "No valid token"),
        (status = 422, description = "A field is not valid, or a participant is unknown"),
    )
)]
pub(super) async fn create_room(
    State(app): State<Arc<App>>,
    LoggedIn(caller): LoggedIn,
    context: RequestContext,
    Body(body): Body<RoomRequest>,
) -> Result<Response, ApiError> {
    let others = others(&app, &caller, &body.participant_ids).await?;
    let (settled, room) = match body.room_type {
        RoomType::Direct => open_direct(&app, &caller, &context, &others).await?,
        RoomType::Group => open_group(&app, &caller, &context, others, body).await?,
    };
    let status = match settled.done.event("room.opened") {
        Some(_) => StatusCode::CREATED,
        None => StatusCode::OK,
    };
    let person = caller.account.into();
    let row = match rooms::by_id(&*app.reader, room).await? {
        Some(room) => rooms::listed(&*app.reader, room.number, person).await?,
        None => None,
    };
    // It is on disk: asked again, by the same key or not, it will be there.
    let row = row.ok_or_else(lagging)?;
    let view = Show::new(&app).room_view(&row, person).await?;
    Ok(settled.answer(status, view))
}

async fn open_direct(
    app: &App,
    caller: &AccountCaller,
    context: &RequestContext,
    others: &BTreeSet<PersonId>,
) -> Result<(Settled, RoomId), ApiError> {
    let (Some(other), 1) = (others.first(), others.len()) else {
        let message = "must name exactly one other person";
        return Err(ApiError::invalid("body", "participant_ids", message));
    };
    let command = OpenDirect {
        caller: caller.account.into(),
        other: *other,
    };
    let asked = context.asked_by(app, caller)?;
    let settled = app
        .execute(&asked.request, &command)
        .await
        .map_err(naming)?;
    Ok((settled, command.room()))
}

async fn open_group(
    app: &App,
    caller: &AccountCaller,
    context: &RequestContext,
    members: BTreeSet<PersonId>,
    body: RoomRequest,
) -> Result<(Settled, RoomId), ApiError> {
    let asked = context.asked_by(app, caller)?;
    let room = RoomId(asked.new_id(app, "room"));
    let description = body.room_description.filter(|text| !text.is_empty());
    let command = OpenGroup {
        room,
        creator: caller.account.into(),
        members,
        max_participants: app.settings.rooms.max_participants,
        text: RoomText {
            name: body.room_name,
            description,
        },
    };
    let settled = app
        .execute(&asked.request, &command)
        .await
        .map_err(naming)?;
    Ok((settled, room))
}

/// Whom the numbers name, but for the caller.
async fn others(
    app: &App,
    caller: &AccountCaller,
    numbers: &[u64],
) -> Result<BTreeSet<PersonId>, ApiError> {
    let numbers: BTreeSet<u64> = numbers.iter().copied().collect();
    let mut people = BTreeSet::new();
    for number in numbers {
        let account = directory::uuid_of(&*app.reader, Kind::Account, number).await?;
        let account = account.ok_or_else(|| {
            let message = format!("nobody has the number {number}");
            let mut error = ApiError::invalid("body", "participant_ids", message);
            error.code = domain::Refusal::UnknownParticipant.code();
            error
        })?;
        people.insert(PersonId(account));
    }
    people.remove(&caller.account.into());
    Ok(people)
}

/// A room by itself.
#[utoipa::path(
    get,
    path = "/chat/rooms/{room_id}",
    tag = TAG,
    params(("room_id" = u64, Path), ForOthers, AsOf),
    security(("bearer" = [])),
    responses(
        (status = 200, body = RoomView),
        (status = 400, description = "`purpose_required`, of whoever looks back"),
        (status = 401, description = "No valid token"),
        (status = 403, description = "Only auditors and administrators look back"),
        (status = 404, description = "No such room, or not the caller's"),
        (status = 422, description = "`as_of` is none"),
    )
)]
pub(super) async fn show_room(
    State(app): State<Arc<App>>,
    seen: Seen,
) -> Result<Json<RoomView>, ApiError> {
    let listed = rooms::listed(&*seen.reader, seen.room.number, seen.viewer).await?;
    let listed = listed.ok_or(domain::Refusal::UnknownRoom)?;
    let view = seen.show(&app).room_view(&listed, seen.viewer).await?;
    Ok(Json(view))
}
