//! How a room is set: the caller's own, and what holds for all.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::TAG;
use super::access::{Entered, seen_by};
use super::errors::naming;
use super::shapes::{SettingsRequest, SettingsView};
use super::show::settings;
use crate::app::App;
use crate::auth::RequestContext;
use crate::commands::rooms::ChangeSettings;
use crate::error::ApiError;
use crate::extract::Body;

/// How a room is set, for the caller.
#[utoipa::path(
    get,
    path = "/chat/rooms/{room_id}/settings",
    tag = TAG,
    params(("room_id" = u64, Path)),
    security(("bearer" = [])),
    responses(
        (status = 200, body = SettingsView),
        (status = 401, description = "No valid token"),
        (status = 404, description = "No such room, or not the caller's"),
    )
)]
pub(super) async fn show_settings(entered: Entered) -> Json<SettingsView> {
    Json(settings(&entered.room, &entered.member))
}

/// Changes settings, all that are given or none.
#[utoipa::path(
    put,
    path = "/chat/rooms/{room_id}/settings",
    tag = TAG,
    params(("room_id" = u64, Path)),
    security(("bearer" = [])),
    request_body = SettingsRequest,
    responses(
        (status = 200, description = "All settings as they are now", body = SettingsView),
        (status = 401, description = "No valid token"),
        (status = 403, description = "What holds for all is for the room's creator to change"),
        (status = 404, description = "No such room, or not the caller's"),
        (status = 409, description = "The room of a consultation keeps what the consultation keeps"),
        (status = 422, description = "A field is not valid"),
    )
)]
pub(super) async fn change_settings(
    State(app): State<Arc<App>>,
    entered: Entered,
    context: RequestContext,
    Body(body): Body<SettingsRequest>,
) -> Result<Response, ApiError> {
    let command = ChangeSettings {
        room: entered.room_id(),
        person: entered.person(),
        notification_enabled: body.notification_enabled,
        read_receipt_enabled: body.read_receipt_enabled,
        retention_days: body.message_retention_days,
        auto_delete: body.auto_delete_enabled,
    };
    let request = context.unrepeatable(context.actor(&entered.caller));
    let settled = app.execute(&request, &command).await.map_err(naming)?;
    let now = seen_by(&app, entered.room.number, &entered.caller).await?;
    let (mut room, mut member) = now.unwrap_or((entered.room, entered.member));
    if settled.lagging {
        // What is on disk counts, whatever the read models show yet.
        let own = &mut member.settings;
        own.notification_enabled = body
            .notification_enabled
            .unwrap_or(own.notification_enabled);
        own.read_receipt_enabled = body
            .read_receipt_enabled
            .unwrap_or(own.read_receipt_enabled);
        let shared = &mut room.retention;
        shared.days = body.message_retention_days.unwrap_or(shared.days);
        shared.auto_delete = body.auto_delete_enabled.unwrap_or(shared.auto_delete);
    }
    Ok(settled.answer(StatusCode::OK, settings(&room, &member)))
}
