//! `POST /change-password` by who knows the old one, `POST /reset-password` by a one-time link.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::{KeptSession, Refusal};

use super::TAG;
use super::reset_token::ResetToken;
use super::shapes::{PasswordChangeRequest, PasswordChanged, PasswordResetRequest};
use crate::app::App;
use crate::auth::{LoggedIn, RequestContext, Verified};
use crate::commands::Actor;
use crate::commands::accounts::{ChangePassword, ResetPassword};
use crate::error::ApiError;
use crate::extract::Body;
use crate::once::Whose;

/// Changes the caller's password. Every other session of theirs ends.
#[utoipa::path(
    post,
    path = "/change-password",
    tag = TAG,
    request_body = PasswordChangeRequest,
    responses(
        (status = 200, description = "The new password counts", body = PasswordChanged),
        (status = 401, description = "Not logged in"),
        (status = 403, description = "The current password is wrong"),
        (status = 422, description = "A field is not valid"),
    )
)]
pub(super) async fn change_password(
    State(app): State<Arc<App>>,
    LoggedIn(caller): LoggedIn,
    context: RequestContext,
    Body(body): Body<PasswordChangeRequest>,
) -> Result<Response, ApiError> {
    app.limits
        .login(&caller.account.to_string(), context.address.0)?;
    let asked = context.asked_by(&app, &caller)?;
    let known = app.commands.known_account(caller.account).await?;
    let known = known.ok_or_else(ApiError::unauthenticated)?;
    let passwords = &app.authority.passwords;
    let mut right = passwords
        .verify(&body.current_password, known.password_hash.as_deref())
        .await?;
    if right == Verified::Wrong && asked.repeatable.is_some() {
        // A repeat of a change that was made: the current password is the new one by now. What
        // else comes under the key is a conflict.
        right = passwords
            .verify(&body.new_password, known.password_hash.as_deref())
            .await?;
    }
    if right == Verified::Wrong {
        return Err(ApiError::forbidden(
            "wrong_password",
            "the current password is not right",
        ));
    }
    let command = ChangePassword {
        account: caller.account,
        checked_at: known.state.credentials_version(),
        password_hash: passwords.hash(&body.new_password).await?,
        kept_session: KeptSession {
            session: caller.session,
            account_version: caller.version,
        },
    };
    let settled = app.execute(&asked.request, &command).await?;
    Ok(settled.answer(StatusCode::OK, PasswordChanged { status: "changed" }))
}

/// Sets a password with a one-time link. Every session of the account ends.
#[utoipa::path(
    post,
    path = "/reset-password",
    tag = TAG,
    request_body = PasswordResetRequest,
    responses(
        (status = 200, description = "The new password counts", body = PasswordChanged),
        (status = 422, description = "The link is not valid or has expired"),
    )
)]
pub(super) async fn reset_password(
    State(app): State<Arc<App>>,
    context: RequestContext,
    Body(body): Body<PasswordResetRequest>,
) -> Result<Response, ApiError> {
    let token: ResetToken = body
        .token
        .parse()
        .map_err(|_| ApiError::from(Refusal::ResetInvalid))?;
    app.limits
        .login(&token.account.to_string(), context.address.0)?;
    let known = app.commands.known_account(token.account).await?;
    let role = known.and_then(|account| account.state.role());
    let role = role.ok_or(Refusal::ResetInvalid)?;
    let address = context.address_hash();
    let actor = Actor::person(token.account.into(), role, Some(address.clone()));
    let asked = context.asked(&app, actor, Whose::Address(&address))?;
    let command = ResetPassword {
        account: token.account,
        secret_hash: token.secret_hash(),
        password_hash: app.authority.passwords.hash(&body.new_password).await?,
    };
    let settled = app.execute(&asked.request, &command).await?;
    Ok(settled.answer(StatusCode::OK, PasswordChanged { status: "changed" }))
}
