//! An upload's rules: it is its owner's until one message has it, and then that message's for ever.

use serde::{Deserialize, Serialize};

use super::{FileDetails, UploadCommand, UploadEnd, UploadEvent, UploadKind};
use crate::decide::{Decide, aggregate};
use crate::{MessageId, MessageKind, PersonId, Refusal, RoomId, limits, text};

/// An upload. Its bytes are in the object store, its name is in the log only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Upload {
    #[default]
    Unknown,
    Stored {
        owner: PersonId,
        room: Option<RoomId>,
        kind: UploadKind,
    },
    Attached {
        owner: PersonId,
        message: MessageId,
        room: RoomId,
    },
    Erased {
        owner: PersonId,
    },
}

aggregate!(Upload, "upload", UploadCommand, UploadEvent);

impl Upload {
    /// Who brought it.
    pub fn owner(&self) -> Option<PersonId> {
        match *self {
            Self::Unknown => None,
            Self::Stored { owner, .. } | Self::Attached { owner, .. } | Self::Erased { owner } => {
                Some(owner)
            }
        }
    }

    /// The room that it was brought to, or that of its message.
    pub fn room(&self) -> Option<RoomId> {
        match *self {
            Self::Stored { room, .. } => room,
            Self::Attached { room, .. } => Some(room),
            Self::Unknown | Self::Erased { .. } => None,
        }
    }

    fn attach(
        self,
        to: MessageId,
        message_kind: MessageKind,
        there: RoomId,
        sender: PersonId,
    ) -> Result<bool, Refusal> {
        match self {
            Self::Unknown => Err(Refusal::UnknownUpload),
            _ if self.owner() != Some(sender) => Err(Refusal::UnknownUpload),
            Self::Stored { room, kind, .. } => {
                if room.is_some_and(|room| room != there) {
                    return Err(Refusal::UnknownUpload);
                }
                check_kind(kind, message_kind)?;
                Ok(true)
            }
            Self::Attached { message, .. } if message == to => Ok(false),
            Self::Attached { .. } => Err(Refusal::UploadTaken),
            Self::Erased { .. } => Err(Refusal::UploadErased),
        }
    }

    /// Whether there is anything left to erase.
    fn erase(self, reason: UploadEnd) -> Result<bool, Refusal> {
        match (self, reason) {
            (Self::Unknown, _) => Err(Refusal::UnknownUpload),
            (Self::Erased { .. }, _) => Ok(false),
            (Self::Attached { .. }, UploadEnd::NeverAttached | UploadEnd::Repeated) => {
                Err(Refusal::UploadTaken)
            }
            (Self::Stored { .. }, _)
            | (Self::Attached { .. }, UploadEnd::DayDestroyed | UploadEnd::SubjectErased) => {
                Ok(true)
            }
        }
    }
}

/// Anything can be sent as a file, but nothing else as an image or a voice message.
fn check_kind(kind: UploadKind, message_kind: MessageKind) -> Result<(), Refusal> {
    match (message_kind, kind) {
        (MessageKind::Image, UploadKind::Image)
        | (MessageKind::Voice, UploadKind::Voice)
        | (MessageKind::File, _) => Ok(()),
        (
            MessageKind::Image | MessageKind::Voice | MessageKind::Text | MessageKind::Location,
            _,
        ) => Err(Refusal::UploadKindDiffers),
    }
}

fn check(details: &FileDetails, size: u64, media_type: &str) -> Result<(), Refusal> {
    if size == 0 {
        return Err(Refusal::EmptyFile);
    }
    text::check(
        &details.name,
        1..=limits::FILE_NAME_CHARS,
        Refusal::FileNameLength,
    )?;
    text::check(
        media_type,
        1..=limits::MEDIA_TYPE_CHARS,
        Refusal::FileNameLength,
    )
}

impl Decide for Upload {
    fn decide(&self, command: UploadCommand) -> Result<Vec<UploadEvent>, Refusal> {
        let (happens, event) = match command {
            UploadCommand::Store {
                upload,
                owner,
                room,
                object,
                size,
                media_type,
                kind,
                details,
            } => {
                if *self != Self::Unknown {
                    return Err(Refusal::AlreadyRegistered);
                }
                check(text::content(&details)?, size, &media_type)?;
                let stored = UploadEvent::Stored {
                    upload,
                    owner,
                    room,
                    object,
                    size,
                    media_type,
                    kind,
                    details,
                };
                (true, stored)
            }
            UploadCommand::Attach {
                upload,
                message,
                message_kind,
                room,
                sender,
            } => (
                self.attach(message, message_kind, room, sender)?,
                UploadEvent::Attached {
                    upload,
                    message,
                    room,
                },
            ),
            UploadCommand::Erase { upload, reason } => {
                (self.erase(reason)?, UploadEvent::Erased { upload, reason })
            }
        };
        Ok(if happens { vec![event] } else { vec![] })
    }
}

impl Upload {
    fn evolve(&mut self, event: UploadEvent) {
        match (*self, event) {
            (
                Self::Unknown,
                UploadEvent::Stored {
                    owner, room, kind, ..
                },
            ) => {
                *self = Self::Stored { owner, room, kind };
            }
            (Self::Stored { owner, .. }, UploadEvent::Attached { message, room, .. }) => {
                *self = Self::Attached {
                    owner,
                    message,
                    room,
                };
            }
            (
                Self::Stored { owner, .. } | Self::Attached { owner, .. },
                UploadEvent::Erased { .. },
            ) => {
                *self = Self::Erased { owner };
            }
            (
                _,
                UploadEvent::Stored { .. }
                | UploadEvent::Attached { .. }
                | UploadEvent::Erased { .. },
            ) => {}
        }
    }
}
