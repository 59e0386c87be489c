//! `POST /logout`: the end of a log-in session.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::{PersonId, Role, SessionId};

use super::TAG;
use super::shapes::LogoutRequest;
use crate::answer::X_POSITION;
use crate::app::App;
use crate::auth::{Caller, RefreshToken, RequestContext};
use crate::commands::Actor;
use crate::commands::accounts::RevokeSession;
use crate::error::ApiError;
use crate::extract::OptionalBody;

/// Ends the session of the access token, or where there is none that of the refresh token. A
/// counsellor is offline then.
#[utoipa::path(
    post,
    path = "/logout",
    tag = TAG,
    request_body(content = Option<LogoutRequest>),
    responses(
        (status = 204, description = "The session has ended"),
        (status = 401, description = "Neither token is valid"),
    )
)]
pub(super) async fn logout(
    State(app): State<Arc<App>>,
    context: RequestContext,
    headers: HeaderMap,
    OptionalBody(body): OptionalBody<LogoutRequest>,
) -> Result<Response, ApiError> {
    let leaving = Leaving::find(&app, &headers, &body).await?;
    leaving.leave(&app, &context).await
}

/// A session that is to end.
pub(super) struct Leaving {
    session: SessionId,
    person: PersonId,
    pub(super) role: Role,
}

impl Leaving {
    /// # Errors
    /// 401 where no session is named, 403 for guests, who have none.
    pub(super) async fn find(
        app: &App,
        headers: &HeaderMap,
        body: &LogoutRequest,
    ) -> Result<Self, ApiError> {
        match (Caller::of_request(app, headers), &body.refresh_token) {
            // An access token that has expired meanwhile keeps nobody from logging out.
            (Err(_) | Ok(Caller::Anonymous), Some(token)) => {
                Self::by_refresh_token(app, token).await
            }
            (caller, _) => {
                let caller = caller?;
                let account = caller.account()?;
                let person = account.account.into();
                Ok(Self {
                    session: account.session,
                    person,
                    role: account.role,
                })
            }
        }
    }

    async fn by_refresh_token(app: &App, text: &str) -> Result<Self, ApiError> {
        let token: RefreshToken = text.parse().map_err(|_| ApiError::unauthenticated())?;
        let known = app.commands.known_session(token.session).await?;
        let known = known.ok_or_else(ApiError::unauthenticated)?;
        let account = app.commands.known_account(known.account).await?;
        let role = account
            .and_then(|account| account.state.role())
            .unwrap_or_default();
        Ok(Self {
            session: token.session,
            person: known.account.into(),
            role,
        })
    }

    pub(super) async fn leave(
        &self,
        app: &App,
        context: &RequestContext,
    ) -> Result<Response, ApiError> {
        let actor = Actor::person(self.person, self.role, Some(context.address_hash()));
        let command = RevokeSession {
            session: self.session,
        };
        let settled = app.execute(&context.unrepeatable(actor), &command).await?;
        let mut response = StatusCode::NO_CONTENT.into_response();
        if let Some(position) = settled.done.position() {
            response
                .headers_mut()
                .insert(X_POSITION, HeaderValue::from(position));
        }
        Ok(response)
    }
}
