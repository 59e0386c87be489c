//! `GET /api/v1/analytics/{metric}`: counts by day, week or month.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::{IntoResponse, Response};
use projections::analytics::{Metric, day_of};

use super::asked::{Format, MetricAsked};
use super::reader::Analyst;
use super::shapes::{MetricView, objects};
use super::{TAG, csv};
use crate::app::App;
use crate::error::ApiError;
use crate::extract::Query;

/// Groups of one answer at most, those that are too small to be shown included.
const MAX_GROUPS: u32 = 10_000;

/// Up to where the log is counted, in the head of an answer.
const AS_OF_POSITION: HeaderName = HeaderName::from_static("x-as-of-position");

/// How many groups are left out, in the head of an answer.
const SUPPRESSED: HeaderName = HeaderName::from_static("x-suppressed");

/// Counts of consultations, waits, offers, load, messages, emotions or ratings, by UTC days, ISO
/// weeks or months. Groups of fewer than five different people are left out. It counts what had
/// happened a second ago; `as_of_position` says exactly up to where.
#[utoipa::path(
    get,
    path = "/api/v1/analytics/{metric}",
    tag = TAG,
    params(
        ("metric" = String, Path, description = "consultations, waits, offers, counselor_load, \
                                                 messages, emotions or ratings"),
        MetricAsked,
    ),
    security(("bearer" = [])),
    responses(
        (status = 200, content((MetricView = "application/json"), (String = "text/csv"))),
        (status = 401, description = "No valid token"),
        (status = 403, description = "Neither analyst nor administrator"),
        (status = 404, description = "No such metric"),
        (status = 422, description = "A parameter is not valid, or asks for too much"),
        (status = 503, description = "The counts cannot be read now"),
    )
)]
pub(super) async fn read_metric(
    State(app): State<Arc<App>>,
    _: Analyst,
    Path(name): Path<String>,
    Query(asked): Query<MetricAsked>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Some(metric) = Metric::parse(&name) else {
        return Err(ApiError::not_found(
            "unknown_metric",
            "there is no such metric",
        ));
    };
    let (range, by) = asked.range(day_of(app.clock.now_us()))?;
    let report = app.analytics.report(metric, range, by, MAX_GROUPS).await?;
    if report.has_more {
        let message = format!("asks for more than {MAX_GROUPS} rows: ask for fewer periods");
        return Err(ApiError::invalid("query", "from", message));
    }
    let told = [
        (AS_OF_POSITION, report.as_of_position.to_string()),
        (SUPPRESSED, report.suppressed.to_string()),
    ];
    Ok(match asked.format(&headers) {
        Format::Csv => {
            let kind = (header::CONTENT_TYPE, "text/csv; charset=utf-8");
            (told, [kind], csv::lines(metric.columns(), &report)).into_response()
        }
        Format::Json => {
            let range = range.whole(by);
            let view = MetricView {
                metric: metric.name(),
                from: range.from.to_string(),
                to: range.to.to_string(),
                by: by.name(),
                as_of_position: report.as_of_position,
                suppressed: report.suppressed,
                rows: objects(metric.columns(), report),
            };
            (told, Json(view)).into_response()
        }
    })
}
