//! Every refusal and breakdown as an answer: one error, one table of statuses.

mod causes;
mod render;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::{Refusal, RefusalKind};
use event_store::StoreError;
use event_store::keys::KeyError;

pub use render::{ErrorShape, render_errors};

use crate::auth::{InvalidToken, PasswordError};

/// Seconds after which a client may try again when something is down or busy.
const RETRY_AFTER_SECONDS: u64 = 1;

/// A field that is wrong, and where it stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// From `body`, `query` or `path` down to the field.
    pub location: Vec<Segment>,
    pub message: String,
    /// Stable: `missing`, `type_error`, `value_error`, …
    pub kind: &'static str,
}

/// One step on the way to a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    Name(String),
    Index(usize),
}

impl FieldError {
    /// A field of a place, e.g. of `body`, whose value is not allowed.
    pub fn new(place: &str, field: &str, message: impl Into<String>) -> Self {
        let location = vec![
            Segment::Name(place.to_owned()),
            Segment::Name(field.to_owned()),
        ];
        Self {
            location,
            message: message.into(),
            kind: "value_error",
        }
    }
}

/// Why a request was not done, as its caller hears it. Never says what is inside.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{status} {code}: {message}")]
pub struct ApiError {
    pub status: StatusCode,
    /// Stable: clients and tests may rely on it.
    pub code: &'static str,
    pub message: String,
    /// For 422 only.
    pub fields: Vec<FieldError>,
    /// Seconds; for 429 and 503.
    pub retry_after: Option<u64>,
}

impl ApiError {
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            fields: Vec::new(),
            retry_after: None,
        }
    }

    /// 400: not JSON, not HTTP as it should be.
    pub fn malformed(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// 400: the body broke off, or was not sent as it was announced.
    pub fn unreadable_body() -> Self {
        Self::malformed("malformed_body", "the body could not be read")
    }

    /// 401, always the same.
    pub fn unauthenticated() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthenticated",
            "valid credentials are needed",
        )
    }

    /// 403.
    pub fn forbidden(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, message)
    }

    /// 404.
    pub fn not_found(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, message)
    }

    /// 409.
    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, message)
    }

    /// 410.
    pub fn gone(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::GONE, code, message)
    }

    /// 413.
    pub fn too_large() -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            "the request is too large",
        )
    }

    /// 422 of one field of a place: `body`, `query` or `path`.
    pub fn invalid(place: &str, field: &str, message: impl Into<String>) -> Self {
        Self::invalid_fields(vec![FieldError::new(place, field, message)])
    }

    /// 422 of several fields.
    pub fn invalid_fields(fields: Vec<FieldError>) -> Self {
        let mut error = Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid",
            "the request is not valid",
        );
        error.fields = fields;
        error
    }

    /// The same, naming the field of the body that it is about: what the rules refuse knows none.
    /// `fields` are codes, each with its field.
    #[must_use]
    pub fn about(mut self, fields: &[(&str, &str)]) -> Self {
        let field = fields.iter().find(|(code, _)| *code == self.code);
        if let Some((_, field)) = field
            && self.status == StatusCode::UNPROCESSABLE_ENTITY
            && self.fields.is_empty()
        {
            self.fields = vec![FieldError::new("body", field, self.message.clone())];
        }
        self
    }

    /// 429.
    pub fn too_many(code: &'static str, retry_after_seconds: u64) -> Self {
        let mut error = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            code,
            "too many requests; try again later",
        );
        error.retry_after = Some(retry_after_seconds.max(1));
        error
    }

    /// 500. The cause goes to the log, not to the client.
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "something went wrong here",
        )
    }

    /// 503.
    pub fn unavailable(
        code: &'static str,
        message: impl Into<String>,
        retry_after_seconds: u64,
    ) -> Self {
        let mut error = Self::new(StatusCode::SERVICE_UNAVAILABLE, code, message);
        error.retry_after = Some(retry_after_seconds.max(1));
        error
    }

    fn breakdown(code: &'static str) -> Self {
        Self::unavailable(
            code,
            "this is not possible right now; try again",
            RETRY_AFTER_SECONDS,
        )
    }
}

/// The one table of statuses.
fn status_of(kind: RefusalKind) -> StatusCode {
    match kind {
        RefusalKind::NotFound => StatusCode::NOT_FOUND,
        RefusalKind::Forbidden => StatusCode::FORBIDDEN,
        RefusalKind::Conflict => StatusCode::CONFLICT,
        RefusalKind::Gone => StatusCode::GONE,
        RefusalKind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        RefusalKind::Unauthenticated => StatusCode::UNAUTHORIZED,
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        Self::new(
            status_of(refusal.kind()),
            refusal.code(),
            refusal.to_string(),
        )
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        tracing::warn!(%error, "the event store did not do what was asked");
        match error {
            StoreError::Conflict { .. } | StoreError::Duplicate => {
                Self::conflict("conflict", "others changed the same thing; try again")
            }
            StoreError::Unavailable(_) => Self::breakdown("store_unavailable"),
            StoreError::Unknown(_) => Self::breakdown("outcome_unknown"),
            StoreError::KeyUnavailable(_) => Self::breakdown("key_unavailable"),
            StoreError::KeyDestroyed(_) => Self::gone("erased", "this was erased"),
            StoreError::TooLarge(_) => Self::too_large(),
            StoreError::Corrupt { .. } | StoreError::Invalid(_) => Self::internal(),
        }
    }
}

impl From<KeyError> for ApiError {
    fn from(error: KeyError) -> Self {
        tracing::error!(%error, "the key store did not do what was asked");
        match error {
            KeyError::Unavailable(_) | KeyError::DoesNotUnwrap(_) | KeyError::Differs(_) => {
                Self::breakdown("key_unavailable")
            }
            KeyError::Destroyed(_) => Self::gone("erased", "this was erased"),
        }
    }
}

impl From<PasswordError> for ApiError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => Self::breakdown("busy"),
            PasswordError::Broken(cause) => {
                tracing::error!(cause, "a password could not be hashed");
                Self::internal()
            }
        }
    }
}

impl From<InvalidToken> for ApiError {
    fn from(_: InvalidToken) -> Self {
        Self::unauthenticated()
    }
}

impl IntoResponse for ApiError {
    /// In the shape of the `detail` dialects; [`render_errors`] gives others theirs.
    fn into_response(self) -> Response {
        render::respond(&self, ErrorShape::Detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_refusal_has_its_status() {
        for (refusal, status) in [
            (Refusal::EmailTaken, 409),
            (Refusal::UnknownRoom, 404),
            (Refusal::RequestGone, 410),
            (Refusal::EmptyText, 422),
            (Refusal::SessionEnded, 401),
            (Refusal::CounselorInactive, 403),
        ] {
            let error = ApiError::from(refusal);
            assert_eq!(error.status, status, "{refusal}");
            assert_eq!(error.code, refusal.code());
        }
    }

    #[test]
    fn a_breakdown_says_when_to_try_again_and_nothing_of_what_broke() {
        let secret = "/srv/secret/events.db: disk I/O error";
        for (cause, status) in [
            (StoreError::Unavailable(secret.to_owned()), 503),
            (StoreError::Unknown(secret.to_owned()), 503),
            (StoreError::KeyUnavailable(secret.into()), 503),
            (StoreError::KeyDestroyed(secret.into()), 410),
            (StoreError::TooLarge(secret.to_owned()), 413),
            (
                StoreError::Corrupt {
                    position: 7,
                    reason: secret.to_owned(),
                },
                500,
            ),
            (StoreError::Duplicate, 409),
        ] {
            let error = ApiError::from(cause);
            assert_eq!(error.status, status);
            assert_eq!(error.retry_after.is_some(), status == 503);
            assert!(!format!("{error:?}").contains("secret"));
        }
    }
}
