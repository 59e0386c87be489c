//! Bodies: JSON whatever the content type says, since browsers and the guides' clients differ.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Validate;
use super::decode::{decode_json, decode_value};
use crate::error::ApiError;

/// A JSON body. Its size is bounded by axum's `DefaultBodyLimit`.
#[derive(Debug, Clone, Copy)]
pub struct Body<T>(pub T);

/// A JSON body that may be left out; nothing is `{}`.
#[derive(Debug, Clone, Copy)]
pub struct OptionalBody<T>(pub T);

/// A JSON body or a form (`application/x-www-form-urlencoded`), whose values are texts.
#[derive(Debug, Clone, Copy)]
pub struct BodyOrForm<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Validate> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        decode_json(&bytes(request, state).await?).map(Self)
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Validate> FromRequest<S> for OptionalBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let bytes = bytes(request, state).await?;
        let bytes = if bytes.trim_ascii().is_empty() {
            &b"{}"[..]
        } else {
            &bytes
        };
        decode_json(bytes).map(Self)
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Validate> FromRequest<S> for BodyOrForm<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let says_form = request
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|value| {
                value
                    .as_bytes()
                    .starts_with(b"application/x-www-form-urlencoded")
            });
        let bytes = bytes(request, state).await?;
        // Some clients send JSON under a form's content type.
        if !says_form || bytes.trim_ascii_start().starts_with(b"{") {
            return decode_json(&bytes).map(Self);
        }
        let form = form_urlencoded::parse(&bytes)
            .map(|(key, value)| (key.into_owned(), Value::from(value.into_owned())))
            .collect();
        decode_value(Value::Object(form), true).map(Self)
    }
}

async fn bytes<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, ApiError> {
    Bytes::from_request(request, state)
        .await
        .map_err(|rejection| {
            if rejection.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
                ApiError::too_large()
            } else {
                ApiError::unreadable_body()
            }
        })
}

#[cfg(test)]
mod tests {
    use axum::body::Body as RawBody;
    use axum::extract::DefaultBodyLimit;
    use axum::routing::post;
    use axum::{Json, Router};
    use serde::{Deserialize, Serialize};
    use tower::ServiceExt;

    use super::*;

    #[derive(Debug, Serialize, Deserialize)]
    struct LogIn {
        #[serde(alias = "username")]
        email: String,
        password: Option<String>,
    }
    impl Validate for LogIn {}

    #[derive(Debug, Serialize, Deserialize)]
    struct Note {
        text: Option<String>,
    }
    impl Validate for Note {}

    async fn post_to(path: &str, content_type: Option<&str>, body: &str) -> (u16, Value) {
        let router = Router::new()
            .route(
                "/body",
                post(|Body(read): Body<LogIn>| async { Json(read) }),
            )
            .route(
                "/form",
                post(|BodyOrForm(read): BodyOrForm<LogIn>| async { Json(read) }),
            )
            .route(
                "/optional",
                post(|OptionalBody(read): OptionalBody<Note>| async { Json(read) }),
            )
            .layer(DefaultBodyLimit::max(1_000));
        let mut request = Request::builder().method("POST").uri(path);
        if let Some(content_type) = content_type {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        let request = request.body(RawBody::from(body.to_owned())).unwrap();
        let response = router.oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let bytes = axum::body::to_bytes(response.into_body(), 10_000)
            .await
            .unwrap();
        (status, serde_json::from_slice(&bytes).unwrap())
    }

    #[tokio::test]
    async fn json_is_json_whatever_the_content_type_says() {
        for content_type in [
            None,
            Some("text/plain"),
            Some("application/json"),
            Some("x/y;;"),
        ] {
            let (status, body) = post_to("/body", content_type, r#"{"email": "a@b"}"#).await;
            assert_eq!(
                (status, body["email"].as_str()),
                (200, Some("a@b")),
                "{content_type:?}"
            );
        }
    }

    #[tokio::test]
    async fn a_form_and_json_log_in_alike() {
        let form = Some("application/x-www-form-urlencoded; charset=utf-8");
        let (status, body) = post_to("/form", form, "username=a%40b&password=p+w&x=1").await;
        assert_eq!((status, body["email"].as_str()), (200, Some("a@b")));
        assert_eq!(body["password"], "p w");
        assert_eq!(post_to("/form", form, r#"{"email": "a@b"}"#).await.0, 200);
        assert_eq!(post_to("/form", None, r#"{"email": "a@b"}"#).await.0, 200);
        assert_eq!(post_to("/form", form, "password=x").await.0, 422);
        assert_eq!(post_to("/form", form, "username=a%00b").await.0, 422);
    }

    #[tokio::test]
    async fn a_body_that_may_be_left_out_may_be_empty() {
        for body in ["", " \n", "{}", r#"{"text": null}"#] {
            assert_eq!(
                post_to("/optional", None, body).await,
                (200, serde_json::json!({"text": null}))
            );
        }
        assert_eq!(post_to("/optional", None, "{").await.0, 400);
        assert_eq!(post_to("/body", None, "").await.0, 400);
    }

    #[tokio::test]
    async fn a_body_above_the_limit_is_too_large() {
        let large = format!(r#"{{"email": "{}"}}"#, "a".repeat(1_000));
        let (status, body) = post_to("/body", None, &large).await;
        assert_eq!((status, body["code"].as_str()), (413, Some("too_large")));
    }
}
