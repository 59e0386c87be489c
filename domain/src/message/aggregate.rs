//! A message's rules: what its text may be.

use serde::{Deserialize, Serialize};

use super::{MessageBody, MessageCommand, MessageEvent, MessageKind};
use crate::decide::{Decide, aggregate};
use crate::{PersonId, Refusal, RoomId, limits, text};

/// A message. Its text is in the log only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    #[default]
    Unknown,
    Sent {
        room: RoomId,
        sender: PersonId,
    },
}

aggregate!(Message, "message", MessageCommand, MessageEvent);

impl Message {
    /// The room that it is in.
    pub fn room(&self) -> Option<RoomId> {
        match *self {
            Self::Unknown => None,
            Self::Sent { room, .. } => Some(room),
        }
    }

    pub fn sender(&self) -> Option<PersonId> {
        match *self {
            Self::Unknown => None,
            Self::Sent { sender, .. } => Some(sender),
        }
    }
}

impl Decide for Message {
    fn decide(&self, command: MessageCommand) -> Result<Vec<MessageEvent>, Refusal> {
        let MessageCommand::Send {
            message,
            room,
            sender,
            kind,
            reply_to,
            body,
        } = command;
        match *self {
            Self::Sent {
                room: there,
                sender: from,
            } if there == room && from == sender => Ok(vec![]),
            Self::Sent { .. } => Err(Refusal::AlreadyRegistered),
            Self::Unknown => {
                check(text::content(&body)?, kind)?;
                let message_kind = kind;
                Ok(vec![MessageEvent::Sent {
                    message,
                    room,
                    sender,
                    message_kind,
                    reply_to,
                    body,
                }])
            }
        }
    }
}

fn check(body: &MessageBody, kind: MessageKind) -> Result<(), Refusal> {
    let is_file = match kind {
        MessageKind::Image | MessageKind::File | MessageKind::Voice => true,
        MessageKind::Text | MessageKind::Location => false,
    };
    if body.text.is_empty() && !is_file {
        return Err(Refusal::EmptyText);
    }
    text::check(&body.text, 0..=limits::TEXT_CHARS, Refusal::TextTooLong)?;
    if let Some(id) = &body.client_message_id {
        let chars = 0..=limits::CLIENT_MESSAGE_ID_CHARS;
        text::check(id, chars, Refusal::ClientMessageIdTooLong)?;
    }
    Ok(())
}

impl Message {
    fn evolve(&mut self, event: MessageEvent) {
        match (*self, event) {
            (Self::Unknown, MessageEvent::Sent { room, sender, .. }) => {
                *self = Self::Sent { room, sender };
            }
            (Self::Sent { .. }, MessageEvent::Sent { .. }) => {}
        }
    }
}
