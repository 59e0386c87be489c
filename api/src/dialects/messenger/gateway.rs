//! `/socket.io`: who may connect, and the engine behind it.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use engineioxide::config::EngineIoConfigBuilder;
use engineioxide::service::EngineIoService;

use super::engine::Engine;
use crate::app::App;
use crate::error::ApiError;
use crate::layers::ClientAddress;
use crate::limits::Payer;
use crate::server::Cut;

/// Where clients look for it.
const PATH: &str = "/socket.io";

/// Packets that wait within the engine for one client; what waits for those stands in its queue.
const WITHIN_ENGINE: usize = 64;

/// What is read ahead on one connection.
const READ_BUFFER_BYTES: usize = 4 * 1024;

/// Seconds after which somebody may try again for whom there was no place.
const RETRY_AFTER_SECONDS: u64 = 5;

/// The live endpoint, behind a check of its own.
pub fn live_routes(app: &Arc<App>) -> Router<Arc<App>> {
    let live = &app.settings.live;
    let max_bytes = live.max_frame_bytes;
    let config = EngineIoConfigBuilder::new()
        .req_path(PATH)
        .ping_interval(live.ping_interval)
        .ping_timeout(live.ping_interval)
        .max_buffer_size(WITHIN_ENGINE)
        .max_payload(max_bytes as u64)
        .ws_read_buffer_size(READ_BUFFER_BYTES)
        .ws_max_message_size(max_bytes)
        .ws_max_frame_size(max_bytes)
        .build();
    let engine = Engine::new(app);
    let service = EngineIoService::with_config(Arc::clone(&engine), config);
    Router::new()
        .route_service(PATH, service)
        .layer(from_fn_with_state(engine, admit))
}

/// Lets in those who may connect, over whichever transport they come.
async fn admit(State(engine): State<Arc<Engine>>, mut request: Request, next: Next) -> Response {
    let Some(app) = engine.app() else {
        return ApiError::unavailable("stopped", "the server is stopping", RETRY_AFTER_SECONDS)
            .into_response();
    };
    let origins = &app.authority.origins;
    if !origins.admit(request.headers(), request.uri()) {
        return ApiError::forbidden("foreign_origin", "this origin may not connect")
            .into_response();
    }
    let peer = request
        .extensions()
        .get::<axum::extract::ConnectInfo<std::net::SocketAddr>>();
    let peer = peer.map_or([127, 0, 0, 1].into(), |peer| peer.0.ip());
    let address = app.limits.client_address(peer, request.headers());
    let sid = request
        .uri()
        .query()
        .unwrap_or_default()
        .split('&')
        .find_map(|pair| pair.strip_prefix("sid="))
        .map(str::to_owned);
    if let Some(sid) = sid {
        let upgrades = request.headers().contains_key(header::UPGRADE);
        if let Some(sid) = sid.parse().ok().filter(|_| upgrades) {
            engine.moved(sid, request.extensions().get::<Cut>().cloned());
        }
    } else {
        if let Err(error) = app.limits.request(Payer::address(address)) {
            return error.into_response();
        }
        if engine.is_full() {
            let message = "there is no place for another connection";
            return ApiError::unavailable("full", message, RETRY_AFTER_SECONDS).into_response();
        }
    }
    request.extensions_mut().insert(ClientAddress(address));
    let response = next.run(request).await;
    // The engine says what is wrong with a body of its own, or with none.
    if response.status() == StatusCode::NOT_FOUND {
        return ApiError::not_found("unknown_path", "there is nothing here").into_response();
    }
    response
}
