//! The upgrades to both live endpoints: origin, token, and who may enter; then the connection.

use std::sync::Arc;

use axum::Router;
use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::extract::{FromRequestParts, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use domain::PersonId;
use projections::counselors;
use serde::Deserialize;

use super::notifications::{self, Rung};
use super::{access, socket};
use crate::app::App;
use crate::auth::{Caller, Claims, InvalidToken, live_credentials};
use crate::error::ApiError;
use crate::layers::ClientAddress;
use crate::live::{Ended, Rights, refuse};

/// What axum reads ahead, and writes at once, on one connection. The crate's default of 128 KiB is
/// most of what an idle connection would cost.
const BUFFER_BYTES: usize = 4 * 1024;

/// What may wait inside the WebSocket beyond a frame; what waits for it stands in the outbox.
const MAX_WRITE_BUFFER_BYTES: usize = 256 * 1024;

/// Both live endpoints.
pub fn live_routes() -> Router<Arc<App>> {
    Router::new()
        .route("/ws/consultation/{code}", get(conversation))
        .route("/ws/counselor/{counselor_id}/notifications", get(rings))
}

#[derive(Deserialize)]
struct Parameters {
    after: Option<String>,
}

/// The upgrade with our limits, and whoever shows a token.
struct Knock {
    upgrade: WebSocketUpgrade,
    claims: Result<Option<Arc<Claims>>, InvalidToken>,
    address: ClientAddress,
    after: Option<String>,
}

impl FromRequestParts<Arc<App>> for Knock {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        app: &Arc<App>,
    ) -> Result<Self, Response> {
        let claims = live_credentials(&parts.headers, parts.uri.query())
            .map(|credentials| app.authority.caller(&credentials))
            .transpose();
        let address = ClientAddress::from_request_parts(parts, app)
            .await
            .map_err(IntoResponse::into_response)?;
        let Query(Parameters { after }) = Query::from_request_parts(parts, app)
            .await
            .map_err(IntoResponse::into_response)?;
        let upgrade = WebSocketUpgrade::from_request_parts(parts, app)
            .await
            .map_err(|refused| {
                ApiError::new(
                    StatusCode::UPGRADE_REQUIRED,
                    "websocket_only",
                    refused.body_text(),
                )
                .into_response()
            })?;
        let upgrade = upgrade
            .protocols(["bearer"])
            .read_buffer_size(BUFFER_BYTES)
            .write_buffer_size(BUFFER_BYTES)
            .max_write_buffer_size(MAX_WRITE_BUFFER_BYTES)
            .max_frame_size(app.settings.live.max_frame_bytes)
            .max_message_size(app.settings.live.max_frame_bytes);
        Ok(Self {
            upgrade,
            claims,
            address,
            after,
        })
    }
}

impl Knock {
    /// Accepts, so that a browser sees the close code, and closes.
    fn turn_away(self, ended: Ended) -> Response {
        self.upgrade
            .on_upgrade(move |socket: WebSocket| refuse(socket, ended))
    }
}

/// How a refusal to enter is told on a socket.
fn ended_by(error: &ApiError) -> Ended {
    match error.status {
        StatusCode::UNAUTHORIZED => Ended::NotAuthenticated,
        StatusCode::FORBIDDEN => Ended::NotAllowed,
        StatusCode::NOT_FOUND | StatusCode::UNPROCESSABLE_ENTITY => Ended::Unknown,
        _ => Ended::TryAgain,
    }
}

async fn conversation(
    State(app): State<Arc<App>>,
    Path(code): Path<String>,
    knock: Knock,
) -> Response {
    let claims = match &knock.claims {
        Ok(claims) => claims.clone(),
        // A bad token is never taken for nobody.
        Err(InvalidToken) => return knock.turn_away(Ended::NotAuthenticated),
    };
    let caller = Caller::of(claims.clone());
    if !app.caught_up().await {
        return knock.turn_away(Ended::TryAgain);
    }
    let entered = match access::enter(&app, &caller, knock.address, &code).await {
        Ok(entered) => entered,
        Err(error) if error.status == StatusCode::TOO_MANY_REQUESTS => {
            return error.into_response();
        }
        Err(error) => return knock.turn_away(ended_by(&error)),
    };
    let frames = Arc::clone(&app.consultation_frames);
    let (rights, after) = (Rights(claims), knock.after);
    knock
        .upgrade
        .on_upgrade(move |websocket| socket::run(app, frames, websocket, entered, rights, after))
}

async fn rings(
    State(app): State<Arc<App>>,
    Path(counselor): Path<String>,
    knock: Knock,
) -> Response {
    let Ok(Some(claims)) = knock.claims.clone() else {
        return knock.turn_away(Ended::NotAuthenticated);
    };
    if !app.caught_up().await {
        return knock.turn_away(Ended::TryAgain);
    }
    let row = match counselor.parse() {
        Ok(number) => counselors::by_number(&*app.reader, number).await,
        Err(_) => Ok(None),
    };
    let row = match row {
        Ok(Some(row)) => row,
        Ok(None) => return knock.turn_away(Ended::Unknown),
        Err(error) => {
            tracing::error!(%error, "a counsellor cannot be read");
            return knock.turn_away(Ended::TryAgain);
        }
    };
    if row.account.0 != claims.sub || claims.con.is_some() {
        return knock.turn_away(Ended::NotAllowed);
    }
    let rung = Rung {
        counselor: row.id,
        person: PersonId::from(row.account),
    };
    let frames = Arc::clone(&app.consultation_frames);
    let (rights, after) = (Rights(Some(claims)), knock.after);
    knock.upgrade.on_upgrade(move |websocket| {
        notifications::run(app, frames, websocket, rung, rights, after)
    })
}
