//! The erasure of a consultation, by its code.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use domain::Subject;

use super::access::{Entered, Side, enter};
use crate::app::App;
use crate::auth::{Caller, RequestContext};
use crate::erasing::{self, ErasureView};
use crate::error::ApiError;
use crate::reading::ForOthers;

/// Erases a consultation: all that was said in it, whoever said it, its request, its card and its
/// files become unreadable for good, in backups as well. Counts and times stay. One that still goes
/// on is ended.
#[utoipa::path(
    delete,
    path = "/api/v1/consultations/{consultation_code}",
    tag = "consultation",
    params(("consultation_code" = String, Path, description = "In any case"), ForOthers),
    responses(
        (status = 200, description = "The receipt, the same again on a repeat", body = ErasureView),
        (status = 403, description = "For the user's side only"),
        (status = 404, description = "Nobody has this code"),
        (status = 409, description = "`held`: a legal hold is against it; it goes on when that is lifted"),
    )
)]
pub(super) async fn erase(
    State(app): State<Arc<App>>,
    caller: Caller,
    context: RequestContext,
    Path(code): Path<String>,
) -> Result<Response, ApiError> {
    let entered = as_user(&app, &caller, &context, &code).await?;
    let subject = Subject::Consultation(entered.consultation());
    let request = context.unrepeatable(entered.actor());
    erasing::erase(&app, &request, subject).await
}

/// Withdraws the erasure of a consultation, as long as a legal hold keeps it from being carried out.
#[utoipa::path(
    delete,
    path = "/api/v1/consultations/{consultation_code}/erasure",
    tag = "consultation",
    params(("consultation_code" = String, Path, description = "In any case"), ForOthers),
    responses(
        (status = 200, description = "Its `status` is `withdrawn`", body = ErasureView),
        (status = 403, description = "For the user's side only; `not_who_asked`"),
        (status = 404, description = "Nobody has this code, or none is outstanding"),
        (status = 409, description = "`erasure_begun`: it is too late"),
    )
)]
pub(super) async fn withdraw(
    State(app): State<Arc<App>>,
    caller: Caller,
    context: RequestContext,
    Path(code): Path<String>,
) -> Result<Response, ApiError> {
    let entered = as_user(&app, &caller, &context, &code).await?;
    let subject = Subject::Consultation(entered.consultation());
    let actor = entered.actor();
    let by = actor.person;
    let request = context.unrepeatable(actor);
    erasing::withdraw(&app, &request, subject, by).await
}

async fn as_user(
    app: &App,
    caller: &Caller,
    context: &RequestContext,
    code: &str,
) -> Result<Entered, ApiError> {
    let entered = enter(app, caller, context, code).await?;
    if matches!(entered.side, Side::Counselor { .. }) {
        return Err(ApiError::forbidden(
            "not_the_user",
            "only the user erases a consultation",
        ));
    }
    Ok(entered)
}
