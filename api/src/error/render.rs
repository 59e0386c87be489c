//! The shapes that errors have in each dialect, found by the path that was asked for.

use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::{ApiError, FieldError, Segment};

/// How a dialect writes an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorShape {
    /// consultation, chat, emotion and everything that belongs to no dialect.
    Detail,
    Feed,
    Messenger,
}

/// Which paths have another shape than [`ErrorShape::Detail`].
const PREFIXES: [(&str, ErrorShape); 4] = [
    ("/api/v1/chat", ErrorShape::Feed),
    ("/api/v1/messages", ErrorShape::Messenger),
    ("/api/v1/users", ErrorShape::Messenger),
    ("/api/v1/upload", ErrorShape::Messenger),
];

impl ErrorShape {
    /// The shape of the dialect to which a path belongs.
    pub fn of_path(path: &str) -> Self {
        let belongs = |prefix: &str| {
            path.strip_prefix(prefix)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        PREFIXES
            .iter()
            .find(|(prefix, _)| belongs(prefix))
            .map_or(Self::Detail, |(_, shape)| *shape)
    }

    /// The body of an error.
    pub fn body(self, error: &ApiError) -> Value {
        let fields: Vec<Value> = error.fields.iter().map(field).collect();
        let message = || {
            if error.fields.is_empty() {
                return error.message.clone();
            }
            error
                .fields
                .iter()
                .map(sentence)
                .collect::<Vec<_>>()
                .join("; ")
        };
        let mut body = match self {
            Self::Detail if fields.is_empty() => {
                return json!({ "detail": error.message, "code": error.code });
            }
            Self::Detail => return json!({ "detail": fields, "code": error.code }),
            Self::Feed => json!({ "success": false, "message": message(), "code": error.code }),
            Self::Messenger => json!({
                "statusCode": error.status.as_u16(),
                "message": message(),
                "error": error.status.canonical_reason().unwrap_or("Error"),
                "code": error.code,
            }),
        };
        if !fields.is_empty() {
            body["errors"] = fields.into();
        }
        body
    }
}

fn field(error: &FieldError) -> Value {
    let location: Vec<Value> = error
        .location
        .iter()
        .map(|segment| match segment {
            Segment::Name(name) => name.as_str().into(),
            Segment::Index(index) => (*index).into(),
        })
        .collect();
    json!({ "loc": location, "msg": error.message, "type": error.kind })
}

fn sentence(error: &FieldError) -> String {
    let path: Vec<String> = error
        .location
        .iter()
        .skip(1)
        .map(|segment| match segment {
            Segment::Name(name) => name.clone(),
            Segment::Index(index) => index.to_string(),
        })
        .collect();
    format!("{}: {}", path.join("."), error.message)
}

/// The error as a response, which also carries it for [`render_errors`].
pub(super) fn respond(error: &ApiError, shape: ErrorShape) -> Response {
    let mut response = (error.status, Json(shape.body(error))).into_response();
    let headers = response.headers_mut();
    if let Some(seconds) = error.retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if error.status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response.extensions_mut().insert(error.clone());
    response
}

/// Middleware: gives every error, also those that no handler of ours made, the shape of the
/// dialect to which the path belongs.
pub async fn render_errors(request: Request, next: Next) -> Response {
    let shape = ErrorShape::of_path(request.uri().path());
    let response = next.run(request).await;
    if !(response.status().is_client_error() || response.status().is_server_error()) {
        return response;
    }
    let own = response.extensions().get::<ApiError>().cloned();
    match own {
        Some(_) if shape == ErrorShape::Detail => response,
        Some(error) => replace(&response, &error, shape),
        None if is_bare(&response) => {
            let error = plain(response.status());
            replace(&response, &error, shape)
        }
        None => response,
    }
}

/// Puts the error in place of what there is, and keeps headers that others had set.
fn replace(response: &Response, error: &ApiError, shape: ErrorShape) -> Response {
    let mut replaced = respond(error, shape);
    for (name, value) in response.headers() {
        let ours = [
            header::CONTENT_TYPE,
            header::CONTENT_LENGTH,
            header::RETRY_AFTER,
        ];
        if !ours.contains(name) && !replaced.headers().contains_key(name) {
            replaced.headers_mut().append(name, value.clone());
        }
    }
    replaced
}

/// Whether nobody gave the answer a body in a form of its own.
fn is_bare(response: &Response) -> bool {
    let content_type = response.headers().get(header::CONTENT_TYPE);
    content_type.is_none_or(|value| value.as_bytes().starts_with(b"text/plain"))
}

/// What a status says that came without an error of ours, from a layer or the router.
fn plain(status: StatusCode) -> ApiError {
    match status {
        StatusCode::NOT_FOUND => ApiError::not_found("not_found", "there is nothing here"),
        StatusCode::METHOD_NOT_ALLOWED => {
            ApiError::new(status, "method_not_allowed", "this cannot be done here")
        }
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::too_large(),
        StatusCode::REQUEST_TIMEOUT => ApiError::new(status, "timeout", "this took too long"),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            ApiError::new(status, "unsupported_type", "this type is not accepted")
        }
        StatusCode::TOO_MANY_REQUESTS => ApiError::too_many("too_many", 1),
        StatusCode::SERVICE_UNAVAILABLE => ApiError::breakdown("unavailable"),
        StatusCode::UNAUTHORIZED => ApiError::unauthenticated(),
        status if status.is_server_error() => {
            let mut error = ApiError::internal();
            error.status = status;
            error
        }
        status => ApiError::new(status, "refused", "the request cannot be served"),
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::routing::{get, post};
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;

    async fn answer(path: &str, router: Router) -> (StatusCode, axum::http::HeaderMap, Value) {
        let router = router.layer(axum::middleware::from_fn(render_errors));
        let request = Request::builder().uri(path).body(Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        (
            parts.status,
            parts.headers,
            serde_json::from_slice(&bytes).unwrap_or_default(),
        )
    }

    fn failing(path: &str, error: &ApiError) -> Router {
        let error = error.clone();
        Router::new().route(path, get(move || std::future::ready(error.clone())))
    }

    #[tokio::test]
    async fn each_dialect_has_its_shape() {
        let error = ApiError::not_found("unknown_room", "no such room");
        let (_, _, body) = answer("/chat/rooms/8", failing("/chat/rooms/8", &error)).await;
        assert_eq!(
            body,
            json!({"detail": "no such room", "code": "unknown_room"})
        );
        let path = "/api/v1/chat/rooms";
        let (_, _, body) = answer(path, failing(path, &error)).await;
        let feed = json!({"success": false, "message": "no such room", "code": "unknown_room"});
        assert_eq!(body, feed);
        let path = "/api/v1/messages/x";
        let (status, _, body) = answer(path, failing(path, &error)).await;
        assert_eq!(status, 404);
        assert_eq!(
            body,
            json!({"statusCode": 404, "message": "no such room", "error": "Not Found", "code": "unknown_room"})
        );
    }

    #[tokio::test]
    async fn an_invalid_field_is_named_in_every_shape() {
        let error = ApiError::invalid("body", "email", "must be an email");
        let (status, _, body) = answer("/register", failing("/register", &error)).await;
        assert_eq!(status, 422);
        assert_eq!(
            body["detail"],
            json!([{"loc": ["body", "email"], "msg": "must be an email", "type": "value_error"}])
        );
        for path in ["/api/v1/users/me", "/api/v1/chat/rooms"] {
            let (_, _, body) = answer(path, failing(path, &error)).await;
            assert_eq!(body["message"], "email: must be an email");
            assert_eq!(body["errors"][0]["loc"], json!(["body", "email"]));
        }
    }

    #[tokio::test]
    async fn an_unknown_path_answers_in_its_prefixes_dialect() {
        let (status, _, body) = answer("/nothing", Router::new()).await;
        assert_eq!(
            (status, body["detail"].is_string()),
            (StatusCode::NOT_FOUND, true)
        );
        let (_, _, body) = answer("/api/v1/users/nothing", Router::new()).await;
        assert_eq!(body["statusCode"], 404);
        let (_, _, body) = answer("/api/v1/chat/nothing", Router::new()).await;
        assert_eq!(body["success"], false);
        let (_, _, body) = answer("/api/v1/chatter", Router::new()).await;
        assert!(body["detail"].is_string());
    }

    #[tokio::test]
    async fn a_wrong_method_keeps_its_allow_header() {
        let router = Router::new().route("/login", post(|| async {}));
        let (status, headers, body) = answer("/login", router).await;
        assert_eq!(status, 405);
        assert_eq!(headers[header::ALLOW], "POST");
        assert_eq!(body["code"], "method_not_allowed");
    }

    #[tokio::test]
    async fn busy_and_down_say_when_to_try_again() {
        for error in [
            ApiError::too_many("too_many", 7),
            ApiError::unavailable("x", "y", 7),
        ] {
            for path in ["/x", "/api/v1/users/x"] {
                let (_, headers, _) = answer(path, failing(path, &error)).await;
                assert_eq!(headers[header::RETRY_AFTER], "7");
            }
        }
    }

    #[tokio::test]
    async fn a_body_that_somebody_made_on_purpose_stays() {
        let page = || async { (StatusCode::NOT_FOUND, axum::response::Html("<p>gone</p>")) };
        let router = Router::new().route("/docs/x", get(page));
        let (_, headers, _) = answer("/docs/x", router).await;
        assert!(
            headers[header::CONTENT_TYPE]
                .to_str()
                .unwrap()
                .starts_with("text/html")
        );
    }

    #[tokio::test]
    async fn no_internals_are_shown_when_a_layer_fails() {
        let broken = || async {
            (
                StatusCode::INTERNAL_SERVER_ERROR,
                "panicked at src/secret.rs",
            )
        };
        let (_, _, body) = answer("/x", Router::new().route("/x", get(broken))).await;
        assert_eq!(body["code"], "internal");
        assert!(!body.to_string().contains("secret"));
    }
}
