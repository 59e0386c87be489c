//! Steps: something is said and answered at once, and all that was said.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::StepId;
use projections::emotions::{self, StepRow};

use super::TAG;
use super::ask::{Asked, Asking, ask, settled};
use super::shapes::{AskedBy, GenerateRequest, StepView};
use super::show;
use crate::answer::X_POSITION;
use crate::app::App;
use crate::auth::{Asker, RequestContext};
use crate::error::ApiError;
use crate::extract::{Body, PageOf, PageRule, Query};
use crate::reading::ForOthers;

/// Seconds after which what failed may be asked again.
const RETRY_AFTER_SECONDS: u64 = 5;

/// How steps are paged: mostly all of them are one page.
pub(super) struct StepPages;

impl PageRule for StepPages {
    const SIZE: &'static str = "size";
    const DEFAULT: u64 = 500;
    const MAX: u64 = 500;
}

/// Says something, and waits for the whole answer. Whoever goes away meanwhile finds it in the
/// history.
#[utoipa::path(
    post,
    path = "/emotion/steps/generate",
    tag = TAG,
    request_body = GenerateRequest,
    responses(
        (status = 201, body = StepView),
        (status = 401, description = "No valid token; or nobody has this user_id"),
        (status = 403, description = "user_id is not the token's"),
        (status = 404, description = "No such session, or another's; no such step"),
        (status = 409, description = "Another input is being answered; the session has ended; another step has this order; the step was answered"),
        (status = 410, description = "It is kept no longer"),
        (status = 422, description = "A field is not valid"),
        (status = 429, description = "Too many messages, or too many tokens today"),
        (status = 500, description = "The model refuses; the step keeps what was said"),
        (status = 503, description = "The model failed; the step keeps what was said, and can be asked again"),
    )
)]
pub(super) async fn generate(
    State(app): State<Arc<App>>,
    asker: Asker,
    context: RequestContext,
    Body(body): Body<GenerateRequest>,
) -> Result<Response, ApiError> {
    let session = body.session_id.to_string();
    let entered = asker.enter(&app, &session, "body", body.user_id).await?;
    app.limits.message(entered.payer())?;
    let write = entered.asked(&app, &context)?;
    let asking = match body.step_id {
        Some(step) => Asking::Again(StepId(step)),
        None => Asking::New(StepId(write.new_id(&app, "step")), body.input()),
    };
    let step = match ask(&app, write.request, &entered.row, asking).await? {
        Asked::Here(running) => {
            running.ended().await;
            running.step
        }
        Asked::Before(step) => step,
    };
    let row = settled(&app, entered.session(), step).await?;
    generated(&app, &row)
}

fn generated(app: &App, row: &StepRow) -> Result<Response, ApiError> {
    let failed = row.settled.as_ref();
    if let Some(settled) = failed
        && let Some(reason) = &settled.reason
    {
        return Err(failure(reason, settled.retryable));
    }
    let view = show::step(app, row)?;
    let mut response = (StatusCode::CREATED, Json(view)).into_response();
    if let Some(settled) = failed {
        let position = HeaderValue::from(settled.position);
        response.headers_mut().insert(X_POSITION, position);
    }
    Ok(response)
}

/// How it is told that a step was not answered.
pub(super) fn failure(reason: &str, retryable: bool) -> ApiError {
    let code = code_of(reason);
    if retryable {
        let message = "this was not answered to the end; ask again";
        ApiError::unavailable(code, message, RETRY_AFTER_SECONDS)
    } else {
        let message = "this cannot be answered";
        ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, code, message)
    }
}

/// The stable code of a reason; reasons of later programs are known by one for all.
fn code_of(reason: &str) -> &'static str {
    const KNOWN: [&str; 16] = [
        "responder_busy",
        "input_too_long",
        "model_unreachable",
        "model_timed_out",
        "model_overloaded",
        "model_refused",
        "model_failed",
        "model_broke_off",
        "model_malformed",
        "empty_answer",
        "broken_off",
        "context_unavailable",
        "interrupted",
        "going_down",
        "internal",
        "erased",
    ];
    let known = KNOWN.iter().find(|known| **known == reason);
    known.copied().unwrap_or("not_answered")
}

/// All that was said in a session, in its order.
#[utoipa::path(
    get,
    path = "/emotion/steps/{session_id}",
    tag = TAG,
    params(
        ("session_id" = uuid::Uuid, Path),
        ("page" = Option<u64>, Query, description = "From 1", minimum = 1),
        ("size" = Option<u64>, Query, description = "500 by default", minimum = 1, maximum = 500),
        AskedBy,
        ForOthers,
    ),
    responses(
        (status = 200, body = Vec<StepView>),
        (status = 400, description = "`purpose_required`, of a service"),
        (status = 401, description = "No valid token"),
        (status = 404, description = "No such session, or another's"),
        (status = 410, description = "It is kept no longer"),
    )
)]
pub(super) async fn list_steps(
    State(app): State<Arc<App>>,
    asker: Asker,
    Path(session): Path<String>,
    Query(by): Query<AskedBy>,
    page: PageOf<StepPages>,
) -> Result<Json<Vec<StepView>>, ApiError> {
    let entered = asker.enter(&app, &session, "query", by.user_id).await?;
    entered.reads(&app, &asker).await?;
    let page = page.0.stored();
    let rows = emotions::in_session(&*app.reader, entered.session(), page).await?;
    let rows = rows.iter().map(|row| show::step(&app, row));
    rows.collect::<Result<_, _>>().map(Json)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::responder::ResponderError;

    #[test]
    fn every_error_of_the_responder_has_its_own_code() {
        for error in [
            ResponderError::Busy,
            ResponderError::TooLong,
            ResponderError::Unreachable,
            ResponderError::TimedOut,
            ResponderError::Overloaded,
            ResponderError::Refused(401),
            ResponderError::Failed(500),
            ResponderError::BrokenOff,
            ResponderError::Malformed,
        ] {
            let told = failure(error.code(), error.retryable());
            assert_eq!(told.code, error.code());
            let status = if error.retryable() { 503 } else { 500 };
            assert_eq!(told.status, status, "{error}");
        }
    }
}
