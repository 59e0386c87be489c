//! What a message may say.

use super::*;
use crate::testing::{Given, given, id, sealed};
use crate::{MessageId, PersonId, Refusal, RoomId, Sealed, limits};

const ALICE: PersonId = PersonId(uuid::Uuid::from_u128(1));
const BORA: PersonId = PersonId(uuid::Uuid::from_u128(2));

fn body(text: &str) -> Sealed<MessageBody> {
    sealed(MessageBody {
        text: text.to_owned(),
        client_message_id: None,
    })
}

fn send(sender: PersonId, kind: MessageKind, text: &str) -> MessageCommand {
    MessageCommand::Send {
        message: MessageId(id(5)),
        room: RoomId(id(6)),
        sender,
        kind,
        reply_to: None,
        body: body(text),
    }
}

fn sent(message_kind: MessageKind, text: &str) -> MessageEvent {
    MessageEvent::Sent {
        message: MessageId(id(5)),
        room: RoomId(id(6)),
        sender: ALICE,
        message_kind,
        reply_to: None,
        body: body(text),
    }
}

#[test]
fn a_text_is_sent_as_it_is() {
    for text in ["안녕", " ", "👩‍👩‍👧", "a\nb"] {
        let kind = MessageKind::Text;
        given::<Message>([])
            .when(send(ALICE, kind, text))
            .then([sent(kind, text)]);
    }
}

#[test]
fn only_a_file_needs_no_text() {
    for kind in [MessageKind::Text, MessageKind::Location] {
        given::<Message>([])
            .when(send(ALICE, kind, ""))
            .then_refused(Refusal::EmptyText);
    }
    for kind in [MessageKind::Image, MessageKind::File, MessageKind::Voice] {
        given::<Message>([])
            .when(send(ALICE, kind, ""))
            .then([sent(kind, "")]);
    }
}

#[test]
fn a_text_has_at_most_10_000_characters() {
    let kind = MessageKind::Text;
    let longest = "가".repeat(limits::TEXT_CHARS);
    given::<Message>([])
        .when(send(ALICE, kind, &longest))
        .then([sent(kind, &longest)]);
    given::<Message>([])
        .when(send(ALICE, kind, &format!("{longest}가")))
        .then_refused(Refusal::TextTooLong);
    given::<Message>([])
        .when(send(ALICE, MessageKind::File, &format!("{longest}가")))
        .then_refused(Refusal::TextTooLong);
}

#[test]
fn a_text_without_sense_for_a_store_is_refused() {
    given::<Message>([])
        .when(send(ALICE, MessageKind::Text, "a\0b"))
        .then_refused(Refusal::NotAText);
}

#[test]
fn a_clients_own_id_is_bounded() {
    let long = sealed(MessageBody {
        text: "안녕".to_owned(),
        client_message_id: Some("x".repeat(limits::CLIENT_MESSAGE_ID_CHARS + 1)),
    });
    let MessageCommand::Send {
        message,
        room,
        sender,
        kind,
        reply_to,
        ..
    } = send(ALICE, MessageKind::Text, "안녕");
    given::<Message>([])
        .when(MessageCommand::Send {
            message,
            room,
            sender,
            kind,
            reply_to,
            body: long,
        })
        .then_refused(Refusal::ClientMessageIdTooLong);
}

#[test]
fn a_message_is_sent_once() {
    let kind = MessageKind::Text;
    given::<Message>([sent(kind, "안녕")])
        .when(send(ALICE, kind, "안녕"))
        .then_nothing();
    given::<Message>([sent(kind, "안녕")])
        .when(send(BORA, kind, "안녕"))
        .then_refused(Refusal::AlreadyRegistered);
}

#[test]
fn a_state_holds_no_text() {
    let Given(state) = given::<Message>([sent(MessageKind::Text, "비밀")]);
    assert!(!serde_json::to_string(&state).unwrap().contains("비밀"));
    assert_eq!(state.room(), Some(RoomId(id(6))));
    assert_eq!(state.sender(), Some(ALICE));
}
