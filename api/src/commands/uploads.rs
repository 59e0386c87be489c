//! Files: stored by whoever brings them, attached to a message of theirs, erased by the server.

use domain::{
    AccountId, FileDetails, MessageId, MessageKind, PersonId, Refusal, Room, RoomId, RoomKind,
    Sealed, SealedUnder, Subject, Upload, UploadCommand, UploadEnd, UploadId, UploadKind,
};
use event_store::StreamName;
use uuid::Uuid;

use super::erasure::holds;
use super::{Command, CommandError, Work, accounts};

/// Notes that the bytes of a file are durable in the object store.
#[derive(Debug, Clone)]
pub struct StoreUpload {
    pub upload: UploadId,
    pub owner: PersonId,
    /// The room that it was brought to; none where that was not said.
    pub room: Option<RoomId>,
    /// By which the object store knows it.
    pub object: Uuid,
    /// Bytes, unsealed.
    pub size: u64,
    pub media_type: String,
    pub kind: UploadKind,
    pub name: String,
    /// The keys under which bytes and name are sealed.
    pub keys: SealedUnder,
}

impl Command for StoreUpload {
    fn stream(&self) -> StreamName {
        StreamName::new("upload", self.upload)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        // A guest has no account, and so none that was erased.
        accounts::check_not_erased(work, AccountId(self.owner.0)).await?;
        let mut upload = work.create::<Upload>(self.upload);
        let details = FileDetails {
            name: self.name.clone(),
        };
        work.decide(
            &mut upload,
            UploadCommand::Store {
                upload: self.upload,
                owner: self.owner,
                room: self.room,
                object: self.object,
                size: self.size,
                media_type: self.media_type.clone(),
                kind: self.kind,
                details: Sealed::New(self.keys, details),
            },
        )
    }
}

/// The message that is to have a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attachment {
    pub upload: UploadId,
    pub message: MessageId,
    pub kind: MessageKind,
    pub room: RoomId,
    pub sender: PersonId,
}

/// Adds to what is written that a message has a file of its sender's.
pub(super) async fn attach(work: &mut Work<'_>, to: Attachment) -> Result<(), CommandError> {
    let mut upload = work.load::<Upload>(to.upload).await?;
    work.decide(
        &mut upload,
        UploadCommand::Attach {
            upload: to.upload,
            message: to.message,
            message_kind: to.kind,
            room: to.room,
            sender: to.sender,
        },
    )
}

/// Erases a file: its key and bytes go once the log says so. One that no message came to have is kept
/// while a hold is on whoever brought it, or on the consultation that it was brought to.
#[derive(Debug, Clone, Copy)]
pub struct EraseUpload {
    pub upload: UploadId,
    pub reason: UploadEnd,
}

impl Command for EraseUpload {
    fn stream(&self) -> StreamName {
        StreamName::new("upload", self.upload)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let mut upload = work.load::<Upload>(self.upload).await?;
        if self.reason == UploadEnd::NeverAttached {
            check_not_held(work, &upload).await?;
        }
        work.decide(
            &mut upload,
            UploadCommand::Erase {
                upload: self.upload,
                reason: self.reason,
            },
        )
    }
}

async fn check_not_held(work: &mut Work<'_>, upload: &Upload) -> Result<(), CommandError> {
    let hold = holds(work).await?;
    if hold.is_empty() {
        return Ok(());
    }
    let mut is_held = upload
        .owner()
        .is_some_and(|owner| hold.keeps_what_concerns(owner));
    if let Some(room) = upload.room() {
        let room = work.load::<Room>(room).await?;
        if let Some(RoomKind::Consultation(consultation)) = room.kind() {
            is_held |= hold.keeps(Subject::Consultation(consultation));
        }
    }
    if is_held {
        return Err(Refusal::Held.into());
    }
    Ok(())
}
