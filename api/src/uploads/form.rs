//! Forms with a file: fields within bounds, and the file as a stream.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::{HeaderMap, StatusCode, header};
use bytes::Bytes;
use multer::{Constraints, Field, Multipart, SizeLimit};
use sha2::{Digest, Sha256};
use tokio::time::timeout;

use super::body::Unread;
use super::error::too_large;
use crate::error::ApiError;

/// The field that holds the file.
const FILE: &str = "file";

/// Parts of one form.
const MAX_PARTS: usize = 32;

/// Bytes of one field that is not the file.
const MAX_FIELD_BYTES: usize = 64 * 1024;

/// Characters of the name of a field.
const MAX_FIELD_NAME: usize = 100;

/// Bytes of a form besides its file.
const OVERHEAD_BYTES: u64 = 1024 * 1024;

/// How long the next bytes may be waited for.
const SILENCE: Duration = Duration::from_secs(30);

/// A form that is being read, part by part.
pub(super) struct Form {
    parts: Multipart<'static>,
    max_bytes: usize,
    count: usize,
    had_file: bool,
    /// The fields that came so far.
    pub(super) fields: BTreeMap<String, String>,
    /// Of everything in it, names and content.
    digest: Sha256,
}

/// The file of a form, as it comes.
pub(super) struct FilePart {
    field: Field<'static>,
    /// As its sender calls it.
    pub(super) name: String,
    max_bytes: usize,
    size: usize,
}

impl Form {
    /// A form whose file may have so many bytes.
    ///
    /// # Errors
    /// It is none, or announces more than may come.
    pub(super) fn new(
        headers: &HeaderMap,
        body: Unread,
        max_bytes: usize,
    ) -> Result<Self, ApiError> {
        let content_type = headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let boundary = multer::parse_boundary(content_type).map_err(refused)?;
        let limit = max_bytes as u64 + OVERHEAD_BYTES;
        let announced = headers
            .get(header::CONTENT_LENGTH)
            .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        if announced.is_some_and(|length| length > limit) {
            return Err(too_large(max_bytes));
        }
        let bounds = Constraints::new().size_limit(SizeLimit::new().whole_stream(limit));
        Ok(Self {
            parts: Multipart::with_constraints(body, boundary, bounds),
            max_bytes,
            count: 0,
            had_file: false,
            fields: BTreeMap::new(),
            digest: Sha256::new(),
        })
    }

    /// Reads up to the file; none if no (further) one comes. A second one is refused.
    pub(super) async fn next_file(&mut self) -> Result<Option<FilePart>, ApiError> {
        let limit = self.max_bytes;
        let next = async |parts: &mut Multipart<'static>| {
            let read = in_time(parts.next_field()).await;
            read.map_err(|error| of_file(error, limit))
        };
        while let Some(field) = next(&mut self.parts).await? {
            self.count += 1;
            if self.count > MAX_PARTS {
                return Err(ApiError::malformed(
                    "too_many_parts",
                    "this form has too many parts",
                ));
            }
            let name = field.name().unwrap_or_default().to_owned();
            if name.is_empty() || name.chars().count() > MAX_FIELD_NAME {
                return Err(ApiError::malformed(
                    "malformed_form",
                    "a part of this form has no name",
                ));
            }
            if name == FILE {
                return self.file(field).map(Some);
            }
            let value = text(&name, field).await?;
            self.note(&[name.as_bytes(), value.as_bytes()]);
            if self.fields.insert(name.clone(), value).is_some() {
                return Err(ApiError::invalid("body", &name, "must come only once"));
            }
        }
        Ok(None)
    }

    fn file(&mut self, field: Field<'static>) -> Result<FilePart, ApiError> {
        if self.had_file {
            return Err(ApiError::invalid("body", FILE, "must be one file"));
        }
        self.had_file = true;
        let name = unescaped(field.file_name().unwrap_or_default());
        if name.contains('\0') {
            return Err(ApiError::invalid(
                "body",
                FILE,
                "its name must not contain NUL",
            ));
        }
        self.note(&[FILE.as_bytes(), name.as_bytes()]);
        Ok(FilePart {
            field,
            name,
            max_bytes: self.max_bytes,
            size: 0,
        })
    }

    /// Notes bytes of the file.
    pub(super) fn note_bytes(&mut self, bytes: &[u8]) {
        self.digest.update(bytes);
    }

    /// Each with its length, so that they do not run into each other.
    fn note(&mut self, parts: &[&[u8]]) {
        for part in parts {
            self.digest.update((part.len() as u64).to_le_bytes());
            self.digest.update(part);
        }
    }

    /// The fields, and the hash of all that came.
    pub(super) fn finish(self) -> (BTreeMap<String, String>, [u8; 32]) {
        (self.fields, self.digest.finalize().into())
    }
}

impl FilePart {
    /// The next bytes; none at its end.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, ApiError> {
        let read = in_time(self.field.chunk()).await;
        let bytes = read.map_err(|error| of_file(error, self.max_bytes))?;
        self.size += bytes.as_ref().map_or(0, Bytes::len);
        if self.size > self.max_bytes {
            return Err(too_large(self.max_bytes));
        }
        Ok(bytes)
    }
}

/// A form that is too large is so because of its file.
fn of_file(error: ApiError, max_bytes: usize) -> ApiError {
    match error.status {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(max_bytes),
        _ => error,
    }
}

async fn text(name: &str, mut field: Field<'static>) -> Result<String, ApiError> {
    let mut bytes = Vec::new();
    while let Some(more) = in_time(field.chunk()).await? {
        bytes.extend_from_slice(&more);
        if bytes.len() > MAX_FIELD_BYTES {
            return Err(ApiError::invalid("body", name, "is too long"));
        }
    }
    match String::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => Ok(text),
        _ => Err(ApiError::invalid(
            "body",
            name,
            "must be a text in UTF-8, without NUL",
        )),
    }
}

/// Browsers write these three so in the name of a file, and nothing else.
fn unescaped(name: &str) -> String {
    name.replace("%22", "\"")
        .replace("%0D", "\r")
        .replace("%0A", "\n")
}

async fn in_time<T>(
    reading: impl Future<Output = Result<T, multer::Error>>,
) -> Result<T, ApiError> {
    match timeout(SILENCE, reading).await {
        Ok(read) => read.map_err(refused),
        Err(_) => Err(ApiError::new(
            StatusCode::REQUEST_TIMEOUT,
            "body_too_slow",
            "the body did not come in time",
        )),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is mapped over errors")]
fn refused(error: multer::Error) -> ApiError {
    match error {
        multer::Error::StreamSizeExceeded { .. } | multer::Error::FieldSizeExceeded { .. } => {
            ApiError::too_large()
        }
        multer::Error::StreamReadFailed(_)
        | multer::Error::IncompleteStream
        | multer::Error::IncompleteFieldData { .. }
        | multer::Error::IncompleteHeaders => ApiError::unreadable_body(),
        _ => ApiError::malformed("malformed_form", "this is not a form with a file"),
    }
}
