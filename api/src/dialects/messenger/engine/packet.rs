//! The packets of Engine.IO 4, and what is said to whoever does not speak it.

use std::time::Duration;

use axum::Json;
use axum::extract::ws::Utf8Bytes;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// Stands between the packets of one body.
pub(super) const SEPARATOR: char = '\u{1e}';

/// What goes out.
#[derive(Debug)]
pub enum Packet {
    /// With its first character, which says that it is a message.
    Message(Utf8Bytes),
    Ping,
    /// A ping with the message right behind it.
    Probed(Utf8Bytes),
}

impl Packet {
    /// The packets as they go out.
    pub fn into_texts(self) -> impl Iterator<Item = Utf8Bytes> {
        let ping = Utf8Bytes::from_static("2");
        let (first, second) = match self {
            Self::Message(text) => (text, None),
            Self::Ping => (ping, None),
            Self::Probed(text) => (ping, Some(text)),
        };
        std::iter::once(first).chain(second)
    }
}

/// The first packet that a client is sent.
pub(super) fn opened(
    id: &str,
    is_websocket: bool,
    ping_interval: Duration,
    max_bytes: usize,
) -> Packet {
    let upgrades: &[&str] = if is_websocket { &[] } else { &["websocket"] };
    let interval_ms = u64::try_from(ping_interval.as_millis()).unwrap_or(u64::MAX);
    let content = json!({
        "sid": id, "upgrades": upgrades, "pingInterval": interval_ms,
        "pingTimeout": interval_ms, "maxPayload": max_bytes,
    });
    Packet::Message(format!("0{content}").into())
}

/// What comes in.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard<'a> {
    Goodbye,
    Pong,
    Message(&'a str),
    /// Base64.
    Binary(&'a str),
}

impl<'a> Heard<'a> {
    /// None where no client sends such a packet.
    pub fn of(text: &'a str) -> Option<Self> {
        match text.chars().next()? {
            '1' if text.len() == 1 => Some(Self::Goodbye),
            '3' if text.len() == 1 => Some(Self::Pong),
            '4' => Some(Self::Message(&text[1..])),
            'b' => Some(Self::Binary(&text[1..])),
            _ => None,
        }
    }
}

/// Why a request is none of Engine.IO.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
    UnknownTransport,
    UnknownSession,
    BadHandshakeMethod,
    BadRequest,
    UnsupportedVersion,
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let (code, message) = match self {
            Self::UnknownTransport => (0, "Transport unknown"),
            Self::UnknownSession => (1, "Session ID unknown"),
            Self::BadHandshakeMethod => (2, "Bad handshake method"),
            Self::BadRequest => (3, "Bad request"),
            Self::UnsupportedVersion => (5, "Unsupported protocol version"),
        };
        let body = Json(json!({"code": code, "message": message}));
        (StatusCode::BAD_REQUEST, body).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_client_sends_is_not_taken() {
        assert_eq!(Heard::of("4안녕"), Some(Heard::Message("안녕")));
        assert_eq!(Heard::of("3"), Some(Heard::Pong));
        for text in ["", "2", "2probe", "5", "6", "0{}", "33", "11", "é", "7"] {
            assert_eq!(Heard::of(text), None, "{text}");
        }
    }
}
