//! Every frame that a client may send, and what comes of it: the table.

use super::consultation::OUTSIDE;

/// What comes of a frame on a connection of somebody who may.
#[derive(Debug, Clone, Copy)]
pub enum Outcome {
    /// They may not: the connection is closed with this code, whatever they send.
    Closed(u16),
    /// The sender is told so, by its code, and nobody else hears of it.
    Refused(&'static str),
    Done {
        /// What the two listeners are told of it; nothing where it is empty.
        told: [&'static str; 2],
        /// The event; none where it is empty.
        recorded: &'static str,
    },
}

impl Outcome {
    /// This, or what it is for somebody whose connection is closed with a code; 0 is none.
    pub fn unless_closed(self, code: u16) -> Self {
        match code {
            0 => self,
            code => Self::Closed(code),
        }
    }
}

/// One frame: the socket, its text and what comes of it.
pub struct Frame {
    pub socket: &'static str,
    pub text: &'static str,
    pub outcome: Outcome,
}

const CHAT: &str = "/chat/ws/{room_id}";
const FEED: &str = "/ws/chat/{room_id}";
const CONSULTATION: &str = "/ws/consultation/{code}";
const BELL: &str = "/ws/counselor/{counselor_id}/notifications";

/// Who comes and who goes is told beside what a frame does; `presence` holds that.
pub const UNHEARD: [&str; 3] = ["user_status", "member_online", "member_offline"];

const NO_FRAME: Outcome = Outcome::Refused("malformed_frame");

const fn frame(socket: &'static str, text: &'static str, outcome: Outcome) -> Frame {
    Frame {
        socket,
        text,
        outcome,
    }
}

const fn done(told: [&'static str; 2], recorded: &'static str) -> Outcome {
    Outcome::Done { told, recorded }
}

/// What is said in a group, as chat and feed tell it.
const SAID: Outcome = done(["message", "message"], "message.sent");
const READ: Outcome = done(["message_read", "read"], "member.read");

/// For those who are in the room all the same; what the listeners are told in chat and in the feed.
pub const IN_GROUPS: &[Frame] = &[
    frame(CHAT, r#"{"type": "message", "content": "말"}"#, SAID),
    frame(
        CHAT,
        r#"{"type": "message", "content": "말", "client_message_id": "MESSAGE"}"#,
        SAID,
    ),
    frame(
        CHAT,
        r#"{"type": "message", "content": "답", "reply_to_message_id": MESSAGE}"#,
        SAID,
    ),
    // A message of a room that is not theirs, or is another one.
    frame(
        CHAT,
        r#"{"type": "message", "content": "답", "reply_to_message_id": ELSEWHERE}"#,
        Outcome::Refused("unknown_message"),
    ),
    frame(
        CHAT,
        r#"{"type": "message", "content": ""}"#,
        Outcome::Refused("invalid"),
    ),
    frame(
        CHAT,
        r#"{"type": "typing", "is_typing": true}"#,
        done(["typing", ""], ""),
    ),
    frame(CHAT, r#"{"type": "read"}"#, READ),
    frame(CHAT, r#"{"type": "read", "message_id": MESSAGE}"#, READ),
    frame(
        CHAT,
        r#"{"type": "read", "message_id": ELSEWHERE}"#,
        Outcome::Refused("unknown_message"),
    ),
    // What only calls do, and what no dialect knows.
    frame(
        CHAT,
        r#"{"type": "edit", "message_id": MESSAGE, "content": "고침"}"#,
        NO_FRAME,
    ),
    frame(
        CHAT,
        r#"{"type": "delete", "message_id": MESSAGE}"#,
        NO_FRAME,
    ),
    frame(
        CHAT,
        r#"{"type": "message_deleted", "message_id": MESSAGE}"#,
        NO_FRAME,
    ),
    frame(
        CHAT,
        r#"{"type": "participant_left", "user_id": PERSON}"#,
        NO_FRAME,
    ),
    frame(CHAT, r#"{"type": "typing"}"#, NO_FRAME),
    frame(CHAT, "{}", NO_FRAME),
    frame(CHAT, "?", NO_FRAME),
    // This one only tells.
    frame(FEED, r#"{"type": "message", "message": "말"}"#, NO_FRAME),
    frame(FEED, r#"{"type": "message", "content": "말"}"#, NO_FRAME),
    frame(FEED, r#"{"type": "typing", "is_typing": true}"#, NO_FRAME),
    frame(FEED, r#"{"type": "read"}"#, NO_FRAME),
    frame(
        FEED,
        r#"{"type": "member_leave", "user_id": PERSON}"#,
        NO_FRAME,
    ),
    frame(FEED, "?", NO_FRAME),
];

/// By close code, 0 for those who are let in. The code alone lets in, as its user.
type Columns = [u16; OUTSIDE + 2];
const TWO: Columns = [0, 4404, 4404, 4404, 4404, 0, 0];
const RUNG: Columns = [4401, 4403, 4403, 4403, 4403, 4403, 0];

const SAID_TO_ONE: Outcome = done(["message", "message"], "message.sent");
const READ_BY_ONE: Outcome = done(["message_read", "message_read"], "member.read");

/// What the other one of the two is told in the consultation and in chat.
pub const IN_CONSULTATIONS: &[(Frame, Columns)] = &[
    (
        frame(
            CONSULTATION,
            r#"{"type": "message", "message": "말"}"#,
            SAID_TO_ONE,
        ),
        TWO,
    ),
    (
        frame(
            CONSULTATION,
            r#"{"type": "message", "data": {"content": "말"}, "clientMessageId": "MESSAGE"}"#,
            SAID_TO_ONE,
        ),
        TWO,
    ),
    (frame(CONSULTATION, r#"{"type": "message"}"#, NO_FRAME), TWO),
    (
        frame(
            CONSULTATION,
            r#"{"type": "message", "message": ""}"#,
            Outcome::Refused("empty_text"),
        ),
        TWO,
    ),
    (
        frame(
            CONSULTATION,
            r#"{"type": "typing", "is_typing": true}"#,
            done(["typing", "typing"], ""),
        ),
        TWO,
    ),
    (
        frame(
            CONSULTATION,
            r#"{"type": "read", "message_id": MESSAGE}"#,
            READ_BY_ONE,
        ),
        TWO,
    ),
    (
        frame(
            CONSULTATION,
            r#"{"type": "read", "message_id": ELSEWHERE}"#,
            Outcome::Refused("unknown_message"),
        ),
        TWO,
    ),
    (frame(CONSULTATION, r#"{"type": "read"}"#, NO_FRAME), TWO),
    (frame(CONSULTATION, r#"{"type": "end"}"#, NO_FRAME), TWO),
    (
        frame(
            CONSULTATION,
            r#"{"type": "status", "status": "completed"}"#,
            NO_FRAME,
        ),
        TWO,
    ),
    (
        frame(
            CONSULTATION,
            r#"{"type": "delete", "message_id": MESSAGE}"#,
            NO_FRAME,
        ),
        TWO,
    ),
    (frame(CONSULTATION, "?", NO_FRAME), TWO),
    (
        frame(BELL, r#"{"type": "message", "message": "말"}"#, NO_FRAME),
        RUNG,
    ),
    (frame(BELL, r#"{"type": "accept"}"#, NO_FRAME), RUNG),
];
