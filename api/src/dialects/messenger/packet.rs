//! The packets of Socket.IO that go out, in the one namespace that there is.

use event_store::Position;
use serde::Serialize;
use serde_json::{Value, json};

use super::engine::Packet;
use crate::error::{ApiError, ErrorShape};
use crate::live::{Ended, Frame};

/// The namespace.
pub(super) const NAMESPACE: &str = "/chat";

/// The event that holds what was missed.
pub(super) const OFFLINE: &str = "messages:offline";

/// The id under which the first event asks to be acknowledged; there is only one such event.
pub(super) const OFFLINE_ACK: i64 = 0;

/// An event that something on record caused.
pub(super) fn durable(event: &str, content: &impl Serialize, position: Position) -> Frame {
    enclosed(event, Frame::durable(content, position))
}

/// An event with an object, or a list, that is encoded already.
pub(super) fn enclosed(event: &str, frame: Frame) -> Frame {
    let text = format!("42{NAMESPACE},[\"{event}\",{}]", frame.text);
    Frame {
        text: text.into(),
        ..frame
    }
}

/// An event whose name stands in its content, under `event`.
pub(super) fn named(frame: Frame) -> Frame {
    let content: Value = serde_json::from_str(&frame.text).unwrap_or_default();
    let Value::Object(mut content) = content else {
        return frame;
    };
    let event = content.remove("event");
    let event = event.as_ref().and_then(Value::as_str).unwrap_or("error");
    let text = Value::Object(content).to_string();
    let text = text.into();
    enclosed(event, Frame { text, ..frame })
}

/// What was missed, a list as JSON, to be acknowledged.
pub(super) fn offline(messages: &str) -> Frame {
    plain(format!(
        "42{NAMESPACE},{OFFLINE_ACK}[\"{OFFLINE}\",{messages}]"
    ))
}

/// The answer to an event that asked for one.
pub(super) fn answer(id: i64, content: &Value) -> Frame {
    plain(format!("43{NAMESPACE},{id}[{content}]"))
}

/// What a client sent was refused.
pub(super) fn refusal(error: &ApiError) -> Frame {
    let body = ErrorShape::Messenger.body(error);
    plain(format!("42{NAMESPACE},[\"error\",{body}]"))
}

/// The acknowledgement of what was refused.
pub(super) fn refused(id: i64, error: &ApiError) -> Frame {
    let body = json!({"ok": false, "error": ErrorShape::Messenger.body(error)});
    answer(id, &body)
}

/// Why a connection ends, before it does.
pub(super) fn ended(ended: Ended) -> Packet {
    let body = json!({"code": ended.reason(), "status": ended.code(), "message": ended.reason()});
    message(format!("42{NAMESPACE},[\"error\",{body}]"))
}

/// The connection is open.
pub(super) fn connected(sid: &str) -> Packet {
    message(format!("40{NAMESPACE},{}", json!({"sid": sid})))
}

/// The connection is not to be one.
pub(super) fn not_connected(ended: Ended) -> Packet {
    let data = json!({"code": ended.reason(), "status": ended.code()});
    let body = json!({"message": ended.reason(), "data": data});
    message(format!("44{NAMESPACE},{body}"))
}

/// There is no such namespace.
pub(super) fn unknown_namespace(namespace: &str) -> Packet {
    let body = json!({"message": "Invalid namespace"});
    match namespace {
        "/" => message(format!("44{body}")),
        other => message(format!("44{other},{body}")),
    }
}

/// The connection ends, and its client is not to come again by itself.
pub(super) fn disconnect() -> Packet {
    message(format!("41{NAMESPACE},"))
}

fn message(text: String) -> Packet {
    Packet::Message(text.into())
}

fn plain(text: String) -> Frame {
    Frame {
        text: text.into(),
        ephemeral: false,
        message: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(packet: Packet) -> String {
        packet.into_texts().map(|text| text.to_string()).collect()
    }

    #[test]
    fn packets_are_those_of_the_protocol() {
        let frame = durable("message:new", &json!({"content": "안녕"}), 7);
        assert_eq!(
            &*frame.text,
            "42/chat,[\"message:new\",{\"content\":\"안녕\",\"position\":7}]"
        );
        let frame = Frame::encode(
            &json!({"event": "typing:start", "roomId": "r"}),
            Some(8),
            true,
        );
        assert_eq!(
            &*named(frame).text,
            "42/chat,[\"typing:start\",{\"position\":8,\"roomId\":\"r\"}]"
        );
        assert_eq!(
            &*answer(3, &json!({"ok": true})).text,
            "43/chat,3[{\"ok\":true}]"
        );
        assert_eq!(text(connected("s")), "40/chat,{\"sid\":\"s\"}");
        assert_eq!(text(disconnect()), "41/chat,");
        assert_eq!(
            text(unknown_namespace("/")),
            "44{\"message\":\"Invalid namespace\"}"
        );
        assert_eq!(
            text(unknown_namespace("/x")),
            "44/x,{\"message\":\"Invalid namespace\"}"
        );
        assert_eq!(&*offline("[]").text, "42/chat,0[\"messages:offline\",[]]");
    }
}
