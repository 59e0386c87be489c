//! What can be asked of an upload.

use uuid::Uuid;

use crate::{
    FileDetails, MessageId, MessageKind, PersonId, RoomId, Sealed, UploadEnd, UploadId, UploadKind,
};

/// What can be asked of an upload.
#[derive(Debug, Clone, PartialEq)]
pub enum UploadCommand {
    /// Its bytes are durable under `object`.
    Store {
        upload: UploadId,
        owner: PersonId,
        room: Option<RoomId>,
        object: Uuid,
        /// In bytes, unsealed; at least 1.
        size: u64,
        media_type: String,
        kind: UploadKind,
        details: Sealed<FileDetails>,
    },
    /// A message of its owner is to have it.
    Attach {
        upload: UploadId,
        message: MessageId,
        message_kind: MessageKind,
        room: RoomId,
        sender: PersonId,
    },
    Erase {
        upload: UploadId,
        reason: UploadEnd,
    },
}
