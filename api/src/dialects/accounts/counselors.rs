//! `/api/v1/counselors/auth`: log-in for counsellors only, and whether they take calls.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::{CounselorStatus, Role};

use super::TAG;
use super::login::{check, open};
use super::logout::Leaving;
use super::refresh::Presented;
use super::shapes::{
    Credentials, LoggedIn, LogoutRequest, RefreshRequest, StatusChanged, TokenPair,
};
use crate::app::App;
use crate::auth::{Caller, RequestContext};
use crate::commands::accounts::SetCounselorStatus;
use crate::error::ApiError;
use crate::extract::{Body, BodyOrForm, OptionalBody};
use crate::times::legacy;

/// Opens a log-in session of a counsellor; `user` also has `counselor_id`.
#[utoipa::path(
    post,
    path = "/api/v1/counselors/auth/login",
    tag = TAG,
    request_body(content((Credentials = "application/json"), (Credentials = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, description = "Logged in", body = LoggedIn),
        (status = 401, description = "Unknown email or wrong password"),
        (status = 403, description = "Not a counsellor"),
        (status = 422, description = "A field is missing"),
        (status = 429, description = "Too many log-ins"),
    )
)]
pub(super) async fn login_counselor(
    State(app): State<Arc<App>>,
    context: RequestContext,
    BodyOrForm(body): BodyOrForm<Credentials>,
) -> Result<Response, ApiError> {
    let (account, stale) = check(&app, &context, &body).await?;
    require_counselor(account.state.role())?;
    open(&app, &context, account, stale.then_some(&*body.password)).await
}

/// As `POST /refresh`.
#[utoipa::path(
    post,
    path = "/api/v1/counselors/auth/refresh",
    tag = TAG,
    request_body = RefreshRequest,
    responses(
        (status = 200, description = "A new pair", body = TokenPair),
        (status = 401, description = "The token is unknown, was used before, or its session ended"),
        (status = 403, description = "Not a counsellor"),
    )
)]
pub(super) async fn refresh_counselor(
    State(app): State<Arc<App>>,
    context: RequestContext,
    Body(body): Body<RefreshRequest>,
) -> Result<Response, ApiError> {
    let presented = Presented::find(&app, &body.refresh_token).await?;
    require_counselor(presented.account.state.role())?;
    presented.rotate(&app, &context).await
}

/// Ends the session, and sets the counsellor offline.
#[utoipa::path(
    post,
    path = "/api/v1/counselors/auth/logout",
    tag = TAG,
    request_body(content = Option<LogoutRequest>),
    responses(
        (status = 204, description = "The session has ended"),
        (status = 401, description = "Neither token is valid"),
        (status = 403, description = "Not a counsellor"),
    )
)]
pub(super) async fn logout_counselor(
    State(app): State<Arc<App>>,
    context: RequestContext,
    headers: HeaderMap,
    OptionalBody(body): OptionalBody<LogoutRequest>,
) -> Result<Response, ApiError> {
    let leaving = Leaving::find(&app, &headers, &body).await?;
    require_counselor(Some(leaving.role))?;
    leaving.leave(&app, &context).await
}

/// Says whether the caller takes calls: `offline`, `waiting`, `busy` or `away`.
#[utoipa::path(
    put,
    path = "/api/v1/counselors/auth/status/{status}",
    tag = TAG,
    params(("status" = String, Path, description = "offline, waiting, busy or away")),
    responses(
        (status = 200, description = "The status as it is now", body = StatusChanged),
        (status = 401, description = "Not logged in"),
        (status = 403, description = "Not a counsellor, or not an active one"),
        (status = 422, description = "No such status"),
    )
)]
pub(super) async fn set_status(
    State(app): State<Arc<App>>,
    caller: Caller,
    context: RequestContext,
    Path(status): Path<String>,
) -> Result<Response, ApiError> {
    let caller = caller.require_role(Role::Counselor)?;
    let (status, name) = status_named(&status).ok_or_else(|| {
        ApiError::invalid("path", "status", "must be offline, waiting, busy or away")
    })?;
    let registered = app.commands.counselor_number(caller.account).await?;
    let (counselor, counselor_id) = registered.ok_or(domain::Refusal::UnknownCounselor)?;
    let asked = context.asked_by(&app, caller)?;
    let command = SetCounselorStatus { counselor, status };
    let settled = app.execute(&asked.request, &command).await?;
    let changed_at = match settled.done.event("counselor.status_changed") {
        Some(changed) => Some(changed.recorded_at),
        None => app.commands.counselor_status_changed_at(counselor).await?,
    };
    let zone = &app.settings.general.legacy_time_zone;
    let changed_at = changed_at.unwrap_or_else(|| app.clock.now_us());
    let answer = StatusChanged {
        counselor_id,
        status: name.to_owned(),
        changed_at: legacy(changed_at, zone),
    };
    Ok(settled.answer(StatusCode::OK, answer))
}

fn require_counselor(role: Option<Role>) -> Result<(), ApiError> {
    if role == Some(Role::Counselor) {
        return Ok(());
    }
    Err(ApiError::forbidden(
        "counselors_only",
        "this is for counsellors only",
    ))
}

fn status_named(text: &str) -> Option<(CounselorStatus, &'static str)> {
    [
        (CounselorStatus::Offline, "offline"),
        (CounselorStatus::Waiting, "waiting"),
        (CounselorStatus::Busy, "busy"),
        (CounselorStatus::Away, "away"),
    ]
    .into_iter()
    .find(|(_, name)| *name == text)
}
