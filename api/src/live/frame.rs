//! What goes to a connection: encoded once, its bytes shared by all who get it.

use std::sync::Arc;

use axum::extract::ws::Utf8Bytes;
use domain::{MessageId, PersonId, RoomId};
use event_store::Position;
use serde::Serialize;
use uuid::Uuid;

use crate::error::{ApiError, ErrorShape};

/// Something that connections listen to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    Consultation(Uuid),
    /// A counsellor's notifications.
    Counselor(Uuid),
    Room(Uuid),
    /// What is told of a room only to those who asked for it: readings and typing.
    Joined(Uuid),
    /// What concerns the rights of everyone logged in to an account.
    Account(Uuid),
    /// What concerns the rights of one log-in session.
    Session(Uuid),
    /// Alerts that administrators are told of.
    Alerts,
    /// One connection that events tell of.
    Connection(Uuid),
}

/// To which of a topic's subscribers a frame goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    All,
    Only(PersonId),
    Except(PersonId),
}

impl To {
    pub fn reaches(self, person: PersonId) -> bool {
        match self {
            Self::All => true,
            Self::Only(only) => only == person,
            Self::Except(except) => except != person,
        }
    }
}

/// One encoded frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    pub text: Utf8Bytes,
    /// Ephemeral frames are not sent while a connection catches up, and never replayed.
    pub ephemeral: bool,
    /// The message that it brings, where its arrival is told to the sender.
    pub message: Option<Arc<Brought>>,
}

/// A message that a frame brings.
#[derive(Debug, PartialEq, Eq)]
pub struct Brought {
    pub message: MessageId,
    pub room: RoomId,
    pub sender: PersonId,
    pub position: Position,
    /// The room is of two people.
    pub is_of_two: bool,
}

impl Frame {
    /// Encodes a frame that an event caused, or an ephemeral one. `position` becomes the last field
    /// of an object.
    pub fn encode(content: &impl Serialize, position: Option<Position>, ephemeral: bool) -> Self {
        let mut text = serde_json::to_string(content).unwrap_or_else(|error| {
            tracing::error!(%error, "a frame cannot be encoded");
            "{}".to_owned()
        });
        if let Some(position) = position
            && text.ends_with('}')
        {
            text.pop();
            if text.len() > 1 {
                text.push(',');
            }
            text.push_str("\"position\":");
            text.push_str(&position.to_string());
            text.push('}');
        }
        // It may wait in queues, which are bounded by what they hold and not by what was reserved.
        text.shrink_to_fit();
        Self {
            text: text.into(),
            ephemeral,
            message: None,
        }
    }

    pub fn durable(content: &impl Serialize, position: Position) -> Self {
        Self::encode(content, Some(position), false)
    }

    /// Tells one connection that what it sent was refused.
    pub fn error(error: &ApiError) -> Self {
        let mut content = ErrorShape::Detail.body(error);
        content["type"] = "error".into();
        content["status"] = error.status.as_u16().into();
        Self::encode(&content, None, false)
    }
}

/// What a client sent is no frame.
pub fn bad_frame(message: &'static str) -> ApiError {
    ApiError::malformed("malformed_frame", message)
}

/// Why a connection is ended by the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    NotAuthenticated,
    NotAllowed,
    Unknown,
    TooSlow,
    TooLarge,
    /// What came in breaks the protocol.
    BadProtocol,
    /// A text that is not UTF-8.
    BadText,
    /// The position to resume from is not one.
    BadPosition,
    /// Whoever takes no part in it did not say why they listen.
    NoPurpose,
    ResumeExpired,
    GoingDown,
    /// The read models did not catch up in time, or the server is too busy.
    TryAgain,
    /// No answer to pings.
    Unresponsive,
}

impl Ended {
    /// The WebSocket close code.
    pub fn code(self) -> u16 {
        match self {
            Self::NotAuthenticated => 4401,
            Self::NotAllowed => 4403,
            Self::Unknown => 4404,
            Self::TooSlow => 4408,
            Self::TooLarge => 1009,
            Self::BadProtocol => 1002,
            Self::BadText => 1007,
            Self::BadPosition | Self::NoPurpose => 4400,
            Self::ResumeExpired => 4410,
            Self::GoingDown | Self::Unresponsive => 1001,
            Self::TryAgain => 1013,
        }
    }

    /// A stable word for the close frame.
    pub fn reason(self) -> &'static str {
        match self {
            Self::NotAuthenticated => "not_authenticated",
            Self::NotAllowed => "not_allowed",
            Self::Unknown => "unknown",
            Self::TooSlow => "too_slow",
            Self::TooLarge => "too_large",
            Self::BadProtocol => "protocol_error",
            Self::BadText => "not_utf8",
            Self::BadPosition => "malformed_position",
            Self::NoPurpose => "purpose_required",
            Self::ResumeExpired => "resume_expired",
            Self::GoingDown => "going_down",
            Self::TryAgain => "try_again",
            Self::Unresponsive => "unresponsive",
        }
    }
}

/// What one event sends where.
#[derive(Debug, Clone)]
pub struct Outgoing {
    pub topic: Topic,
    pub to: To,
    pub frame: Frame,
    /// The connections it reaches are closed after it.
    pub then: Option<Ended>,
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_position_is_the_last_field_of_an_object() {
        let text = |content, position| Frame::encode(&content, position, false).text.to_string();
        let message = json!({"type": "message", "message": "a}\u{0}가"});
        assert_eq!(
            text(message.clone(), Some(7)),
            "{\"message\":\"a}\\u0000가\",\"type\":\"message\",\"position\":7}"
        );
        assert_eq!(text(message.clone(), None), message.to_string());
        assert_eq!(text(json!({}), Some(7)), "{\"position\":7}");
        assert_eq!(text(json!([1]), Some(7)), "[1]");
    }

    #[test]
    fn a_frame_takes_no_more_memory_than_its_text() {
        for length in [0, 100, 1_000, 27_000] {
            let content = json!({"message": "a".repeat(length), "type": "message"});
            let frame = Frame::encode(&content, Some(7), false);
            let bytes = Bytes::from(frame.text);
            let text = Vec::from(bytes);
            assert_eq!(text.capacity(), text.len());
        }
    }
}
