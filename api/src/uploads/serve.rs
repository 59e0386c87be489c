//! `GET /files/{id}`: a file, or a part of it, for those who may see it.

use std::ops::Range;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use domain::{FileDetails, UploadKind};
use futures_util::TryStreamExt;
use futures_util::stream::BoxStream;
use projections::uploads::UploadRow;

use super::access::may_read;
use super::address::{Named, find};
use super::error::{FileError, erased, unknown};
use super::range::{Asked, asked};
use super::sealed::SealedFile;
use super::sniff::ANYTHING;
use super::{TAG, names, ticket};
use crate::app::App;
use crate::auth::Caller;
use crate::error::ApiError;

/// A file is nobody's page: it loads nothing, runs nothing, and has an origin of its own.
const NO_PAGE: &str = "default-src 'none'; sandbox";

/// It is for its reader alone, and may be gone the next time.
const NOT_KEPT: &str = "private, no-store";

/// A file of a message, or one's own that no message has yet. Takes one `Range`, and `?ticket=`
/// instead of a token.
#[utoipa::path(
    get,
    path = "/files/{id}",
    tag = TAG,
    params(
        ("id" = String, Path, description = "The UUID of `file_url`, or the file's number"),
        ("ticket" = Option<String>, Query, description = "Of `POST /auth/file-ticket`"),
        ("Range" = Option<String>, Header, description = "One range of bytes"),
    ),
    responses(
        (status = 200, description = "The file", content_type = "application/octet-stream"),
        (status = 206, description = "A part of it", content_type = "application/octet-stream"),
        (status = 401, description = "Neither token nor ticket, or one that is not valid"),
        (status = 404, description = "No such file, or not for this caller"),
        (status = 410, description = "It was deleted with its message, or erased"),
        (status = 416, description = "The range begins behind its end"),
    )
)]
pub(super) async fn serve_file(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let caller = ticket::caller(&app, caller, query.as_deref())?;
    let person = caller.person().ok_or_else(ApiError::unauthenticated)?;
    let named = Named::of(&id).ok_or_else(unknown)?;
    let upload = find(&app, named).await?.ok_or_else(unknown)?;
    may_read(&app, person, &upload).await?;
    let details: Option<FileDetails> = upload.details.open(&*app.keys)?;
    let name = details.ok_or_else(erased)?.name;
    let range = wanted_range(&headers, &upload);
    let (status, range) = match asked(range, upload.size) {
        Asked::Whole => (StatusCode::OK, 0..upload.size),
        Asked::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
        Asked::Beyond => return Ok(beyond(upload.size)),
    };
    let file = SealedFile {
        object: upload.object,
        under: upload.details.keys().clone(),
        size: upload.size,
    };
    let bytes = file
        .read(&app.uploads.objects, &app.keys, range.clone())
        .await?
        .inspect_err(|error| tracing::error!(%error, "a file broke off while it was read"));
    let mut response = (status, Body::from_stream(bytes)).into_response();
    describe(response.headers_mut(), &upload, &name, status, &range)?;
    Ok(response)
}

/// All bytes of a file, opened. That whoever gets them may is for the caller to know.
pub(crate) async fn contents(
    app: &App,
    upload: &UploadRow,
) -> Result<BoxStream<'static, Result<Bytes, FileError>>, FileError> {
    let file = SealedFile {
        object: upload.object,
        under: upload.details.keys().clone(),
        size: upload.size,
    };
    let whole = 0..upload.size;
    file.read(&app.uploads.objects, &app.keys, whole).await
}

/// The range that is asked for, unless only of another state of the file: it has but one.
fn wanted_range<'h>(headers: &'h HeaderMap, upload: &UploadRow) -> Option<&'h str> {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    match text(header::IF_RANGE) {
        Some(tag) if tag != entity_tag(upload) => None,
        _ => text(header::RANGE),
    }
}

fn entity_tag(upload: &UploadRow) -> String {
    format!("\"{}\"", upload.id)
}

fn describe(
    headers: &mut HeaderMap,
    upload: &UploadRow,
    name: &str,
    status: StatusCode,
    range: &Range<u64>,
) -> Result<(), ApiError> {
    // Only what was decoded here, or is sound, is shown in place.
    let shown = match upload.kind {
        UploadKind::Image | UploadKind::Voice => Some(&*upload.media_type),
        UploadKind::File => None,
    };
    let mut set = |name, value: &str| match HeaderValue::from_str(value) {
        Ok(value) => {
            headers.insert(name, value);
            Ok(())
        }
        Err(_) => Err(ApiError::internal()),
    };
    set(header::CONTENT_TYPE, shown.unwrap_or(ANYTHING))?;
    set(
        header::CONTENT_DISPOSITION,
        &names::disposition(shown.is_some(), name),
    )?;
    set(
        header::CONTENT_LENGTH,
        &(range.end - range.start).to_string(),
    )?;
    set(header::ETAG, &entity_tag(upload))?;
    set(header::ACCEPT_RANGES, "bytes")?;
    set(header::CONTENT_SECURITY_POLICY, NO_PAGE)?;
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff")?;
    set(header::CACHE_CONTROL, NOT_KEPT)?;
    if status == StatusCode::PARTIAL_CONTENT {
        let (first, last, size) = (range.start, range.end - 1, upload.size);
        set(
            header::CONTENT_RANGE,
            &format!("bytes {first}-{last}/{size}"),
        )?;
    }
    Ok(())
}

fn beyond(size: u64) -> Response {
    let error = ApiError::new(
        StatusCode::RANGE_NOT_SATISFIABLE,
        "range_not_satisfiable",
        format!("this file has {size} bytes"),
    );
    let mut response = error.into_response();
    if let Ok(value) = HeaderValue::from_str(&format!("bytes */{size}")) {
        response.headers_mut().insert(header::CONTENT_RANGE, value);
    }
    response
}
