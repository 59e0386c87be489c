//! The files of messages, as far as rows and frames tell of them.

use std::sync::Arc;

use domain::{FileDetails, UploadId};
use event_store::keys::KeyStore;
use projections::{Reader, uploads};

use crate::people::PeopleError;
use crate::uploads::file_url;

/// What is told of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    pub url: String,
    pub name: String,
    /// Bytes.
    pub size: u64,
}

/// Where it stands.
pub struct Files {
    pub reader: Arc<dyn Reader>,
    pub keys: Arc<dyn KeyStore>,
}

impl Files {
    /// A file; none where it is gone, or was never there.
    pub async fn of(&self, upload: UploadId) -> Result<Option<File>, PeopleError> {
        let Some(row) = uploads::by_id(&*self.reader, upload).await? else {
            return Ok(None);
        };
        let ends = [row.deleted_at, row.destroyed_at, row.erased_at];
        if ends.iter().any(Option::is_some) {
            return Ok(None);
        }
        let details = row.details.open::<FileDetails>(&*self.keys)?;
        Ok(details.map(|details| File {
            url: file_url(upload),
            name: details.name,
            size: row.size,
        }))
    }
}
