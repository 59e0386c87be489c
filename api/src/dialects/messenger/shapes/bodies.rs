//! What clients send about rooms and messages, and what its fields may be.

use domain::{MessageKind, limits};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::extract::{Problems, Validate};

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum MessageType {
    #[serde(alias = "text")]
    Text,
    #[serde(alias = "image")]
    Image,
    #[serde(alias = "file")]
    File,
}

impl MessageType {
    /// How a kind of message is shown. This dialect knows no recordings and no places.
    pub fn of(kind: MessageKind) -> Self {
        match kind {
            MessageKind::Text | MessageKind::Location => Self::Text,
            MessageKind::Image => Self::Image,
            MessageKind::File | MessageKind::Voice => Self::File,
        }
    }

    pub fn kind(self) -> MessageKind {
        match self {
            Self::Text => MessageKind::Text,
            Self::Image => MessageKind::Image,
            Self::File => MessageKind::File,
        }
    }
}

/// With whom a room is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoomRequest {
    pub other_user_id: Uuid,
    /// By what a transaction elsewhere is known; the first one that a room was given stays.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200)]
    pub booking_id: Option<String>,
}

impl Validate for RoomRequest {
    fn validate(&self, problems: &mut Problems) {
        if let Some(booking) = &self.booking_id {
            problems.length("bookingId", booking, 1..=limits::BOOKING_CHARS);
        }
    }
}

/// A message that is to be sent.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SendRequest {
    /// 1 to 10,000 characters; it may be empty or left out with an attachment.
    #[serde(default)]
    #[schema(max_length = 10_000)]
    pub content: Option<String>,
    /// `TEXT`, `IMAGE` or `FILE`; found where it is left out.
    #[serde(default, rename = "type", alias = "messageType")]
    pub kind: Option<MessageType>,
    /// The `fileUrl` of an upload of the caller's own, or an address elsewhere.
    #[serde(default)]
    #[schema(max_length = 2_000)]
    pub attachment_url: Option<String>,
    /// A message of the same room.
    #[serde(default, alias = "replyTo")]
    pub reply_to_message_id: Option<Uuid>,
    /// The caller's own id of the message: the same one again is the same message.
    #[serde(default, alias = "client_message_id")]
    #[schema(min_length = 1, max_length = 128)]
    pub client_message_id: Option<String>,
}

impl SendRequest {
    /// The address of what it shows; an empty one is none.
    pub fn attachment(&self) -> Option<&str> {
        self.attachment_url.as_deref().filter(|url| !url.is_empty())
    }
}

impl Validate for SendRequest {
    fn validate(&self, problems: &mut Problems) {
        let least = usize::from(self.attachment().is_none());
        let text = self.content.as_deref().unwrap_or_default();
        problems.length("content", text, least..=limits::TEXT_CHARS);
        if let Some(url) = &self.attachment_url {
            problems.length("attachmentUrl", url, 0..=limits::LINK_CHARS);
        }
        if let Some(id) = &self.client_message_id {
            let allowed = 1..=limits::CLIENT_MESSAGE_ID_CHARS;
            problems.length("clientMessageId", id, allowed);
        }
    }
}
