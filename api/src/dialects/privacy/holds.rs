//! Legal holds: what one is against is neither erased nor destroyed by age.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::{Act, HoldId, Refusal, Subject, limits};
use event_store::StreamName;
use projections::erasures::{self, HoldRow};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{TAG, subject};
use crate::answer::Settled;
use crate::app::App;
use crate::auth::{AccountCaller, Administrator, RequestContext};
use crate::commands::erasure::{LiftHold, PlaceHold};
use crate::erasing::SubjectView;
use crate::error::ApiError;
use crate::extract::{Body, Problems, Query, Validate};
use crate::reading::{self, ForOthers, Reading};
use crate::times::utc_millis;

/// Holds of one answer, unless something else is asked for.
const DEFAULT_HOLDS: u32 = 50;

/// Holds of one answer at most.
const MAX_HOLDS: u32 = 200;

/// What is to be held: one of the two, and why.
#[derive(Deserialize, ToSchema)]
pub struct NewHold {
    /// An account, by UUID or integer.
    user_id: Option<NamedBy>,
    /// A consultation, by UUID or integer.
    consultation_id: Option<NamedBy>,
    /// 1 to 500 characters.
    reason: String,
}

/// A UUID or an integer.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
enum NamedBy {
    Number(u64),
    Text(String),
}

impl NamedBy {
    fn text(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

impl Validate for NewHold {
    fn validate(&self, problems: &mut Problems) {
        problems.require(
            self.user_id.is_some() != self.consultation_id.is_some(),
            "user_id",
            "either this or consultation_id must be given",
        );
        problems.length("reason", &self.reason, 1..=limits::HOLD_REASON_CHARS);
    }
}

/// A legal hold.
#[derive(Debug, Serialize, ToSchema)]
pub struct HoldView {
    hold_id: Uuid,
    subject: SubjectView,
    /// For whoever has just said it, and for a purpose; null else. Empty once the subject was
    /// erased.
    reason: Option<String>,
    placed_by: Option<Uuid>,
    placed_at: String,
    /// Null as long as it is in force.
    lifted_at: Option<String>,
}

/// Holds, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct HoldList {
    holds: Vec<HoldView>,
    /// What `before` takes for the next ones; null where there are no more.
    next: Option<u64>,
}

/// Which holds.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct HoldsAsked {
    /// What `next` of the page before says
    before: Option<u64>,
    /// 1 to 200; 50 without it
    limit: Option<u32>,
}

impl Validate for HoldsAsked {
    fn validate(&self, problems: &mut Problems) {
        let limit = self.limit.unwrap_or(DEFAULT_HOLDS);
        problems.require(
            (1..=MAX_HOLDS).contains(&limit),
            "limit",
            format!("must be a whole number from 1 to {MAX_HOLDS}"),
        );
    }
}

/// Places a hold: nothing of an account and the consultations that it takes part in, or of a
/// consultation, is erased, and no room that the account is in loses its old messages.
#[utoipa::path(
    post,
    path = "/admin/holds",
    tag = TAG,
    request_body = NewHold,
    security(("bearer" = [])),
    responses(
        (status = 201, body = HoldView),
        (status = 401, description = "Not logged in"),
        (status = 403, description = "Not an administrator"),
        (status = 404, description = "There is no such account or consultation"),
        (status = 410, description = "It is erased"),
        (status = 422, description = "A field is not valid"),
    )
)]
pub(super) async fn place_hold(
    State(app): State<Arc<App>>,
    Administrator(admin): Administrator,
    context: RequestContext,
    Body(body): Body<NewHold>,
) -> Result<Response, ApiError> {
    let subject = match (&body.user_id, &body.consultation_id) {
        (Some(user), _) => subject::account(&app, &user.text()).await?,
        (None, Some(consultation)) => subject::consultation(&app, &consultation.text()).await?,
        (None, None) => return Err(ApiError::invalid("body", "user_id", "is missing")),
    };
    let asked = context.asked_by(&app, &admin)?;
    let command = PlaceHold {
        hold: HoldId(asked.new_id(&app, "hold")),
        subject,
        reason: body.reason,
    };
    let settled = app.execute(&asked.request, &command).await?;
    answer(&app, &settled, StatusCode::CREATED, command.hold, true).await
}

/// All holds, newest first, lifted ones as well; their reasons for a purpose, which goes on record.
#[utoipa::path(
    get,
    path = "/admin/holds",
    tag = TAG,
    params(HoldsAsked, ForOthers),
    security(("bearer" = [])),
    responses(
        (status = 200, body = HoldList),
        (status = 401, description = "Not logged in"),
        (status = 403, description = "Not an administrator"),
    )
)]
pub(super) async fn list_holds(
    State(app): State<Arc<App>>,
    Administrator(admin): Administrator,
    context: RequestContext,
    Query(asked): Query<HoldsAsked>,
) -> Result<Json<HoldList>, ApiError> {
    let limit = asked.limit.unwrap_or(DEFAULT_HOLDS);
    let before = asked.before.unwrap_or(u64::MAX);
    let rows = erasures::holds(&*app.reader, before, limit).await?;
    let is_full = rows.len() == limit as usize;
    let next = rows.last().map(|row| row.number).filter(|_| is_full);
    let reads = reads_reasons(&app, &admin, &context, &rows).await?;
    let holds = rows.iter().map(|row| show(&app, row, reads));
    let holds = holds.collect::<Result<_, _>>()?;
    Ok(Json(HoldList { holds, next }))
}

/// Whether reasons are shown: to those who say why, and that is on record first.
async fn reads_reasons(
    app: &App,
    admin: &AccountCaller,
    context: &RequestContext,
    rows: &[HoldRow],
) -> Result<bool, ApiError> {
    let Some(purpose) = reading::given_purpose(context)? else {
        return Ok(false);
    };
    let Some(newest) = rows.first() else {
        return Ok(true);
    };
    let stream = StreamName::singleton("hold");
    let mut reading = Reading::of_state(app, Act::ReadHolds, &stream, newest.number);
    reading.count = rows.len();
    for row in rows {
        match row.subject {
            Subject::Account(account) => {
                reading.concerned.people.insert(account.into());
            }
            Subject::Consultation(consultation) => {
                reading.concerned.consultations.insert(consultation);
            }
        }
    }
    reading::record(app, admin, context, reading, Some(purpose)).await?;
    Ok(true)
}

/// Lifts a hold. Erasures that were asked for in the meantime go on, unless another one is against
/// them.
#[utoipa::path(
    delete,
    path = "/admin/holds/{hold_id}",
    tag = TAG,
    params(("hold_id" = Uuid, Path)),
    security(("bearer" = [])),
    responses(
        (status = 200, body = HoldView),
        (status = 401, description = "Not logged in"),
        (status = 403, description = "Not an administrator"),
        (status = 404, description = "Unknown, or lifted before"),
    )
)]
pub(super) async fn lift_hold(
    State(app): State<Arc<App>>,
    Administrator(admin): Administrator,
    context: RequestContext,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let unknown = || ApiError::from(Refusal::UnknownHold);
    let hold = id.parse().map(HoldId).map_err(|_| unknown())?;
    let request = context.unrepeatable(context.actor(&admin));
    let settled = app.execute(&request, &LiftHold { hold }).await?;
    answer(&app, &settled, StatusCode::OK, hold, false).await
}

async fn answer(
    app: &App,
    settled: &Settled,
    status: StatusCode,
    hold: HoldId,
    reads: bool,
) -> Result<Response, ApiError> {
    let row = erasures::hold_by_id(&*app.reader, hold).await?;
    let lagging = || ApiError::unavailable("reads_lag", "the read models are behind", 1);
    let view = show(app, &row.ok_or_else(lagging)?, reads)?;
    Ok(settled.answer(status, view))
}

fn show(app: &App, row: &HoldRow, reads: bool) -> Result<HoldView, ApiError> {
    let reason: Option<String> = if reads {
        Some(row.reason.open(&*app.keys)?.unwrap_or_default())
    } else {
        None
    };
    Ok(HoldView {
        hold_id: row.id.0,
        subject: SubjectView::of(row.subject),
        reason,
        placed_by: row.placed_by.map(|person| person.0),
        placed_at: utc_millis(row.placed_at),
        lifted_at: row.lifted_at.map(utc_millis),
    })
}
