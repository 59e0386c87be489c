//! `GET /api/v1/audit/events`: the log, in order, a stretch at a time.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use domain::Act;

use super::TAG;
use super::asked::{EventsAsked, Selection};
use super::content::{Depth, show};
use super::follow::{follow, resumed, wants_stream};
use super::reader::LogReader;
use super::search::{Found, search};
use super::shapes::EventsView;
use crate::app::App;
use crate::auth::{AccountCaller, RequestContext};
use crate::error::ApiError;
use crate::extract::Query;
use crate::reading::{self, Reading};

/// Events in the order of the log, by whatever they are selected. What is personal stays sealed
/// without a purpose. The reading is recorded before anything is shown; where it cannot be,
/// nothing is.
///
/// With `Accept: text/event-stream` they are sent as they come, each with its position as `id`,
/// from `after` or `Last-Event-ID` on and for as long as the right to it lasts; `limit` and
/// `positions` do not count then.
#[utoipa::path(
    get,
    path = "/api/v1/audit/events",
    tag = TAG,
    params(EventsAsked),
    security(("bearer" = [])),
    responses(
        (status = 200, content((EventsView = "application/json"), (String = "text/event-stream"))),
        (status = 401, description = "No valid token"),
        (status = 403, description = "Neither auditor nor administrator"),
        (status = 422, description = "A parameter is not valid"),
        (status = 503, description = "The reading cannot be recorded, or a key is not available"),
    )
)]
pub(super) async fn read_events(
    State(app): State<Arc<App>>,
    LogReader(reader): LogReader,
    context: RequestContext,
    headers: HeaderMap,
    Query(asked): Query<EventsAsked>,
) -> Result<Response, ApiError> {
    let (selection, purpose) = asked.understand(&app).await?;
    if wants_stream(&headers) {
        let selection = resumed(selection, &headers)?;
        return follow(&app, reader, context, selection, purpose).await;
    }
    let depth = match purpose {
        Some(_) => Depth::Open,
        None => Depth::Sealed,
    };
    let found = search(&*app.store, &selection).await?;
    if selection.after > found.head {
        let message = format!("the log ends at {}", found.head);
        return Err(ApiError::invalid("query", "after", message));
    }
    let recorded = record(&app, &reader, &context, &selection, &found, purpose).await?;
    let keys = Arc::clone(&app.keys);
    let Found {
        events,
        scanned_to,
        head,
        ..
    } = found;
    let shown = tokio::task::spawn_blocking(move || show(&*keys, &events, depth)).await;
    let events = shown.map_err(|error| {
        tracing::error!(%error, "events could not be shown");
        ApiError::internal()
    })??;
    let view = EventsView {
        events,
        scanned_to,
        head,
        recorded_at_position: recorded,
    };
    Ok(Json(view).into_response())
}

/// Puts a reading on record, unless nothing of others is in it, and gives the position.
async fn record(
    app: &App,
    reader: &AccountCaller,
    context: &RequestContext,
    selection: &Selection,
    found: &Found,
    purpose: Option<String>,
) -> Result<Option<u64>, ApiError> {
    let (Some(first), Some(last)) = (found.events.first(), found.events.last()) else {
        return Ok(None);
    };
    if purpose.is_none() && !found.concerned.goes_beyond(reader.account.into()) {
        return Ok(None);
    }
    let reading = Reading {
        act: Act::ReadEvents,
        filter: selection.filter(),
        from: first.recorded.position,
        to: last.recorded.position,
        count: found.events.len(),
        concerned: found.concerned.clone(),
    };
    reading::record(app, reader, context, reading, purpose).await
}
