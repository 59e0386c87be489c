//! `/admin/users`: what administrators do with accounts.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::{AccountId, Profile};

use super::TAG;
use super::bodies::account_role;
use super::reset_token::ResetToken;
use super::shapes::{NewUser, ResetLink, User, UserChange};
use super::users::{NewAccount, find_account, plain_counselor, register_account, show};
use crate::app::App;
use crate::auth::{Administrator, RequestContext};
use crate::commands::accounts::{ChangeUser, KnownAccount, NewCounselor, RequestReset};
use crate::error::ApiError;
use crate::extract::Body;
use crate::reading::{self, ForOthers, Reading};
use crate::times::utc_millis;

/// How long a one-time link is good, in microseconds.
const RESET_LASTS_US: i64 = 3_600_000_000;

/// Makes an account of any role. A counsellor gets an entry in the catalogue with it.
#[utoipa::path(
    post,
    path = "/admin/users",
    tag = TAG,
    request_body = NewUser,
    responses(
        (status = 201, description = "The account exists", body = User),
        (status = 401, description = "Not logged in"),
        (status = 403, description = "Not an administrator"),
        (status = 409, description = "The email is taken"),
        (status = 422, description = "A field is not valid"),
    )
)]
pub(super) async fn create_user(
    State(app): State<Arc<App>>,
    Administrator(admin): Administrator,
    context: RequestContext,
    Body(body): Body<NewUser>,
) -> Result<Response, ApiError> {
    body.check(&app.catalogue)?;
    let role = account_role(&body.role).ok_or_else(|| invalid("role"))?;
    let counselor = new_counselor(&app, &body);
    let asked = context.asked_by(&app, &admin)?;
    let account = AccountId(asked.new_id(&app, "account"));
    let profile = Profile {
        name: body.name,
        email: body.email.trim().to_owned(),
        first_name: body.first_name,
        last_name: body.last_name,
        phone: body.phone,
        profile_image: None,
    };
    let said = profile.clone();
    let new = NewAccount {
        account,
        role,
        profile,
        password: &body.password,
        counselor,
    };
    let settled = register_account(&app, &asked.request, new).await?;
    let known = app
        .commands
        .known_account(account)
        .await?
        .ok_or_else(ApiError::internal)?;
    // What they said of it themselves, and no more.
    let shown = show(&app, &known, Some(said)).await?;
    Ok(settled.answer(StatusCode::CREATED, shown))
}

/// The entry of a new counsellor, by the catalogue.
fn new_counselor(app: &App, body: &NewUser) -> NewCounselor {
    let plain = plain_counselor(app);
    let character_type_id = body.character_type_id.unwrap_or(plain.character_type_id);
    let mut counseling_fields = Vec::new();
    for id in body.counseling_fields.iter().flatten() {
        if !counseling_fields.contains(id) {
            counseling_fields.push(*id);
        }
    }
    NewCounselor {
        character_type_id,
        counseling_fields,
        max_active: body.max_active,
    }
}

/// Gives an account another role, or takes from it or gives back the right to log in. Either ends
/// its sessions. What the account says of itself is answered for a purpose, which goes on record.
#[utoipa::path(
    patch,
    path = "/admin/users/{id}",
    tag = TAG,
    params(("id" = String, Path, description = "UUID or integer"), ForOthers),
    request_body = UserChange,
    responses(
        (status = 200, description = "The account as it is now", body = User),
        (status = 401, description = "Not logged in"),
        (status = 403, description = "Not an administrator"),
        (status = 404, description = "Unknown"),
        (status = 422, description = "A field is not valid"),
    )
)]
pub(super) async fn change_user(
    State(app): State<Arc<App>>,
    Administrator(admin): Administrator,
    context: RequestContext,
    Path(id): Path<String>,
    Body(body): Body<UserChange>,
) -> Result<Response, ApiError> {
    let role = match &body.role {
        Some(role) => Some(account_role(role).ok_or_else(|| invalid("role"))?),
        None => None,
    };
    let purpose = reading::given_purpose(&context)?;
    let KnownAccount { id: account, .. } = find_account(&app, &id).await?;
    let asked = context.asked_by(&app, &admin)?;
    let counselor = plain_counselor(&app);
    let command = ChangeUser {
        account,
        role,
        active: body.active,
        counselor,
    };
    let settled = app.execute(&asked.request, &command).await?;
    let known = app
        .commands
        .known_account(account)
        .await?
        .ok_or_else(ApiError::internal)?;
    let profile = match purpose {
        Some(purpose) => {
            let reading = Reading::of_account(&app, account, known.number);
            reading::record(&app, &admin, &context, reading, Some(purpose)).await?;
            Some(known.profile.clone().unwrap_or_default())
        }
        None => None,
    };
    let shown = show(&app, &known, profile).await?;
    Ok(settled.answer(StatusCode::OK, shown))
}

/// Makes a one-time link, good for an hour, with which a password can be set.
#[utoipa::path(
    post,
    path = "/admin/users/{id}/password-reset",
    tag = TAG,
    params(("id" = String, Path, description = "UUID or integer")),
    responses(
        (status = 201, description = "The link; an earlier one is void", body = ResetLink),
        (status = 401, description = "Not logged in"),
        (status = 403, description = "Not an administrator"),
        (status = 404, description = "Unknown"),
    )
)]
pub(super) async fn request_password_reset(
    State(app): State<Arc<App>>,
    Administrator(admin): Administrator,
    context: RequestContext,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let KnownAccount { id: account, .. } = find_account(&app, &id).await?;
    let asked = context.asked_by(&app, &admin)?;
    let secret = match &asked.repeatable {
        Some(repeatable) => repeatable
            .seed
            .secret(&app.authority.pepper, "password reset"),
        None => random_secret()?,
    };
    let token = ResetToken::new(account, secret);
    let (secret_hash, now) = (token.secret_hash(), app.clock.now_us());
    let command = RequestReset {
        account,
        secret_hash,
        expires_at: now + RESET_LASTS_US,
    };
    let settled = app.execute(&asked.request, &command).await?;
    // A repeat tells of the link that the first request made.
    let requested = settled.done.event("account.reset_requested");
    let requested_at = requested.map_or(now, |requested| requested.recorded_at);
    let expires_at = requested_at + RESET_LASTS_US;
    // The event may be recorded a moment after the request came.
    let left = expires_at.saturating_sub(now).clamp(0, RESET_LASTS_US);
    let token = token.encode();
    let link = ResetLink {
        link: format!("/reset-password?token={token}"),
        token,
        expires_in: left.unsigned_abs().div_ceil(1_000_000),
        expires_at: utc_millis(expires_at),
    };
    Ok(settled.answer(StatusCode::CREATED, link))
}

fn random_secret() -> Result<[u8; 32], ApiError> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(|error| {
        tracing::error!(%error, "there are no random bytes");
        ApiError::internal()
    })?;
    Ok(secret)
}

fn invalid(field: &str) -> ApiError {
    ApiError::invalid("body", field, "is not allowed")
}
