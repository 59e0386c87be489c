//! What can have happened to an upload.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::event::events;
use crate::{MessageId, PersonId, RoomId, Sealed, UploadId};

/// What an upload is, told by its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UploadKind {
    /// Decoded and written anew, so that it holds nothing but the picture.
    Image,
    File,
    /// Sound.
    Voice,
}

/// What is personal of an upload besides its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileDetails {
    /// For display only: without a path, without control characters.
    pub name: String,
}

/// Why an upload is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UploadEnd {
    /// No message came to have it in time.
    NeverAttached,
    /// The day of its message was destroyed.
    DayDestroyed,
    /// The request that brought it had been carried out before, with another upload.
    Repeated,
    /// What it belongs to was erased: the account that brought it, or the consultation.
    SubjectErased,
}

events! {
    /// What can have happened to an upload.
    UploadEvent {
        /// Its bytes are durable.
        Stored = "upload.stored", "1.0.0" {
            upload: UploadId,
            owner: PersonId,
            /// The room that it was brought to; none where that was not said.
            #[serde(skip_serializing_if = "Option::is_none", default)]
            room: Option<RoomId>,
            /// By which the object store knows its sealed bytes.
            object: Uuid,
            /// In bytes, unsealed.
            size: u64,
            /// By its bytes, e.g. `image/png`.
            media_type: String,
            kind: UploadKind,
            details: Sealed<FileDetails>,
        }
        /// A message has it. Written together with the message.
        Attached = "upload.attached", "1.0.0" {
            upload: UploadId,
            message: MessageId,
            room: RoomId,
        }
        /// Its bytes and name are gone, or will be within seconds.
        Erased = "upload.erased", "1.0.0" { upload: UploadId, reason: UploadEnd }
    }
}
