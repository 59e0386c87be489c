//! The packets of Engine.IO 4 and Socket.IO 5 that a client hears over a WebSocket.

use crate::failure::Failure;

/// Engine.IO's answer to a ping.
pub const PONG: &str = "3";

#[derive(Debug, PartialEq, Eq)]
pub enum Packet<'a> {
    /// Engine.IO's handshake.
    Open,
    /// Engine.IO's ping, which wants [`PONG`].
    Ping,
    /// The namespace was entered.
    Connected,
    /// An event's name and arguments, as JSON.
    Event(&'a str),
    /// The answer to the event that was sent with this id.
    Answer { id: u64, content: &'a str },
}

/// The namespace of the real server; the baseline has the default one.
pub const NAMESPACE: &str = "/chat,";

/// Reads one packet; a refusal is a failure.
pub fn read(frame: &str) -> Result<Packet<'_>, Failure> {
    let wrong = |what: &str| Failure::Wrong(format!("{what}: {frame}"));
    let mut kinds = frame.chars();
    match (kinds.next(), kinds.next()) {
        (Some('0'), _) => Ok(Packet::Open),
        (Some('2'), None) => Ok(Packet::Ping),
        (Some('4'), Some('0')) => Ok(Packet::Connected),
        (Some('4'), Some('2')) => Ok(Packet::Event(within(&frame[2..]))),
        (Some('4'), Some('3')) => {
            let body = within(&frame[2..]);
            let digits = body.find('[').ok_or_else(|| wrong("no answer"))?;
            let (id, content) = body.split_at(digits);
            if content.starts_with(r#"[{"error":"#) || content.contains(r#""ok":false"#) {
                return Err(wrong("a message was refused"));
            }
            let id = id.parse().map_err(|_| wrong("no id"))?;
            Ok(Packet::Answer { id, content })
        }
        (Some('4'), Some('4')) => Err(wrong("the namespace refused")),
        _ => Err(wrong("an unknown packet")),
    }
}

/// What follows the namespace.
fn within(body: &str) -> &str {
    body.strip_prefix(NAMESPACE).unwrap_or(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_packets_of_a_session_are_told_apart() {
        let read = |frame| read(frame).unwrap();
        assert_eq!(read(r#"0{"sid":"x","pingInterval":25000}"#), Packet::Open);
        assert_eq!(read(r#"40{"sid":"y"}"#), Packet::Connected);
        assert_eq!(read("2"), Packet::Ping);
        let event = r#"["message",{"content":"a"}]"#;
        let frame = format!("42{event}");
        assert_eq!(read(&frame), Packet::Event(event));
        let content = r#"[{"message_id":9}]"#;
        let answer = Packet::Answer { id: 1_204, content };
        let frame = format!("431204{content}");
        assert_eq!(read(&frame), answer);
        let frame = format!("43/chat,1204{content}");
        assert_eq!(read(&frame), answer);
    }

    #[test]
    fn a_refusal_and_what_is_unknown_are_failures() {
        for frame in [
            r#"44{"message":"unauthorized"}"#,
            r#"437[{"error":"join the room first"}]"#,
            r#"43/chat,7[{"error":{"statusCode":404},"ok":false}]"#,
            "43[]",
            "6",
            "",
        ] {
            assert!(read(frame).is_err(), "{frame}");
        }
    }
}
