//! The upgrade to a live connection: our limits, whoever shows a token, and how to turn them away.

use std::future::{Future, ready};
use std::sync::Arc;

use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::extract::{FromRequestParts, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::{Ended, refuse};
use crate::app::App;
use crate::auth::{Claims, InvalidToken, live_credentials};
use crate::error::ApiError;
use crate::layers::ClientAddress;

/// What axum reads at once on one connection, which keeps a place for it. The crate's default of
/// 128 KiB is most of what an idle connection would cost.
const READ_BUFFER_BYTES: usize = 1024;

/// What axum gathers before it writes, on one connection.
const WRITE_BUFFER_BYTES: usize = 4 * 1024;

/// What may wait inside the WebSocket beyond a frame; what waits for it stands in the outbox.
const MAX_WRITE_BUFFER_BYTES: usize = 256 * 1024;

#[derive(Deserialize)]
struct Parameters {
    after: Option<String>,
}

/// Somebody at the door of a live endpoint: an extractor for the handlers of all dialects.
pub struct Knock {
    /// With the limits of every live connection set.
    pub upgrade: WebSocketUpgrade,
    /// Whose token it is; a bad one is never taken for none.
    pub claims: Result<Option<Arc<Claims>>, InvalidToken>,
    pub address: ClientAddress,
    /// `?after=`, as it was given.
    pub after: Option<String>,
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
        let max_bytes = app.settings.live.max_frame_bytes;
        let upgrade = limited(upgrade, max_bytes).protocols(["bearer"]);
        Ok(Self {
            upgrade,
            claims,
            address,
            after,
        })
    }
}

impl Knock {
    /// Accepts, and runs the connection, which is given the position to resume from as well.
    ///
    /// It runs in a task of its own: the one that axum makes for the upgrade keeps places for
    /// several kilobytes of the handshake as long as it lives.
    pub fn enter<Run>(
        self,
        run: impl FnOnce(WebSocket, Option<String>) -> Run + Send + 'static,
    ) -> Response
    where
        Run: Future<Output = ()> + Send + 'static,
    {
        let after = self.after;
        self.upgrade.on_upgrade(move |socket| {
            tokio::spawn(run(socket, after));
            ready(())
        })
    }

    /// Accepts, so that a browser sees the close code, and closes.
    pub fn turn_away(self, ended: Ended) -> Response {
        self.upgrade
            .on_upgrade(move |socket: WebSocket| refuse(socket, ended))
    }
}

/// An upgrade with the limits of every live connection set.
pub fn limited(upgrade: WebSocketUpgrade, max_frame_bytes: usize) -> WebSocketUpgrade {
    upgrade
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_write_buffer_size(MAX_WRITE_BUFFER_BYTES)
        .max_frame_size(max_frame_bytes)
        .max_message_size(max_frame_bytes)
}

/// How a refusal to enter is told on a socket.
pub fn ended_by(error: &ApiError) -> Ended {
    match error.status {
        StatusCode::UNAUTHORIZED => Ended::NotAuthenticated,
        StatusCode::FORBIDDEN => Ended::NotAllowed,
        StatusCode::BAD_REQUEST => Ended::NoPurpose,
        StatusCode::NOT_FOUND | StatusCode::GONE | StatusCode::UNPROCESSABLE_ENTITY => {
            Ended::Unknown
        }
        _ => Ended::TryAgain,
    }
}
