//! Alerts over HTTP: those that nobody has taken up, and taking one up.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::{AlertId, AlertSource, CounselorId, Refusal, Role};
use projections::alerts::{self, AlertRow};
use projections::{consultations, counselors};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::{AccountCaller, Caller, RequestContext};
use crate::commands::alerts::AcknowledgeAlert;
use crate::error::ApiError;

/// Open alerts in one answer.
const MAX_ALERTS: u32 = 500;

/// An alert. It says where something was said, and nothing of what was said.
#[derive(Serialize, ToSchema)]
pub(super) struct AlertView {
    risk_id: u64,
    risk_uuid: uuid::Uuid,
    /// `high`.
    level: String,
    /// The rule that found it.
    rule: String,
    /// Where it was said in a consultation.
    consultation_id: Option<u64>,
    message_id: Option<u64>,
    message_uuid: Option<uuid::Uuid>,
    /// Where it was said in a session about emotions.
    session_id: Option<uuid::Uuid>,
    step_id: Option<uuid::Uuid>,
    raised_at: String,
    /// How often it was raised again.
    times: u32,
    acknowledged_at: Option<String>,
}

/// Alerts that nobody has taken up.
#[derive(Serialize, ToSchema)]
pub(super) struct AlertList {
    #[schema(value_type = Vec<AlertView>)]
    alerts: Vec<Value>,
    total: usize,
}

/// Who may take alerts up.
enum Duty {
    Administrator,
    Counselor(CounselorId),
}

/// Alerts that nobody has taken up, the longest ago first: all of them for administrators, for a
/// counsellor their own and those of people with whom nobody is.
#[utoipa::path(
    get,
    path = "/api/v1/risk",
    tag = "consultation",
    security(("bearer" = [])),
    responses(
        (status = 200, body = AlertList),
        (status = 401, description = "No valid token"),
        (status = 403, description = "Neither administrator nor counsellor"),
    )
)]
pub(super) async fn open_alerts(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<Json<AlertList>, ApiError> {
    let (duty, _) = duty(&app, &caller).await?;
    let mut shown = Vec::new();
    for row in alerts::open(&*app.reader, i64::MAX, MAX_ALERTS).await? {
        if may_take(&app, &duty, &row).await? {
            shown.push(app.consultation_frames.shown_alert(&row).await);
        }
    }
    Ok(Json(AlertList {
        total: shown.len(),
        alerts: shown,
    }))
}

/// Takes an alert up: it is not raised any more. Whoever was told of it is told that, too. Taken up
/// by somebody before: 200 as well.
#[utoipa::path(
    post,
    path = "/api/v1/risk/{risk_id}/acknowledge",
    tag = "consultation",
    params(("risk_id" = String, Path, description = "Its number or its UUID")),
    security(("bearer" = [])),
    responses(
        (status = 200, body = AlertView),
        (status = 401, description = "No valid token"),
        (status = 403, description = "Neither administrator nor counsellor"),
        (status = 404, description = "Unknown, or another counsellor's"),
    )
)]
pub(super) async fn acknowledge(
    State(app): State<Arc<App>>,
    caller: Caller,
    context: RequestContext,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    // Whoever has just heard of it is not told that it does not exist.
    app.caught_up().await;
    let (duty, account) = duty(&app, &caller).await?;
    let row = find(&app, &id).await?.ok_or(Refusal::UnknownAlert)?;
    if !may_take(&app, &duty, &row).await? {
        return Err(Refusal::UnknownAlert.into());
    }
    let command = AcknowledgeAlert {
        alert: row.id,
        by: account.account,
    };
    let request = context.unrepeatable(context.actor(account));
    let settled = app.execute(&request, &command).await?;
    let row = alerts::by_id(&*app.reader, row.id).await?.unwrap_or(row);
    let view = app.consultation_frames.shown_alert(&row).await;
    Ok(settled.answer(StatusCode::OK, view))
}

async fn duty<'c>(app: &App, caller: &'c Caller) -> Result<(Duty, &'c AccountCaller), ApiError> {
    let account = caller.account()?;
    let forbidden = || ApiError::forbidden("role_required", "this is not for your role");
    match account.role {
        Role::Admin => Ok((Duty::Administrator, account)),
        Role::Counselor => {
            let row = counselors::by_account(&*app.reader, account.account).await?;
            let row = row.filter(|row| row.active).ok_or_else(forbidden)?;
            Ok((Duty::Counselor(row.id), account))
        }
        Role::User | Role::Guest | Role::Auditor | Role::Analyst | Role::Service => {
            Err(forbidden())
        }
    }
}

async fn find(app: &App, id: &str) -> Result<Option<AlertRow>, ApiError> {
    if let Ok(number) = id.parse() {
        return Ok(alerts::by_number(&*app.reader, number).await?);
    }
    match id.parse() {
        Ok(uuid) => Ok(alerts::by_id(&*app.reader, AlertId(uuid)).await?),
        Err(_) => Ok(None),
    }
}

/// A counsellor takes up what was said to them, and what was said where nobody is.
async fn may_take(app: &App, duty: &Duty, row: &AlertRow) -> Result<bool, ApiError> {
    let Duty::Counselor(own) = duty else {
        return Ok(true);
    };
    Ok(match row.source {
        AlertSource::Consultation(id) => {
            let consultation = consultations::by_id(&*app.reader, id).await?;
            let with = consultation.and_then(|row| row.counselor);
            // Raised again, it is for everybody who was told.
            with.is_none_or(|with| with == *own) || row.times > 0
        }
        AlertSource::EmotionSession(_) => true,
    })
}
