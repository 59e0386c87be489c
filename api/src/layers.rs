//! What happens to every request before its handler: address, origin, limits, an id.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tracing::Instrument;
use uuid::Uuid;

use crate::answer::{X_POSITION, X_READ_LAG};
use crate::app::App;
use crate::auth::{X_PURPOSE, bearer};
use crate::error::ApiError;
use crate::limits::Payer;
use crate::once::IDEMPOTENCY_KEY;
use crate::uploads;

/// One id for all that one request causes; in the answer, the log and the events.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// How long a browser may remember what CORS allows, in seconds.
const PREFLIGHT_MAX_AGE: u64 = 600;

/// How long a peer may take over the body of a request.
const BODY_READ_TIMEOUT: Duration = Duration::from_secs(30);

/// The methods that pages of allowed origins may use.
const ALLOWED_METHODS: &str = "GET, POST, PUT, PATCH, DELETE";

/// The id of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestId(pub Uuid);

/// The client's address: the peer's, or what trusted proxies say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl FromRequestParts<Arc<App>> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Infallible> {
        // A request that came by no socket, as within a test of a router, is a local one.
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(IpAddr::from([127, 0, 0, 1]), |ConnectInfo(peer)| peer.ip());
        Ok(Self(app.limits.client_address(peer, &parts.headers)))
    }
}

/// Counts requests by account, else by address.
pub async fn limit_requests(
    State(app): State<Arc<App>>,
    address: ClientAddress,
    request: Request,
    next: Next,
) -> Response {
    let claims = bearer(request.headers()).and_then(|token| app.authority.bearer_of(token).ok());
    let payer = match claims {
        Some(claims) => Payer::Person(claims.sub),
        None => Payer::address(address.0),
    };
    match app.limits.request(payer) {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

/// Refuses upgrades of foreign pages, and lets pages of allowed origins read answers.
pub async fn guard_origin(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let origins = &app.authority.origins;
    if request.headers().contains_key(header::UPGRADE)
        && !origins.admit(request.headers(), request.uri())
    {
        return ApiError::forbidden("foreign_origin", "this origin may not connect")
            .into_response();
    }
    let granted = request
        .headers()
        .get(header::ORIGIN)
        .filter(|origin| {
            origin
                .to_str()
                .is_ok_and(|origin| origins.is_allowed(origin))
        })
        .cloned();
    let preflight = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if preflight {
        StatusCode::NO_CONTENT.into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = granted {
        grant(headers, origin, preflight);
    }
    response
}

fn grant(headers: &mut HeaderMap, origin: HeaderValue, preflight: bool) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
        HeaderValue::from_static("true"),
    );
    if preflight {
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_METHODS,
            HeaderValue::from_static(ALLOWED_METHODS),
        );
        let allowed = [
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            IDEMPOTENCY_KEY,
            X_PURPOSE,
        ];
        insert_list(headers, header::ACCESS_CONTROL_ALLOW_HEADERS, &allowed);
        headers.insert(
            header::ACCESS_CONTROL_MAX_AGE,
            HeaderValue::from(PREFLIGHT_MAX_AGE),
        );
    } else {
        let exposed = [X_POSITION, X_READ_LAG, X_REQUEST_ID, header::RETRY_AFTER];
        insert_list(headers, header::ACCESS_CONTROL_EXPOSE_HEADERS, &exposed);
    }
}

fn insert_list(headers: &mut HeaderMap, name: HeaderName, names: &[HeaderName]) {
    let names: Vec<&str> = names.iter().map(HeaderName::as_str).collect();
    if let Ok(value) = HeaderValue::from_str(&names.join(", ")) {
        headers.insert(name, value);
    }
}

/// Reads the body before anything else looks at the request, but for forms with files, which their
/// handlers read as they come: within its limit, and in time. What
/// a handler refuses is then no half-read connection, and nobody holds a handler by being slow.
pub async fn take_body(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    if uploads::is_left(&request) {
        return uploads::leave_body(request, next).await;
    }
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, app.settings.limits.body_bytes);
    let refused = match tokio::time::timeout(BODY_READ_TIMEOUT, body.collect()).await {
        Ok(Ok(body)) => {
            let request = Request::from_parts(parts, Body::from(body.to_bytes()));
            return next.run(request).await;
        }
        Ok(Err(error)) if error.is::<LengthLimitError>() => ApiError::too_large(),
        Ok(Err(_)) => ApiError::unreadable_body(),
        Err(_) => ApiError::new(
            StatusCode::REQUEST_TIMEOUT,
            "body_too_slow",
            "the body did not come in time",
        ),
    };
    // The rest of the body is not waited for.
    let mut response = refused.into_response();
    response
        .headers_mut()
        .insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Gives each request an id, which its events, its answer and the log lines about it carry.
pub async fn identify(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let id = app.ids.next();
    request.extensions_mut().insert(RequestId(id));
    let mut response = next
        .run(request)
        .instrument(tracing::info_span!("request", %id))
        .await;
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        response.headers_mut().insert(X_REQUEST_ID, value);
    }
    response
}

/// A handler panicked: the server goes on, and the client hears nothing of what is inside.
#[expect(clippy::needless_pass_by_value, reason = "the layer's signature")]
pub fn from_panic(panic: Box<dyn std::any::Any + Send>) -> Response {
    let said = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    tracing::error!(said, "a handler panicked");
    metrics::counter!("maeum_panics_total").increment(1);
    ApiError::internal().into_response()
}
