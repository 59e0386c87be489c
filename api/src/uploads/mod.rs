//! Files: taken in streams, sealed, told apart by their bytes, and given to those who may see them.

mod access;
mod address;
mod body;
mod error;
mod form;
mod names;
mod objects;
mod pictures;
mod quota;
mod range;
mod receive;
mod sealed;
mod serve;
mod shown;
mod sniff;
#[cfg(test)]
mod tests;
mod ticket;
mod turns;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use address::{bind_file, file_url, found_kind, own_file};
pub use body::is_multipart;
pub(crate) use body::{is_left, leave_body};
pub use error::FileError;
pub(crate) use objects::Listed;
pub use objects::{Objects, ObjectsError};
pub use receive::{Received, StoredUpload, UploadForm, Uploader, discard, receive};
pub(crate) use serve::contents;
pub use shown::{File, Files};

use self::quota::Quotas;
use self::turns::Turns;
use crate::app::App;
use crate::error::ApiError;
use crate::settings::UploadSettings;

/// The tag of these calls in the OpenAPI document.
const TAG: &str = "files";

/// Files that are uploaded to this node at once; each takes a few parts of memory.
const UPLOADS_AT_ONCE: usize = 64;

/// Pictures among them, which are held in memory whole.
const PICTURES_AT_ONCE: usize = 8;

/// Bytes that count as one in the memory for decoding.
const MEMORY_UNIT: u64 = 1024 * 1024;

/// How long an upload waits for a place.
const PLACE_WAIT: Duration = Duration::from_secs(10);

/// Seconds after which a client may try again when all places are taken.
const RETRY_AFTER_SECONDS: u64 = 2;

/// What is needed to take and give files.
pub struct Uploads {
    pub objects: Objects,
    max_bytes: usize,
    max_pixels: u64,
    quotas: Quotas,
    turns: Turns,
    places: Semaphore,
    pictures: Semaphore,
    /// In units of memory: one large picture is decoded at a time, or several small ones.
    decoding: Arc<Semaphore>,
    decoding_units: u32,
}

impl Uploads {
    pub fn new(settings: &UploadSettings, objects: Objects) -> Self {
        let max_pixels = u64::from(settings.max_pixels);
        let memory = pictures::memory_at_most(settings.max_bytes, max_pixels);
        let units = units(memory);
        Self {
            objects,
            max_bytes: settings.max_bytes,
            max_pixels,
            quotas: Quotas::new(settings.quota_bytes),
            turns: Turns::default(),
            places: Semaphore::new(UPLOADS_AT_ONCE),
            pictures: Semaphore::new(PICTURES_AT_ONCE),
            decoding: Arc::new(Semaphore::new(units as usize)),
            decoding_units: units,
        }
    }
}

fn units(bytes: u64) -> u32 {
    u32::try_from(bytes.div_ceil(MEMORY_UNIT)).unwrap_or(u32::MAX)
}

/// A place among those that are at work; 503 if none gets free in time.
async fn place(places: &Semaphore) -> Result<SemaphorePermit<'_>, ApiError> {
    match timeout(PLACE_WAIT, places.acquire()).await {
        Ok(Ok(place)) => Ok(place),
        Ok(Err(_)) | Err(_) => Err(busy()),
    }
}

fn busy() -> ApiError {
    ApiError::unavailable(
        "busy",
        "too many files are being uploaded; try again",
        RETRY_AFTER_SECONDS,
    )
}

/// Every route.
pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(serve::serve_file))
        .routes(routes!(ticket::issue_file_ticket))
}
