//! What can have happened to a message.

use serde::{Deserialize, Serialize};

use crate::event::events;
use crate::{MessageId, PersonId, RoomId, Sealed, UploadId};

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    #[default]
    Text,
    Image,
    File,
    Voice,
    Location,
}

/// The words of a message.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct MessageBody {
    pub text: String,
    /// The sender's own id of it, told back to the sender's connections only.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub client_message_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub location: Option<Location>,
    /// The address, elsewhere, of something that it shows.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub link: Option<String>,
}

/// A place on the earth, in degrees of WGS 84.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Location {
    pub latitude: f64,
    pub longitude: f64,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub label: Option<String>,
}

events! {
    /// What can have happened to a message.
    MessageEvent {
        Sent = "message.sent", "1.0.0" {
            message: MessageId,
            room: RoomId,
            sender: PersonId,
            message_kind: MessageKind,
            #[serde(skip_serializing_if = "Option::is_none", default)]
            reply_to: Option<MessageId>,
            /// The number of the message that it answers.
            #[serde(skip_serializing_if = "Option::is_none", default)]
            reply_number: Option<u64>,
            #[serde(skip_serializing_if = "Option::is_none", default)]
            file: Option<UploadId>,
            body: Sealed<MessageBody>,
        }
        Edited = "message.edited", "1.0.0" {
            message: MessageId,
            room: RoomId,
            sender: PersonId,
            /// The message's number.
            number: u64,
            /// All of it as it is now, under the keys of the first sending.
            body: Sealed<MessageBody>,
        }
        Deleted = "message.deleted", "1.0.0" {
            message: MessageId,
            room: RoomId,
            sender: PersonId,
            /// The sender, or the creator of the room.
            by: PersonId,
            /// The message's number.
            number: u64,
        }
    }
}
