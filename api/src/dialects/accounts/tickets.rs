//! `POST /auth/ws-ticket`, and `GET /.well-known/jwks.json`: what others go by.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::Value;

use super::TAG;
use super::shapes::TicketIssued;
use crate::app::App;
use crate::auth::{Caller, TICKET_TTL};
use crate::error::ApiError;

/// A ticket that stands for the caller in the URL of one live connection.
#[utoipa::path(
    post,
    path = "/auth/ws-ticket",
    tag = TAG,
    responses(
        (status = 201, description = "Good once, for 30 s", body = TicketIssued),
        (status = 401, description = "No token, or one that is not valid"),
    )
)]
pub(super) async fn issue_ws_ticket(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<(StatusCode, Json<TicketIssued>), ApiError> {
    let claims = caller.claims().ok_or_else(ApiError::unauthenticated)?;
    let ticket = app.authority.ticket(claims)?;
    Ok((
        StatusCode::CREATED,
        Json(TicketIssued {
            ticket,
            expires_in: TICKET_TTL.as_secs(),
        }),
    ))
}

/// The public keys of access tokens, RFC 7517. Empty where a shared secret signs.
#[utoipa::path(
    get,
    path = "/.well-known/jwks.json",
    tag = TAG,
    responses((status = 200, description = "A JSON Web Key Set", body = Object))
)]
pub(super) async fn list_public_keys(State(app): State<Arc<App>>) -> Json<Value> {
    Json(app.authority.tokens.jwks())
}
