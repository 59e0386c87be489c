//! What a message may say.

use super::*;
use crate::testing::{Given, given, id, sealed};
use crate::{MessageId, PersonId, Refusal, RoomId, Sealed, UploadId, limits};

const ALICE: PersonId = PersonId(uuid::Uuid::from_u128(1));
const BORA: PersonId = PersonId(uuid::Uuid::from_u128(2));

fn body(text: &str) -> Sealed<MessageBody> {
    sealed(MessageBody {
        text: text.to_owned(),
        ..MessageBody::default()
    })
}

fn send(sender: PersonId, kind: MessageKind, text: &str) -> MessageCommand {
    MessageCommand::Send {
        message: MessageId(id(5)),
        room: RoomId(id(6)),
        sender,
        kind,
        reply_to: None,
        file: None,
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
        reply_number: None,
        file: None,
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

/// The same with a file.
fn with_file(mut command: MessageCommand) -> MessageCommand {
    if let MessageCommand::Send { file, .. } = &mut command {
        *file = Some(UploadId(id(7)));
    }
    command
}

/// The same at a place.
fn at(mut command: MessageCommand, place: Location) -> MessageCommand {
    if let MessageCommand::Send { body, .. } = &mut command {
        *body = sealed(MessageBody {
            location: Some(place),
            ..body.get().cloned().unwrap()
        });
    }
    command
}

#[test]
fn only_a_file_needs_no_text() {
    for kind in [MessageKind::Text, MessageKind::Image, MessageKind::File] {
        given::<Message>([])
            .when(send(ALICE, kind, ""))
            .then_refused(Refusal::EmptyText);
    }
    for kind in [MessageKind::Image, MessageKind::File, MessageKind::Voice] {
        let Ok(events) = given::<Message>([])
            .when(with_file(send(ALICE, kind, "")))
            .0
        else {
            panic!("a file without a text is refused as {kind:?}");
        };
        let [MessageEvent::Sent { file, .. }] = events.as_slice() else {
            panic!("{events:?}");
        };
        assert_eq!(*file, Some(UploadId(id(7))));
    }
}

#[test]
fn a_file_is_an_image_a_file_or_a_voice() {
    for kind in [MessageKind::Text, MessageKind::Location] {
        given::<Message>([])
            .when(with_file(send(ALICE, kind, "안녕")))
            .then_refused(Refusal::FileMismatch);
    }
}

fn place(latitude: f64, longitude: f64, label: &str) -> Location {
    Location {
        latitude,
        longitude,
        label: Some(label.to_owned()),
    }
}

#[test]
fn a_location_is_on_the_earth() {
    let from = |place| at(send(ALICE, MessageKind::Location, "여기"), place);
    let label = "가".repeat(limits::LOCATION_LABEL_CHARS);
    for (latitude, longitude) in [(90.0, 180.0), (-90.0, -180.0), (37.5665, 126.978)] {
        let outcome = given::<Message>([])
            .when(from(place(latitude, longitude, &label)))
            .0;
        assert!(outcome.is_ok(), "{latitude} {longitude}: {outcome:?}");
    }
    for (latitude, longitude) in [
        (90.001, 0.0),
        (0.0, -180.001),
        (f64::NAN, 0.0),
        (0.0, f64::INFINITY),
    ] {
        given::<Message>([])
            .when(from(place(latitude, longitude, "")))
            .then_refused(Refusal::LocationOutOfRange);
    }
    given::<Message>([])
        .when(from(place(0.0, 0.0, &format!("{label}가"))))
        .then_refused(Refusal::LocationOutOfRange);
    given::<Message>([])
        .when(from(place(0.0, 0.0, "a\0")))
        .then_refused(Refusal::NotAText);
}

#[test]
fn a_location_message_has_a_location_and_no_other_has() {
    given::<Message>([])
        .when(send(ALICE, MessageKind::Location, "여기"))
        .then_refused(Refusal::LocationMismatch);
    let text = send(ALICE, MessageKind::Text, "여기");
    given::<Message>([])
        .when(at(text, place(0.0, 0.0, "")))
        .then_refused(Refusal::LocationMismatch);
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
        .when(with_file(send(
            ALICE,
            MessageKind::File,
            &format!("{longest}가"),
        )))
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
        ..MessageBody::default()
    });
    let MessageCommand::Send {
        message,
        room,
        sender,
        kind,
        reply_to,
        file,
        ..
    } = send(ALICE, MessageKind::Text, "안녕")
    else {
        panic!("it is sent");
    };
    given::<Message>([])
        .when(MessageCommand::Send {
            message,
            room,
            sender,
            kind,
            reply_to,
            file,
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

fn edit(by: PersonId, text: &str) -> MessageCommand {
    MessageCommand::Edit {
        message: MessageId(id(5)),
        by,
        number: 42,
        body: body(text),
    }
}

fn edited(text: &str) -> MessageEvent {
    MessageEvent::Edited {
        message: MessageId(id(5)),
        room: RoomId(id(6)),
        sender: ALICE,
        number: 42,
        body: body(text),
    }
}

fn delete(by: PersonId, creator: Option<PersonId>) -> MessageCommand {
    MessageCommand::Delete {
        message: MessageId(id(5)),
        by,
        creator,
        number: 42,
    }
}

fn deleted(by: PersonId) -> MessageEvent {
    MessageEvent::Deleted {
        message: MessageId(id(5)),
        room: RoomId(id(6)),
        sender: ALICE,
        by,
        number: 42,
    }
}

fn hello(more: impl IntoIterator<Item = MessageEvent>) -> Given<Message> {
    given::<Message>([sent(MessageKind::Text, "안녕")].into_iter().chain(more))
}

#[test]
fn only_its_sender_edits_a_message() {
    hello([])
        .when(edit(ALICE, "안녕히"))
        .then([edited("안녕히")]);
    hello([edited("안녕히")])
        .when(edit(ALICE, "안녕"))
        .then([edited("안녕")]);
    hello([])
        .when(edit(BORA, "안녕히"))
        .then_refused(Refusal::NotTheSender);
    given::<Message>([])
        .when(edit(ALICE, "안녕히"))
        .then_refused(Refusal::UnknownMessage);
}

#[test]
fn an_edit_is_a_text_like_any_other() {
    hello([])
        .when(edit(ALICE, ""))
        .then_refused(Refusal::EmptyText);
    hello([])
        .when(edit(ALICE, &"가".repeat(limits::TEXT_CHARS + 1)))
        .then_refused(Refusal::TextTooLong);
    hello([])
        .when(edit(ALICE, "a\0"))
        .then_refused(Refusal::NotAText);
}

#[test]
fn a_message_is_edited_so_often_and_no_more() {
    let edits = limits::EDITS as usize;
    hello(vec![edited("a"); edits - 1])
        .when(edit(ALICE, "b"))
        .then([edited("b")]);
    hello(vec![edited("a"); edits])
        .when(edit(ALICE, "b"))
        .then_refused(Refusal::TooManyEdits);
}

#[test]
fn a_message_is_deleted_by_its_sender_or_whoever_opened_the_room() {
    hello([]).when(delete(ALICE, None)).then([deleted(ALICE)]);
    hello([])
        .when(delete(BORA, Some(BORA)))
        .then([deleted(BORA)]);
    for creator in [None, Some(ALICE)] {
        hello([])
            .when(delete(BORA, creator))
            .then_refused(Refusal::NotTheSender);
    }
    given::<Message>([])
        .when(delete(ALICE, None))
        .then_refused(Refusal::UnknownMessage);
}

#[test]
fn what_is_deleted_stays_so() {
    hello([deleted(ALICE)])
        .when(delete(ALICE, None))
        .then_nothing();
    hello([deleted(ALICE)])
        .when(edit(ALICE, "다시"))
        .then_refused(Refusal::MessageDeleted);
    hello([deleted(ALICE)])
        .when(send(ALICE, MessageKind::Text, "안녕"))
        .then_nothing();
    let Given(state) = hello([deleted(ALICE), edited("다시")]);
    assert!(state.is_deleted());
    assert_eq!(state.sender(), Some(ALICE));
}

#[test]
fn an_answer_names_what_it_answers_by_id_and_number() {
    let original = Original {
        message: MessageId(id(8)),
        number: 41,
    };
    let mut command = send(BORA, MessageKind::Text, "네");
    if let MessageCommand::Send { reply_to, .. } = &mut command {
        *reply_to = Some(original);
    }
    let events = given::<Message>([]).when(command).0.unwrap();
    let [
        MessageEvent::Sent {
            reply_to,
            reply_number,
            ..
        },
    ] = events.as_slice()
    else {
        panic!("{events:?}");
    };
    assert_eq!(
        (*reply_to, *reply_number),
        (Some(original.message), Some(41))
    );
}

/// The same with the address of something elsewhere.
fn linked(mut command: MessageCommand, link: &str) -> MessageCommand {
    if let MessageCommand::Send { body, .. } = &mut command {
        *body = sealed(MessageBody {
            link: Some(link.to_owned()),
            ..body.get().cloned().unwrap()
        });
    }
    command
}

#[test]
fn what_a_message_shows_elsewhere_has_an_address_of_the_web() {
    for (kind, text) in [(MessageKind::Text, "보세요"), (MessageKind::Image, "")] {
        let sent = given::<Message>([]).when(linked(
            send(ALICE, kind, text),
            "https://example.com/image.jpg",
        ));
        assert!(sent.0.is_ok(), "{kind:?}");
    }
    let long = format!("https://example.com/{}", "a".repeat(limits::LINK_CHARS));
    for link in ["", "javascript:alert(1)", "/files/x", "httpx://a", &long] {
        given::<Message>([])
            .when(linked(send(ALICE, MessageKind::Text, "보세요"), link))
            .then_refused(Refusal::LinkNotAllowed);
    }
    let link = "http://example.com/a";
    for wrong in [
        send(ALICE, MessageKind::Voice, "보세요"),
        with_file(send(ALICE, MessageKind::Image, "보세요")),
    ] {
        given::<Message>([])
            .when(linked(wrong, link))
            .then_refused(Refusal::LinkNotAllowed);
    }
}
