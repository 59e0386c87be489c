//! The files of messages, as far as the rows and frames of the dialects tell of them.

use std::sync::Arc;

use domain::{FileDetails, UploadId};
use event_store::keys::KeyStore;
use projections::messages::MessageRow;
use projections::{Reader, uploads};

use super::access::is_gone;
use super::address::file_url;
use crate::app::App;
use crate::error::ApiError;

/// What is told of a file. That its reader may see the message is for the dialect to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    pub url: String,
    pub name: String,
    /// Bytes.
    pub size: u64,
}

/// The files of messages.
#[derive(Clone)]
pub struct Files {
    pub reader: Arc<dyn Reader>,
    pub keys: Arc<dyn KeyStore>,
}

impl Files {
    pub fn of_app(app: &App) -> Self {
        Self {
            reader: Arc::clone(&app.reader),
            keys: Arc::clone(&app.keys),
        }
    }

    /// The file that a message has, as rows show it: none once the message is deleted.
    ///
    /// # Errors
    /// The read models or the keys cannot be read.
    pub async fn of_message(&self, message: &MessageRow) -> Result<Option<File>, ApiError> {
        match message.file {
            Some(upload) if message.deleted_at.is_none() => self.of(upload).await,
            Some(_) | None => Ok(None),
        }
    }

    /// The file of a message that was just sent, as frames show it. The read models have it.
    pub async fn live(&self, upload: UploadId) -> Option<File> {
        let file = self.of(upload).await;
        file.inspect_err(
            |error| tracing::error!(%error, "a file that is shown live cannot be read"),
        )
        .ok()?
    }

    /// A file; none where it is gone, or was never there.
    async fn of(&self, upload: UploadId) -> Result<Option<File>, ApiError> {
        let Some(row) = uploads::by_id(&*self.reader, upload).await? else {
            return Ok(None);
        };
        if is_gone(&row) {
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
