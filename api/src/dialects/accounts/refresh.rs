//! `POST /refresh`: a refresh token, which works once, for a new pair.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::Refusal;

use super::TAG;
use super::issue::{Issue, refresh_expiry};
use super::shapes::{RefreshRequest, TokenPair};
use crate::app::App;
use crate::auth::{RefreshToken, RequestContext};
use crate::commands::Actor;
use crate::commands::accounts::{KnownAccount, KnownSession, RotateSession};
use crate::error::ApiError;
use crate::extract::Body;

/// Replaces a refresh token. Using one twice ends its whole family; for 10 s the one just replaced
/// may be repeated, with the same successor.
#[utoipa::path(
    post,
    path = "/refresh",
    tag = TAG,
    request_body = RefreshRequest,
    responses(
        (status = 200, description = "A new pair", body = TokenPair),
        (status = 401, description = "The token is unknown, was used before, or its session ended"),
    )
)]
pub(super) async fn refresh(
    State(app): State<Arc<App>>,
    context: RequestContext,
    Body(body): Body<RefreshRequest>,
) -> Result<Response, ApiError> {
    let presented = Presented::find(&app, &body.refresh_token).await?;
    presented.rotate(&app, &context).await
}

/// A refresh token, and whose it would be.
pub(super) struct Presented {
    token: RefreshToken,
    session: KnownSession,
    pub(super) account: KnownAccount,
}

impl Presented {
    /// # Errors
    /// 401 where no session is named.
    pub(super) async fn find(app: &App, text: &str) -> Result<Self, ApiError> {
        let token: RefreshToken = text.parse().map_err(|_| ended())?;
        let session = app
            .commands
            .known_session(token.session)
            .await?
            .ok_or_else(ended)?;
        let account = app
            .commands
            .known_account(session.account)
            .await?
            .ok_or_else(ended)?;
        Ok(Self {
            token,
            session,
            account,
        })
    }

    /// Replaces the token and answers with a new pair.
    pub(super) async fn rotate(
        &self,
        app: &App,
        context: &RequestContext,
    ) -> Result<Response, ApiError> {
        let successor = self.token.successor(&app.authority.pepper);
        let command = RotateSession {
            session: self.token.session,
            presented_hash: self.token.secret_hash(),
            successor_hash: successor.secret_hash(),
            expires_at: refresh_expiry(app),
        };
        let role = self.account.state.role().unwrap_or_default();
        let actor = Actor::person(self.account.id.into(), role, Some(context.address_hash()));
        let settled = app.execute(&context.unrepeatable(actor), &command).await?;
        if settled.done.event("session.revoked").is_some() {
            tracing::warn!(session = %self.token.session, "a refresh token was used again");
            metrics::counter!("maeum_refresh_tokens_reused_total").increment(1);
            return Err(Refusal::RefreshTokenReused.into());
        }
        let issue = Issue {
            account: &self.account,
            session: self.token.session,
            account_version: self.session.account_version,
            refresh_token: &successor,
        };
        Ok(settled.answer(StatusCode::OK, issue.pair(app)?))
    }
}

fn ended() -> ApiError {
    Refusal::SessionEnded.into()
}
