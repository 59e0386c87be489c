//! What can have happened to a message.

use serde::{Deserialize, Serialize};

use crate::event::events;
use crate::{MessageId, PersonId, RoomId, Sealed};

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
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MessageBody {
    pub text: String,
    /// The sender's own id of it, told back to the sender's connections only.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub client_message_id: Option<String>,
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
            body: Sealed<MessageBody>,
        }
    }
}
