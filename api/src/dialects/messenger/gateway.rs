//! `/socket.io`: who may connect, and over which transport.

use std::sync::Arc;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::Method;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::any;

use super::engine::{self, Engine, Fault};
use super::offline;
use crate::app::App;
use crate::error::ApiError;
use crate::layers::ClientAddress;
use crate::limits::Payer;
use crate::live::limited;

/// Where clients look for it.
const PATH: &str = "/socket.io";

/// The version of Engine.IO that is spoken.
const VERSION: &str = "4";

/// What may wait inside the WebSocket: what was missed goes out in one packet.
const MAX_WRITE_BUFFER_BYTES: usize = offline::MAX_BYTES + 256 * 1024;

/// Seconds after which somebody may try again for whom there was no place.
const RETRY_AFTER_SECONDS: u64 = 5;

/// The live endpoint, behind a check of its own.
pub fn live_routes(app: &Arc<App>) -> Router<Arc<App>> {
    let engine = Engine::new(app);
    Router::new().route(PATH, any(serve).with_state(engine))
}

/// What a request says of itself.
#[derive(Default)]
struct Asked {
    version: Option<String>,
    transport: Option<String>,
    id: Option<String>,
}

impl Asked {
    fn of(query: Option<&str>) -> Self {
        let mut asked = Self::default();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            let field = match &*name {
                "EIO" => &mut asked.version,
                "transport" => &mut asked.transport,
                "sid" => &mut asked.id,
                _ => continue,
            };
            *field = Some(value.into_owned());
        }
        asked
    }
}

async fn serve(State(engine): State<Arc<Engine>>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let Some(app) = engine.app() else {
        return unavailable("stopped", "the server is stopping");
    };
    let origins = &app.authority.origins;
    if !origins.admit(&parts.headers, &parts.uri) {
        return ApiError::forbidden("foreign_origin", "this origin may not connect")
            .into_response();
    }
    let asked = Asked::of(parts.uri.query());
    let is_websocket = match asked.transport.as_deref() {
        Some("polling") => false,
        Some("websocket") => true,
        _ => return Fault::UnknownTransport.into_response(),
    };
    if asked.version.as_deref() != Some(VERSION) {
        return Fault::UnsupportedVersion.into_response();
    }
    let Some(id) = asked.id else {
        return open(&app, &engine, &mut parts, is_websocket).await;
    };
    let Some(client) = engine.client(&id) else {
        return Fault::UnknownSession.into_response();
    };
    match (is_websocket, parts.method.as_str()) {
        (true, "GET") => match websocket(&app, &mut parts).await {
            Some(upgrade) => engine::upgrade(&engine, client, &parts, upgrade),
            None => Fault::BadRequest.into_response(),
        },
        (false, "GET") => engine::poll(&engine, &client).await,
        (false, "POST") => match to_bytes(body, app.settings.limits.body_bytes).await {
            Ok(body) => engine::take(&engine, &client, &body),
            Err(_) => ApiError::unreadable_body().into_response(),
        },
        _ => Fault::BadRequest.into_response(),
    }
}

/// Lets in a new client.
async fn open(
    app: &Arc<App>,
    engine: &Arc<Engine>,
    parts: &mut Parts,
    is_websocket: bool,
) -> Response {
    if parts.method != Method::GET {
        return Fault::BadHandshakeMethod.into_response();
    }
    let Ok(address) = ClientAddress::from_request_parts(parts, app).await;
    if let Err(error) = app.limits.request(Payer::address(address.0)) {
        return error.into_response();
    }
    if engine.is_full() {
        return unavailable("full", "there is no place for another connection");
    }
    parts.extensions.insert(address);
    if !is_websocket {
        return engine::open_polling(engine, parts);
    }
    match websocket(app, parts).await {
        Some(upgrade) => engine::open_websocket(engine, parts, upgrade),
        None => Fault::BadRequest.into_response(),
    }
}

/// The upgrade that is asked for, with the limits of every live connection set.
async fn websocket(app: &App, parts: &mut Parts) -> Option<WebSocketUpgrade> {
    let upgrade = WebSocketUpgrade::from_request_parts(parts, &()).await;
    let upgrade = limited(upgrade.ok()?, app.settings.live.max_frame_bytes);
    Some(upgrade.max_write_buffer_size(MAX_WRITE_BUFFER_BYTES))
}

fn unavailable(code: &'static str, message: &'static str) -> Response {
    ApiError::unavailable(code, message, RETRY_AFTER_SECONDS).into_response()
}
