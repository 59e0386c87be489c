//! Every route, and the layers that all of them share.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderName, HeaderValue, Request, StatusCode, Uri, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::json;
use tower::util::BoxCloneSyncService;
use tower::util::MapRequestLayer;
use tower::{Layer, ServiceBuilder};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::answer;
use crate::app::App;
use crate::dialects;
use crate::error::{ApiError, render_errors};
use crate::{docs, layers, once, uploads};

/// The whole service.
pub type Service = BoxCloneSyncService<Request<Body>, Response, Infallible>;

#[derive(OpenApi)]
#[openapi(info(
    title = "Maeum",
    description = "Counselling and chat on one log of events.",
    license(name = "MIT")
))]
struct Document;

/// The routes of all dialects with their document.
fn documented() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::with_openapi(Document::openapi())
        .merge(dialects::accounts::router())
        .merge(dialects::analytics::router())
        .merge(dialects::audit::router())
        .merge(dialects::consultation::router())
        .merge(dialects::emotion::router())
        .merge(dialects::feed::router())
        .merge(dialects::chat::router())
        .merge(dialects::messenger::router())
        .merge(dialects::privacy::router())
        .merge(uploads::router())
}

/// The OpenAPI document.
pub fn openapi() -> utoipa::openapi::OpenApi {
    documented().split_for_parts().1
}

/// The service that listeners hand requests to.
pub fn service(app: &Arc<App>) -> Service {
    let (routes, document) = documented().split_for_parts();
    let mut routes: Router<Arc<App>> = routes
        .merge(dialects::consultation::live_routes())
        .merge(dialects::emotion::live_routes())
        .merge(dialects::feed::live_routes())
        .merge(dialects::chat::live_routes())
        .route("/health", get(health))
        .route(
            "/health/live",
            get(|| async { Json(json!({"status": "live"})) }),
        )
        .route("/health/ready", get(ready));
    if app.settings.server.metrics_listen.is_none() {
        routes = routes.route("/metrics", get(metrics));
    }
    if app.settings.server.public_docs {
        let document = Json(document);
        routes = routes
            .merge(docs::routes())
            .route("/openapi.json", get(async move || document.clone()));
    }
    let routes = routes
        .fallback(async || ApiError::not_found("unknown_path", "there is nothing here"))
        .method_not_allowed_fallback(async || {
            ApiError::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "this path does not take this method",
            )
        })
        .layer(from_fn_with_state(Arc::clone(app), once::recognise))
        .layer(from_fn_with_state(
            Arc::clone(app),
            answer::reads_after_frames,
        ))
        .layer(from_fn_with_state(Arc::clone(app), layers::limit_requests))
        // Its own events are counted, not the requests by which they come.
        .merge(dialects::messenger::live_routes(app))
        .layer(from_fn_with_state(Arc::clone(app), layers::guard_origin))
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(Arc::clone(app), layers::take_body))
        .layer(CatchPanicLayer::custom(layers::from_panic))
        .layer(from_fn(render_errors))
        .layer(from_fn(crate::telemetry::observe))
        .layer(from_fn_with_state(Arc::clone(app), layers::identify))
        .layer(
            ServiceBuilder::new()
                .layer(unless_set(header::CACHE_CONTROL, "no-store"))
                .layer(unless_set(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
                .layer(unless_set(header::REFERRER_POLICY, "no-referrer")),
        )
        .with_state(Arc::clone(app));
    BoxCloneSyncService::new(MapRequestLayer::new(trim_slash).layer(routes))
}

/// Paths are taken with and without a trailing slash.
fn trim_slash(mut request: Request<Body>) -> Request<Body> {
    let path = request.uri().path();
    if path.len() < 2 || !path.ends_with('/') {
        return request;
    }
    let trimmed = path.trim_end_matches('/');
    let path = if trimmed.is_empty() { "/" } else { trimmed };
    let target = match request.uri().query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let mut parts = request.uri().clone().into_parts();
    parts.path_and_query = target.parse().ok();
    if let Ok(uri) = Uri::from_parts(parts) {
        *request.uri_mut() = uri;
    }
    request
}

fn unless_set(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

/// The service of `server.metrics_listen`.
pub fn metrics_service(app: &Arc<App>) -> Service {
    let routes = Router::new()
        .route("/metrics", get(metrics))
        .with_state(Arc::clone(app));
    BoxCloneSyncService::new(routes)
}

async fn metrics(State(app): State<Arc<App>>) -> Response {
    app.observe();
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4")],
        crate::telemetry::metrics().render(),
    )
        .into_response()
}

async fn health(State(app): State<Arc<App>>) -> Response {
    Json(json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "ready": app.ready().is_ok(),
        "responder": app.responder.name(),
        "language_model": app.responder.is_language_model(),
    }))
    .into_response()
}

async fn ready(State(app): State<Arc<App>>) -> Response {
    match app.ready() {
        Ok(()) => Json(json!({"status": "ready"})).into_response(),
        Err(problems) => {
            let body = json!({"status": "not ready", "problems": problems});
            let retry = [(header::RETRY_AFTER, HeaderValue::from_static("5"))];
            (StatusCode::SERVICE_UNAVAILABLE, retry, Json(body)).into_response()
        }
    }
}
