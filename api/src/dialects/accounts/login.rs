//! `POST /login`: a password for a pair of tokens.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::{Role, SessionId};
use uuid::Uuid;

use super::TAG;
use super::issue::{Issue, refresh_expiry, user};
use super::shapes::{Credentials, LoggedIn};
use crate::app::App;
use crate::auth::{RefreshToken, RequestContext, Verified};
use crate::commands::accounts::{KnownAccount, OpenSession, RehashPassword};
use crate::commands::{Actor, Request};
use crate::error::ApiError;
use crate::extract::BodyOrForm;

/// Opens a log-in session. An unknown email and a wrong password are answered alike.
#[utoipa::path(
    post,
    path = "/login",
    tag = TAG,
    request_body(content((Credentials = "application/json"), (Credentials = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, description = "Logged in", body = LoggedIn),
        (status = 401, description = "Unknown email or wrong password"),
        (status = 422, description = "A field is missing"),
        (status = 429, description = "Too many log-ins"),
    )
)]
pub(super) async fn login(
    State(app): State<Arc<App>>,
    context: RequestContext,
    BodyOrForm(body): BodyOrForm<Credentials>,
) -> Result<Response, ApiError> {
    let (account, stale) = check(&app, &context, &body).await?;
    open(&app, &context, account, stale.then_some(&*body.password)).await
}

/// Checks email and password; says as well whether the hash is to be made anew.
///
/// # Errors
/// 401 alike for whatever is wrong, 429 where too much was tried.
pub(super) async fn check(
    app: &App,
    context: &RequestContext,
    body: &Credentials,
) -> Result<(KnownAccount, bool), ApiError> {
    // What cannot be an email is nobody's, and counts like any other.
    let key = app.authority.email_key(&body.email);
    let counted = key.as_deref().unwrap_or("no email");
    app.limits.login(counted, context.address.0)?;
    let known = match &key {
        Some(key) => by_email_key(app, key).await?,
        None => None,
    };
    let kept = known
        .as_ref()
        .and_then(|account| account.password_hash.as_deref());
    let verified = app.authority.passwords.verify(&body.password, kept).await?;
    match (known, verified) {
        (Some(account), Verified::Right { stale }) if account.state.is_active() => {
            metrics::counter!("maeum_log_ins_total", "outcome" => "right").increment(1);
            Ok((account, stale))
        }
        _ => {
            metrics::counter!("maeum_log_ins_total", "outcome" => "wrong").increment(1);
            Err(wrong_credentials())
        }
    }
}

async fn by_email_key(app: &App, key: &str) -> Result<Option<KnownAccount>, ApiError> {
    match app.commands.account_by_email_key(key).await? {
        Some(id) => Ok(app.commands.known_account(id).await?),
        // The same reading as for an account, so that the time does not tell.
        None => Ok(app
            .commands
            .known_account(domain::AccountId(Uuid::nil()))
            .await?),
    }
}

/// One message for all that can be wrong.
fn wrong_credentials() -> ApiError {
    ApiError::new(
        StatusCode::UNAUTHORIZED,
        "wrong_credentials",
        "the email or the password is not right",
    )
}

/// Opens a session; `rehash` is the password where its hash is to be made anew.
pub(super) async fn open(
    app: &App,
    context: &RequestContext,
    account: KnownAccount,
    rehash: Option<&str>,
) -> Result<Response, ApiError> {
    let role = account.state.role().unwrap_or_default();
    let actor = Actor::person(account.id.into(), role, Some(context.address_hash()));
    let request = context.unrepeatable(actor);
    let session = SessionId(app.ids.next());
    let refresh_token = RefreshToken::first(session)?;
    let command = OpenSession {
        session,
        account: account.id,
        account_version: account.version,
        secret_hash: refresh_token.secret_hash(),
        expires_at: refresh_expiry(app),
    };
    let opened = app.execute(&request, &command).await;
    let settled = opened.map_err(|error| match error.status {
        // Deactivated, or the password changed, between the check and this.
        StatusCode::UNAUTHORIZED => wrong_credentials(),
        _ => error,
    })?;
    if let Some(password) = rehash {
        hash_anew(app, &request, &account, password).await;
    }
    let issue = Issue {
        account: &account,
        session,
        account_version: account.version,
        refresh_token: &refresh_token,
    };
    let tokens = issue.pair(app)?;
    let counselor_id = match role {
        Role::Counselor => app.commands.counselor_number(account.id).await?,
        _ => None,
    };
    let user = user(account, counselor_id.map(|(_, number)| number));
    Ok(settled.answer(StatusCode::OK, LoggedIn { tokens, user }))
}

/// Failing at this costs the person nothing: it is tried again at the next log-in.
async fn hash_anew(app: &App, request: &Request, account: &KnownAccount, password: &str) {
    let hash = match app.authority.passwords.hash(password).await {
        Ok(hash) => hash,
        Err(error) => return tracing::warn!(%error, "a password was not hashed anew"),
    };
    let command = RehashPassword {
        account: account.id,
        checked_at: account.state.credentials_version(),
        password_hash: hash,
    };
    if let Err(error) = app.commands.execute(request, &command).await {
        tracing::warn!(%error, "a password that was hashed anew was not kept");
    }
}
