//! One line and two metrics for each request, by its route: addresses hold codes and tokens.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;

use crate::error::ApiError;

/// Middleware, to be put on the router with `layer`: notes route, status and duration. Neither
/// path nor query nor any header is noted.
pub async fn observe(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or_else(
        || "unmatched".to_owned(),
        |matched| matched.as_str().to_owned(),
    );
    let method = method_label(request.method());
    let start = Instant::now();
    let response = next.run(request).await;
    let seconds = start.elapsed().as_secs_f64();
    let status = response.status();
    let code = response
        .extensions()
        .get::<ApiError>()
        .map_or("", |error| error.code);
    if status.is_server_error() {
        tracing::warn!(
            method,
            route,
            status = status.as_u16(),
            code,
            seconds,
            "request failed"
        );
    } else {
        tracing::debug!(
            method,
            route,
            status = status.as_u16(),
            code,
            seconds,
            "request"
        );
    }
    let labels = [
        ("method", method.to_owned()),
        ("route", route),
        ("status", status.as_str().to_owned()),
    ];
    metrics::counter!("maeum_http_requests_total", &labels).increment(1);
    metrics::histogram!("maeum_http_request_seconds", &labels[..2]).record(seconds);
    response
}

/// Anybody can invent methods; each would be a time series of its own.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::routing::get;
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn a_request_is_counted_by_its_route_and_never_by_its_address() {
        let handle = crate::telemetry::metrics();
        let router = Router::new()
            .route("/observed/{code}", get(|| async { "fine" }))
            .layer(axum::middleware::from_fn(observe));
        for (method, uri) in [
            ("GET", "/observed/ABC234XYZ?token=geheim"),
            ("HACK", "/observed/x"),
        ] {
            let request = Request::builder()
                .method(method)
                .uri(uri)
                .body(Body::empty())
                .unwrap();
            router.clone().oneshot(request).await.unwrap();
        }
        let text = handle.render();
        let counted =
            r#"maeum_http_requests_total{method="GET",route="/observed/{code}",status="200"} 1"#;
        assert!(text.contains(counted), "{text}");
        assert!(text.contains(r#"method="other""#), "{text}");
        assert!(!text.contains("ABC234XYZ") && !text.contains("geheim") && !text.contains("HACK"));
    }
}
