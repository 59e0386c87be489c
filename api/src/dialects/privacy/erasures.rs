//! Erasure of accounts, and receipts.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::{ErasureId, Refusal, Subject};
use projections::erasures;

use super::{TAG, subject};
use crate::app::App;
use crate::auth::{AccountCaller, Administrator, LoggedIn, RequestContext};
use crate::erasing::{self, ErasureView};
use crate::error::ApiError;

/// Erases the caller: what is personal of their account and of all their consultations becomes
/// unreadable for good, in backups as well. Counts and times stay. Their log-ins end.
#[utoipa::path(
    delete,
    path = "/api/v1/users/me",
    tag = TAG,
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The receipt; `pending` where it takes longer than 10 s", body = ErasureView),
        (status = 401, description = "Not logged in"),
        (status = 409, description = "`held`: a legal hold is against it; it goes on when that is lifted"),
    )
)]
pub(super) async fn erase_me(
    State(app): State<Arc<App>>,
    LoggedIn(caller): LoggedIn,
    context: RequestContext,
) -> Result<Response, ApiError> {
    let subject = Subject::Account(caller.account);
    let request = context.unrepeatable(context.actor(&caller));
    erasing::erase(&app, &request, subject).await
}

/// Withdraws the caller's own request to be erased, as long as a legal hold keeps it from being
/// carried out. Also one that nobody but a setting asked for.
#[utoipa::path(
    delete,
    path = "/api/v1/users/me/erasure",
    tag = TAG,
    security(("bearer" = [])),
    responses(
        (status = 200, description = "Its `status` is `withdrawn`", body = ErasureView),
        (status = 401, description = "Not logged in, or erased already"),
        (status = 403, description = "`not_who_asked`: an administrator asked for it"),
        (status = 404, description = "None is outstanding"),
        (status = 409, description = "`erasure_begun`: it is too late"),
    )
)]
pub(super) async fn withdraw_mine(
    State(app): State<Arc<App>>,
    LoggedIn(caller): LoggedIn,
    context: RequestContext,
) -> Result<Response, ApiError> {
    let subject = Subject::Account(caller.account);
    let request = context.unrepeatable(context.actor(&caller));
    erasing::withdraw(&app, &request, subject, Some(caller.account.into())).await
}

/// Withdraws the erasure of an account, whoever asked for it, as long as a legal hold keeps it from
/// being carried out.
#[utoipa::path(
    delete,
    path = "/admin/users/{id}/erasure",
    tag = TAG,
    params(("id" = String, Path, description = "UUID or integer")),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "Its `status` is `withdrawn`", body = ErasureView),
        (status = 401, description = "Not logged in"),
        (status = 403, description = "Not an administrator"),
        (status = 404, description = "Unknown, or none is outstanding"),
        (status = 409, description = "`erasure_begun`: it is too late"),
    )
)]
pub(super) async fn withdraw_of_account(
    State(app): State<Arc<App>>,
    Administrator(admin): Administrator,
    context: RequestContext,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let subject = subject::account(&app, &id).await?;
    let request = context.unrepeatable(context.actor(&admin));
    erasing::withdraw(&app, &request, subject, None).await
}

/// Erases an account.
#[utoipa::path(
    delete,
    path = "/api/v1/users/{id}",
    tag = TAG,
    params(("id" = String, Path, description = "UUID or integer")),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The receipt", body = ErasureView),
        (status = 401, description = "Not logged in"),
        (status = 403, description = "Not an administrator"),
        (status = 404, description = "Unknown"),
        (status = 409, description = "`held`: a legal hold is against it; it goes on when that is lifted"),
    )
)]
pub(super) async fn erase_user(
    State(app): State<Arc<App>>,
    Administrator(admin): Administrator,
    context: RequestContext,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    erase_named(&app, &admin, &context, &id).await
}

/// The same as `DELETE /api/v1/users/{id}`.
#[utoipa::path(
    delete,
    path = "/admin/users/{id}",
    tag = TAG,
    params(("id" = String, Path, description = "UUID or integer")),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The receipt", body = ErasureView),
        (status = 401, description = "Not logged in"),
        (status = 403, description = "Not an administrator"),
        (status = 404, description = "Unknown"),
        (status = 409, description = "`held`: a legal hold is against it; it goes on when that is lifted"),
    )
)]
pub(super) async fn erase_account(
    State(app): State<Arc<App>>,
    Administrator(admin): Administrator,
    context: RequestContext,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    erase_named(&app, &admin, &context, &id).await
}

async fn erase_named(
    app: &App,
    admin: &AccountCaller,
    context: &RequestContext,
    id: &str,
) -> Result<Response, ApiError> {
    let subject = subject::account(app, id).await?;
    let request = context.unrepeatable(context.actor(admin));
    erasing::erase(app, &request, subject).await
}

/// The receipt of an erasure, for whoever knows its id: whom it concerns can log in no more.
#[utoipa::path(
    get,
    path = "/api/v1/erasures/{erasure_id}",
    tag = TAG,
    params(("erasure_id" = uuid::Uuid, Path)),
    responses(
        (status = 200, body = ErasureView),
        (status = 404, description = "Unknown"),
    )
)]
pub(super) async fn show_erasure(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<ErasureView>, ApiError> {
    let unknown = || ApiError::from(Refusal::UnknownErasure);
    let id = id.parse().map(ErasureId).map_err(|_| unknown())?;
    let row = erasures::by_id(&*app.reader, id).await?;
    let row = row.ok_or_else(unknown)?;
    Ok(Json(erasing::show(&app, &row).await?))
}
