//! All that is held of the caller.

mod content;
mod emotions;
mod writer;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::Refusal;
use event_store::seal::OpenError;
use projections::messages::VersionsError;
use projections::{ReadError, accounts};
use tokio::sync::Semaphore;

use self::writer::Writer;
use super::TAG;
use crate::app::App;
use crate::auth::LoggedIn;
use crate::error::ApiError;
use crate::uploads::FileError;

/// Exports that one server writes at once.
const AT_ONCE: usize = 4;

/// Seconds after which somebody may ask again when all of them are being written.
const RETRY_AFTER_SECONDS: u64 = 5;

static TURNS: Semaphore = Semaphore::const_new(AT_ONCE);

/// Why an export broke off.
#[derive(Debug, thiserror::Error)]
pub(super) enum ExportError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Versions(#[from] VersionsError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    #[error("whoever asked reads no more")]
    Left,
}

/// All that is held of the caller, as one JSON object: the account, log-ins, rooms with what the
/// caller said there in every version, consultations with all that was said in them, sessions about emotions with all their steps, and files with
/// their bytes as base64. An answer that breaks off is not complete.
#[utoipa::path(
    get,
    path = "/api/v1/users/me/export",
    tag = TAG,
    security(("bearer" = [])),
    responses(
        (status = 200, description = "A JSON object, as it is written", content_type = "application/json"),
        (status = 401, description = "Not logged in"),
        (status = 503, description = "Too many are being written; `Retry-After` says when"),
    )
)]
pub(super) async fn export_me(
    State(app): State<Arc<App>>,
    LoggedIn(caller): LoggedIn,
) -> Result<Response, ApiError> {
    let row = accounts::by_id(&*app.reader, caller.account).await?;
    let row = row.ok_or(Refusal::UnknownAccount)?;
    let Ok(turn) = TURNS.try_acquire() else {
        let message = "too many exports are being written; try again";
        return Err(ApiError::unavailable("busy", message, RETRY_AFTER_SECONDS));
    };
    let (mut writer, written) = Writer::new();
    tokio::spawn(async move {
        let outcome = content::write(&app, &row, &mut writer).await;
        if let Err(error) = &outcome {
            tracing::warn!(%error, "an export broke off");
        }
        writer.end(outcome).await;
        drop(turn);
    });
    let kind = (header::CONTENT_TYPE, "application/json");
    let name = (
        header::CONTENT_DISPOSITION,
        "attachment; filename=\"export.json\"",
    );
    Ok(([kind, name], Body::from_stream(written)).into_response())
}
