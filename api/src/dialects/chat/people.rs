//! Who is in a room, and who of them is online.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;

use super::TAG;
use super::access::Entered;
use super::past::Seen;
use super::shapes::{OnlineRow, ParticipantList};
use super::show::Show;
use crate::app::App;
use crate::error::ApiError;
use crate::past::AsOf;
use crate::reading::ForOthers;

/// Who is in a room, in the order in which they joined.
#[utoipa::path(
    get,
    path = "/chat/rooms/{room_id}/participants",
    tag = TAG,
    params(("room_id" = u64, Path), ForOthers, AsOf),
    security(("bearer" = [])),
    responses(
        (status = 200, body = ParticipantList),
        (status = 400, description = "`purpose_required`, of whoever looks back"),
        (status = 401, description = "No valid token"),
        (status = 403, description = "Only auditors and administrators look back"),
        (status = 404, description = "No such room, or not the caller's"),
        (status = 422, description = "`as_of` is none"),
    )
)]
pub(super) async fn participants(
    State(app): State<Arc<App>>,
    seen: Seen,
) -> Result<Json<ParticipantList>, ApiError> {
    let show = seen.show(&app);
    let mut cast = show.cast(&seen.room).await?;
    let members = show.members(&mut cast, &seen.room).await?;
    let participants: Vec<_> = members
        .iter()
        .map(|member| show.participant(&cast, member, seen.viewer))
        .collect();
    let total_count = participants.len();
    Ok(Json(ParticipantList {
        participants,
        total_count,
    }))
}

/// Who of a room is online, over whatever connection; when the others were last seen.
#[utoipa::path(
    get,
    path = "/chat/rooms/{room_id}/online-status",
    tag = TAG,
    params(("room_id" = u64, Path)),
    security(("bearer" = [])),
    responses(
        (status = 200, body = Vec<OnlineRow>),
        (status = 401, description = "No valid token"),
        (status = 404, description = "No such room, or not the caller's"),
    )
)]
pub(super) async fn online_status(
    State(app): State<Arc<App>>,
    entered: Entered,
) -> Result<Json<Vec<OnlineRow>>, ApiError> {
    let show = Show::new(&app);
    let mut cast = show.cast(&entered.room).await?;
    let members = show.members(&mut cast, &entered.room).await?;
    let rows = members.iter().map(|member| show.online(&cast, member));
    Ok(Json(rows.collect()))
}
