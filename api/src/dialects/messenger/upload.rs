//! A file that is brought before the message that shows it.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::{Subject, UploadId, UploadKind};

use super::TAG;
use super::shapes::{MessageType, UploadRow};
use crate::answer::{X_POSITION, X_READ_LAG};
use crate::app::App;
use crate::auth::{LoggedIn, RequestContext};
use crate::error::ApiError;
use crate::limits::Payer;
use crate::uploads::{StoredUpload, UploadForm, Uploader, file_url, receive};

/// Takes a file (`file`, and `type` if the caller wants to say what it is). It is erased after 24 h
/// unless a message shows it.
#[utoipa::path(
    post,
    path = "/api/v1/upload",
    tag = TAG,
    security(("bearer" = [])),
    request_body(content_type = "multipart/form-data", content = String),
    responses(
        (status = 201, body = UploadRow),
        (status = 401, description = "No valid token"),
        (status = 413, description = "Too large"),
        (status = 415, description = "No form, or not the picture that it is said to be"),
        (status = 422, description = "No file, or an empty one"),
        (status = 429, description = "Too many uploads"),
    )
)]
pub(super) async fn upload(
    State(app): State<Arc<App>>,
    LoggedIn(caller): LoggedIn,
    context: RequestContext,
    form: UploadForm,
) -> Result<Response, ApiError> {
    let uploader = Uploader {
        person: caller.account.into(),
        payer: Payer::Person(caller.account.0),
        room: None,
        subject: Subject::Account(caller.account),
    };
    let asked = context.asked_by(&app, &caller)?;
    let id = UploadId(asked.new_id(&app, "upload"));
    let received = receive(&app, asked.request, &uploader, id, form).await?;
    let said = received.fields.get("type");
    let stored = received.file()?;
    Ok(answer(stored, said.map(String::as_str)))
}

fn answer(stored: &StoredUpload, said: Option<&str>) -> Response {
    let found = match stored.kind {
        UploadKind::Image => MessageType::Image,
        UploadKind::File | UploadKind::Voice => MessageType::File,
    };
    let is_file = said.is_some_and(|said| said.eq_ignore_ascii_case("file"));
    let row = UploadRow {
        file_id: stored.id.0,
        number: stored.number,
        file_url: file_url(stored.id),
        file_name: stored.name.clone(),
        file_size: stored.size,
        mime_type: stored.media_type.clone(),
        kind: if is_file { MessageType::File } else { found },
    };
    let mut response =
        axum::response::IntoResponse::into_response((StatusCode::CREATED, axum::Json(row)));
    let headers = response.headers_mut();
    headers.insert(X_POSITION, stored.position.into());
    if stored.lagging {
        headers.insert(X_READ_LAG, axum::http::HeaderValue::from_static("true"));
    }
    response
}
