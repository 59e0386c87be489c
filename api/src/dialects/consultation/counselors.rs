//! Counsellors as anybody sees them, and the figures that only they and administrators see.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use domain::{Act, CounselorStatus, Refusal, Role};
use event_store::StreamName;
use projections::consultations;
use projections::counselors::{self, CounselorRow as Stored};

use super::shapes::{CounselorList, CounselorRow, StatsView};
use super::show::Show;
use crate::app::App;
use crate::auth::{Caller, RequestContext};
use crate::error::ApiError;
use crate::reading::{self, ForOthers, Reading};

const SECOND_US: f64 = 1_000_000.0;
const MINUTE_US: f64 = 60.0 * SECOND_US;

/// All active counsellors.
#[utoipa::path(
    get,
    path = "/api/v1/counselors",
    tag = "consultation",
    responses((status = 200, body = CounselorList))
)]
pub(super) async fn list_counselors(
    State(app): State<Arc<App>>,
) -> Result<Json<CounselorList>, ApiError> {
    let show = Show::new(&app);
    let mut shown = Vec::new();
    for row in counselors::list(&*app.reader).await? {
        if row.active {
            shown.push(shown_row(&app, &show, &row).await?);
        }
    }
    Ok(Json(CounselorList {
        total: shown.len() as u64,
        counselors: shown,
    }))
}

async fn shown_row(app: &App, show: &Show<'_>, row: &Stored) -> Result<CounselorRow, ApiError> {
    let stats = consultations::stats(&*app.reader, row.id).await?;
    Ok(CounselorRow {
        id: row.number,
        uuid: row.id.0,
        name: show.counselor_name(row.id).await?,
        character_type_id: row.character_type_id,
        character_name: show.character_name(row.character_type_id),
        counseling_fields: row
            .counseling_fields
            .iter()
            .filter_map(|field| app.catalogue.field(*field).cloned())
            .collect(),
        status: counselor_word(row.status),
        active_consultations: row.active_consultations.into(),
        rating: stats.average_score.map(hundredths),
    })
}

/// The word for a counsellor's status.
pub(super) fn counselor_word(status: CounselorStatus) -> &'static str {
    match status {
        CounselorStatus::Offline => "offline",
        CounselorStatus::Waiting => "waiting",
        CounselorStatus::Busy => "busy",
        CounselorStatus::Away => "away",
    }
}

/// What a counsellor has done so far.
#[utoipa::path(
    get,
    path = "/api/v1/counselors/{counselor_id}/stats",
    tag = "consultation",
    params(("counselor_id" = u64, Path), ForOthers),
    security(("bearer" = [])),
    responses(
        (status = 200, body = StatsView),
        (status = 400, description = "`purpose_required`, of an administrator"),
        (status = 401, description = "No valid token"),
        (status = 403, description = "Another counsellor's"),
        (status = 404, description = "No such counsellor"),
    )
)]
pub(super) async fn stats(
    State(app): State<Arc<App>>,
    caller: Caller,
    context: RequestContext,
    Path(counselor): Path<String>,
) -> Result<Json<StatsView>, ApiError> {
    let account = caller.account()?;
    let row = if account.role == Role::Admin {
        let row = by_number(&app, &counselor).await?;
        let row = row.ok_or(Refusal::UnknownCounselor)?;
        let stream = StreamName::new("counselor", row.id);
        let mut reading = Reading::of_state(&app, Act::ReadStatistics, &stream, row.number);
        reading.concerned.counselors.insert(row.id);
        reading.concerned.people.insert(row.account.into());
        reading::recorded(&app, account, &context, reading).await?;
        row
    } else {
        own(&app, &caller, &counselor).await?
    };
    let stats = consultations::stats(&*app.reader, row.id).await?;
    Ok(Json(StatsView {
        counselor_id: row.number,
        total_consultations: stats.total,
        completed: stats.completed,
        terminated: stats.terminated,
        rejected: stats.rejected,
        active: stats.active,
        average_duration_minutes: stats.average_duration_us.map(minutes),
        average_response_seconds: stats.average_response_us.map(seconds),
        average_rating: stats.average_score.map(hundredths),
    }))
}

/// Microseconds as minutes, to hundredths.
pub(super) fn minutes(us: f64) -> f64 {
    hundredths(us / MINUTE_US)
}

/// Microseconds as seconds, to hundredths.
pub(super) fn seconds(us: f64) -> f64 {
    hundredths(us / SECOND_US)
}

fn hundredths(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// The counsellor of a number in a path.
pub(super) async fn by_number(app: &App, number: &str) -> Result<Option<Stored>, ApiError> {
    match number.parse() {
        Ok(number) => Ok(counselors::by_number(&*app.reader, number).await?),
        Err(_) => Ok(None),
    }
}

/// The counsellor whose desk a path names, who must be the caller.
///
/// # Errors
/// 401 for nobody, 403 for anybody else; whether there is such a counsellor is not told.
pub(super) async fn own(app: &App, caller: &Caller, number: &str) -> Result<Stored, ApiError> {
    let account = caller.require_role(Role::Counselor)?.account;
    match by_number(app, number).await? {
        Some(row) if row.account == account => Ok(row),
        _ => Err(ApiError::forbidden(
            "not_your_desk",
            "this is another counsellor's",
        )),
    }
}
