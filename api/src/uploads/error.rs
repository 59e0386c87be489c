//! Why a file could not be taken or given, as its caller hears it.

use std::error::Error;
use std::io::ErrorKind;

use axum::http::StatusCode;
use event_store::StoreError;
use event_store::seal::OpenError;

use super::pictures::PictureError;
use crate::error::ApiError;

/// Seconds after which a client may try again when the store of files is down.
const RETRY_AFTER_SECONDS: u64 = 5;

/// Why bytes could not be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("the store of files failed: {0}")]
    Store(#[from] object_store::Error),
    #[error("a file could not be sealed: {0}")]
    Seal(#[from] StoreError),
    #[error("a file could not be opened: {0}")]
    Open(#[from] OpenError),
    /// One of its keys has a tombstone.
    #[error("a file was erased")]
    Erased,
    /// The bytes are not those that were sealed.
    #[error("a file is damaged: {0}")]
    Damaged(&'static str),
}

impl FileError {
    /// Whether there is no room left where it was to be kept.
    fn is_full(&self) -> bool {
        let mut cause: Option<&dyn Error> = match self {
            Self::Store(error) => Some(error),
            Self::Seal(_) | Self::Open(_) | Self::Erased | Self::Damaged(_) => None,
        };
        while let Some(error) = cause {
            let kind = error
                .downcast_ref::<std::io::Error>()
                .map(std::io::Error::kind);
            if matches!(
                kind,
                Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
            ) {
                return true;
            }
            cause = error.source();
        }
        false
    }
}

impl From<FileError> for ApiError {
    fn from(error: FileError) -> Self {
        if error.is_full() {
            tracing::error!(%error, "the store of files is full");
            return Self::new(
                StatusCode::INSUFFICIENT_STORAGE,
                "storage_full",
                "there is no room for files at the moment",
            );
        }
        match error {
            FileError::Erased => erased(),
            FileError::Seal(error) => error.into(),
            FileError::Open(error) => error.into(),
            FileError::Store(_) | FileError::Damaged(_) => {
                tracing::error!(%error, "a file could not be kept or read");
                Self::unavailable(
                    "files_unavailable",
                    "this file is not available right now; try again",
                    RETRY_AFTER_SECONDS,
                )
            }
        }
    }
}

impl From<PictureError> for ApiError {
    fn from(error: PictureError) -> Self {
        match error {
            PictureError::Broken => unsupported("picture_broken", error.to_string()),
            PictureError::TooLarge => Self::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "picture_too_large",
                error.to_string(),
            ),
        }
    }
}

/// 410: it was there once.
pub(super) fn erased() -> ApiError {
    ApiError::gone("file_erased", "this file no longer exists")
}

/// 404: there is no such file, or not for this caller.
pub(super) fn unknown() -> ApiError {
    domain::Refusal::UnknownUpload.into()
}

/// 413: more bytes than a file may have.
pub(super) fn too_large(max_bytes: usize) -> ApiError {
    ApiError::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "file_too_large",
        format!("a file has at most {max_bytes} bytes"),
    )
}

/// 415: not what it says, or nothing that is taken.
pub(super) fn unsupported(code: &'static str, message: impl Into<String>) -> ApiError {
    ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, code, message)
}
