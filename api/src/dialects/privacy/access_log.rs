//! Who read what of the caller, and why.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::{AccessEvent, Act, Event};
use event_store::Position;
use projections::{accesses, fact};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::TAG;
use crate::app::App;
use crate::auth::LoggedIn;
use crate::commands::CommandError;
use crate::error::ApiError;
use crate::extract::{Problems, Query, Validate};
use crate::times::utc_millis;

/// Readings of one answer, unless something else is asked for.
const DEFAULT_ACCESSES: u32 = 50;

/// Readings of one answer at most.
const MAX_ACCESSES: u32 = 200;

/// Which readings.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AccessesAsked {
    /// What `next` of the page before says
    before: Option<Position>,
    /// 1 to 200; 50 without it
    limit: Option<u32>,
}

impl Validate for AccessesAsked {
    fn validate(&self, problems: &mut Problems) {
        let limit = self.limit.unwrap_or(DEFAULT_ACCESSES);
        problems.require(
            (1..=MAX_ACCESSES).contains(&limit),
            "limit",
            format!("must be a whole number from 1 to {MAX_ACCESSES}"),
        );
    }
}

/// One reading.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccessView {
    /// Where it is on record.
    position: Position,
    at: String,
    /// The account of whoever read.
    reader: Uuid,
    role: String,
    /// What was done, e.g. `audit.events.read`.
    #[schema(value_type = String)]
    act: Act,
    /// How many events were read, of others as well.
    events: u32,
    /// Why; texts were shown only where it was said.
    purpose: Option<String>,
}

/// Readings, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccessLog {
    accesses: Vec<AccessView>,
    /// What `before` takes for the next ones; null where there are no more.
    next: Option<Position>,
}

/// Who read what of the caller or of their consultations, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/users/me/access-log",
    tag = TAG,
    params(AccessesAsked),
    security(("bearer" = [])),
    responses(
        (status = 200, body = AccessLog),
        (status = 401, description = "Not logged in"),
        (status = 422, description = "No such limit"),
    )
)]
pub(super) async fn show_access_log(
    State(app): State<Arc<App>>,
    LoggedIn(caller): LoggedIn,
    Query(asked): Query<AccessesAsked>,
) -> Result<Json<AccessLog>, ApiError> {
    let limit = asked.limit.unwrap_or(DEFAULT_ACCESSES);
    let before = asked.before.unwrap_or(u64::MAX);
    let reader = &*app.reader;
    let positions = accesses::concerning(reader, caller.account, before, limit).await?;
    let is_full = positions.len() == limit as usize;
    let next = positions.last().copied().filter(|_| is_full);
    let mut accesses = Vec::with_capacity(positions.len());
    for position in positions {
        accesses.extend(access(&app, position).await?);
    }
    Ok(Json(AccessLog { accesses, next }))
}

async fn access(app: &App, position: Position) -> Result<Option<AccessView>, ApiError> {
    let page = app.store.read_all(position - 1, 1).await?;
    let Some(recorded) = page.events.into_iter().next() else {
        return Ok(None);
    };
    let fact =
        fact(recorded, &*app.keys).map_err(|error| CommandError::Unreadable(error.to_string()))?;
    let at = utc_millis(fact.recorded.recorded_at);
    let Event::Access(AccessEvent::Recorded {
        account,
        role,
        act,
        events,
        purpose,
        ..
    }) = fact.event
    else {
        return Ok(None);
    };
    Ok(Some(AccessView {
        position,
        at,
        reader: account.0,
        role: role.to_string(),
        act,
        events,
        purpose,
    }))
}
