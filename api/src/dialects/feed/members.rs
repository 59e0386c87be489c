//! Who is in a room: a list of them, somebody who comes, and somebody who goes.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::{PersonId, Refusal};
use projections::directory::{self, Kind};
use projections::rooms;

use super::TAG;
use super::access::{Entered, lagging};
use super::shapes::{AddRequest, AskedBy, FeedAdded, FeedDone, FeedMembers, FeedPagination};
use super::show::Show;
use crate::app::App;
use crate::auth::{Asker, RequestContext, active_account};
use crate::commands::rooms::{AddMember, RemoveMember};
use crate::error::ApiError;
use crate::extract::{Body, PageOf, PageRule, Query};
use crate::reading::ForOthers;

/// How members are paged: a group of the usual size is one page.
pub(super) struct MemberPages;

impl PageRule for MemberPages {
    const SIZE: &'static str = "limit";
    const DEFAULT: u64 = 100;
    const MAX: u64 = 100;
}

/// Who is in a room, in the order in which they joined.
#[utoipa::path(
    get,
    path = "/api/v1/chat/rooms/{room_id}/members",
    tag = TAG,
    params(
        ("room_id" = u64, Path),
        ("page" = Option<u64>, Query, description = "From 1", minimum = 1),
        ("limit" = Option<u64>, Query, description = "100 by default", minimum = 1, maximum = 100),
        AskedBy,
        ForOthers,
    ),
    responses(
        (status = 200, body = FeedMembers),
        (status = 400, description = "`purpose_required`, of a service"),
        (status = 401, description = "No valid token; or nobody has this user_id"),
        (status = 403, description = "user_id is not the token's"),
        (status = 404, description = "No such room, or not the caller's"),
    )
)]
pub(super) async fn list_members(
    State(app): State<Arc<App>>,
    asker: Asker,
    Path(room): Path<String>,
    Query(by): Query<AskedBy>,
    page: PageOf<MemberPages>,
) -> Result<Json<FeedMembers>, ApiError> {
    let entered = Entered::into_room(&app, &asker, &room, "query", by.user_id).await?;
    entered.reads(&app, &asker).await?;
    let show = Show::new(&app);
    let (cast, members) = show.members(&entered.room).await?;
    let page = page.0;
    let fit = |rows: u64| usize::try_from(rows).unwrap_or(usize::MAX);
    let mut data = Vec::new();
    for participant in members.iter().skip(fit(page.offset())).take(fit(page.size)) {
        let row = show.member(&cast, &participant.member, entered.person());
        data.push(row.await?);
    }
    Ok(Json(FeedMembers {
        done: FeedDone::saying("Members retrieved successfully"),
        data,
        pagination: FeedPagination::of(page, members.len() as u64),
    }))
}

/// Adds somebody to a group: any member may. Every live connection to the room is told.
#[utoipa::path(
    post,
    path = "/api/v1/chat/rooms/{room_id}/members",
    tag = TAG,
    params(("room_id" = u64, Path), AskedBy),
    request_body = AddRequest,
    responses(
        (status = 200, description = "They are in it already", body = FeedAdded),
        (status = 201, body = FeedAdded),
        (status = 401, description = "No valid token"),
        (status = 404, description = "No such room, or not the caller's"),
        (status = 409, description = "A room of two, a consultation's, or one that is full"),
        (status = 422, description = "Nobody has this user_id"),
    )
)]
pub(super) async fn add_member(
    State(app): State<Arc<App>>,
    asker: Asker,
    Path(room): Path<String>,
    Query(by): Query<AskedBy>,
    context: RequestContext,
    Body(body): Body<AddRequest>,
) -> Result<Response, ApiError> {
    let entered = Entered::into_room(&app, &asker, &room, "query", by.user_id).await?;
    let person = match active_account(&app, body.user_id).await? {
        Some(account) => PersonId::from(account.id),
        None => return Err(ApiError::invalid("body", "user_id", "is nobody's")),
    };
    let command = AddMember {
        room: entered.room_id(),
        by: inviting(&app, &entered).await?,
        person,
    };
    let write = entered.asked(&app, &context)?;
    let settled = app.execute(&write.request, &command).await?;
    let show = Show::new(&app);
    let (cast, members) = show.members(&entered.room).await?;
    let member = members.iter().find(|member| member.member.person == person);
    // Only read models that lag do not show somebody who was just added.
    let member = member.ok_or_else(lagging)?;
    let data = show.member(&cast, &member.member, entered.person()).await?;
    let (status, done) = match settled.done.event("room.member_added") {
        Some(_) => (StatusCode::CREATED, "Member added successfully"),
        None => (StatusCode::OK, "Member is already in the room"),
    };
    let done = FeedDone::saying(done);
    Ok(settled.answer(status, FeedAdded { done, data }))
}

/// In whose name somebody is added: a service acts for whoever has been in the room longest.
async fn inviting(app: &App, entered: &Entered) -> Result<PersonId, ApiError> {
    if let Some(person) = entered.person() {
        return Ok(person);
    }
    let members = rooms::members(&*app.reader, entered.room.number).await?;
    let eldest = members.first().map(|member| member.person);
    eldest.ok_or_else(|| Refusal::UnknownRoom.into())
}

/// Removes somebody from a room: its creator may, and everybody themselves. Every live connection
/// to the room is told.
#[utoipa::path(
    delete,
    path = "/api/v1/chat/rooms/{room_id}/members/{user_id}",
    tag = TAG,
    params(
        ("room_id" = u64, Path),
        ("user_id" = u64, Path, description = "Whom to remove"),
        AskedBy,
    ),
    responses(
        (status = 200, description = "They are not in it, now or before", body = FeedDone),
        (status = 401, description = "No valid token"),
        (status = 403, description = "Somebody else, and the caller is not the creator"),
        (status = 404, description = "No such room, or not the caller's; nobody of that id"),
        (status = 409, description = "The room of a consultation"),
    )
)]
pub(super) async fn remove_member(
    State(app): State<Arc<App>>,
    asker: Asker,
    Path((room, member)): Path<(String, String)>,
    Query(by): Query<AskedBy>,
    context: RequestContext,
) -> Result<Response, ApiError> {
    let entered = Entered::into_room(&app, &asker, &room, "query", by.user_id).await?;
    let person = person_of(&app, &member).await?;
    let command = RemoveMember {
        room: entered.room_id(),
        // A service acts for whoever leaves.
        by: entered.person().unwrap_or(person),
        person,
    };
    let write = entered.asked(&app, &context)?;
    let settled = app.execute(&write.request, &command).await?;
    Ok(settled.answer(
        StatusCode::OK,
        FeedDone::saying("Member removed successfully"),
    ))
}

/// Whoever has a number, able to log in or not.
async fn person_of(app: &App, number: &str) -> Result<PersonId, ApiError> {
    let unknown = || ApiError::not_found("unknown_member", "nobody has this id");
    let number: i64 = number.parse().map_err(|_| unknown())?;
    let number = u64::try_from(number).map_err(|_| unknown())?;
    // They may have been shown before the read models had them.
    if !app.caught_up().await {
        return Err(lagging());
    }
    let account = directory::uuid_of(&*app.reader, Kind::Account, number).await?;
    account.map(PersonId).ok_or_else(unknown)
}
