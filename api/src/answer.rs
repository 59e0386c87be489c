//! Answers to writes and reads: the position of what was written, and whether reads lag behind.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use event_store::Position;
use serde::Serialize;

use crate::app::App;
use crate::commands::Done;
use crate::error::ApiError;

/// The log position of what a write recorded.
pub const X_POSITION: HeaderName = HeaderName::from_static("x-position");

/// `true` where an answer may show less than what is durable.
pub const X_READ_LAG: HeaderName = HeaderName::from_static("x-read-lag");

/// Seconds after which a read that waited in vain may be tried again.
const RETRY_AFTER_SECONDS: u64 = 1;

/// What came of a command once its answer's own reads would show it, or once they were given up.
pub struct Settled {
    pub done: Done,
    /// The read models have not passed it yet.
    pub lagging: bool,
}

impl Settled {
    /// All was so already.
    pub fn nothing() -> Self {
        Self {
            done: Done {
                events: Vec::new(),
                repeated: false,
            },
            lagging: false,
        }
    }

    /// The answer to the write.
    pub fn answer(&self, status: StatusCode, body: impl Serialize) -> Response {
        let mut response = (status, Json(body)).into_response();
        if let Some(position) = self.done.position() {
            response
                .headers_mut()
                .insert(X_POSITION, HeaderValue::from(position));
        }
        if self.lagging {
            response
                .headers_mut()
                .insert(X_READ_LAG, HeaderValue::from_static("true"));
        }
        response
    }
}

/// Lets no GET show less than a frame that this node has already sent, and waits for
/// `?min_position=`.
pub async fn reads_after_frames(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Response {
    let upgrades = request.headers().contains_key(header::UPGRADE);
    if !matches!(*request.method(), Method::GET | Method::HEAD) || upgrades {
        return next.run(request).await;
    }
    match min_position(request.uri().query()) {
        Err(error) => return error.into_response(),
        Ok(Some(position)) if !app.projected(position).await => {
            return ApiError::unavailable(
                "position_not_reached",
                "this position has not been reached yet",
                RETRY_AFTER_SECONDS,
            )
            .into_response();
        }
        Ok(_) => {}
    }
    let lagging = !app.caught_up().await;
    let mut response = next.run(request).await;
    if lagging {
        // What is missing may only not have arrived yet.
        if response.status() == StatusCode::NOT_FOUND {
            return ApiError::unavailable(
                "reads_lag",
                "the read models are behind; try again",
                RETRY_AFTER_SECONDS,
            )
            .into_response();
        }
        response
            .headers_mut()
            .insert(X_READ_LAG, HeaderValue::from_static("true"));
    }
    response
}

fn min_position(query: Option<&str>) -> Result<Option<Position>, ApiError> {
    let Some(value) = query
        .unwrap_or_default()
        .split('&')
        .find_map(|pair| pair.strip_prefix("min_position="))
    else {
        return Ok(None);
    };
    value.parse().map(Some).map_err(|_| {
        ApiError::invalid("query", "min_position", "must be a whole number, 0 or more")
    })
}
