//! To whom an upload belongs, and when it is gone.

use super::*;
use crate::decide::Decide;
use crate::testing::{Given, given, id, sealed};
use crate::{MessageId, MessageKind, PersonId, Refusal, RoomId, Sealed, UploadId, limits};

const ALICE: PersonId = PersonId(uuid::Uuid::from_u128(1));
const BORA: PersonId = PersonId(uuid::Uuid::from_u128(2));
const HERE: RoomId = RoomId(uuid::Uuid::from_u128(6));
const THERE: RoomId = RoomId(uuid::Uuid::from_u128(7));
const UPLOAD: UploadId = UploadId(uuid::Uuid::from_u128(3));
const MESSAGE: MessageId = MessageId(uuid::Uuid::from_u128(5));

fn details(name: &str) -> Sealed<FileDetails> {
    sealed(FileDetails {
        name: name.to_owned(),
    })
}

fn store(name: &str, size: u64) -> UploadCommand {
    UploadCommand::Store {
        upload: UPLOAD,
        owner: ALICE,
        room: None,
        object: id(4),
        size,
        media_type: "image/png".to_owned(),
        kind: UploadKind::Image,
        details: details(name),
    }
}

fn stored(kind: UploadKind, room: Option<RoomId>) -> UploadEvent {
    UploadEvent::Stored {
        upload: UPLOAD,
        owner: ALICE,
        room,
        object: id(4),
        size: 9,
        media_type: "image/png".to_owned(),
        kind,
        details: details("a.png"),
    }
}

fn attach_as(message_kind: MessageKind, sender: PersonId, room: RoomId) -> UploadCommand {
    UploadCommand::Attach {
        upload: UPLOAD,
        message: MESSAGE,
        message_kind,
        room,
        sender,
    }
}

fn attach(sender: PersonId, room: RoomId) -> UploadCommand {
    attach_as(MessageKind::Image, sender, room)
}

fn attached(room: RoomId) -> UploadEvent {
    UploadEvent::Attached {
        upload: UPLOAD,
        message: MESSAGE,
        room,
    }
}

fn erase(reason: UploadEnd) -> UploadCommand {
    UploadCommand::Erase {
        upload: UPLOAD,
        reason,
    }
}

fn erased(reason: UploadEnd) -> UploadEvent {
    UploadEvent::Erased {
        upload: UPLOAD,
        reason,
    }
}

#[test]
fn a_file_is_stored_once_with_a_name_and_something_in_it() {
    let Given(nothing) = given::<Upload>([]);
    assert!(matches!(
        nothing.decide(store("a.png", 9)).as_deref(),
        Ok([UploadEvent::Stored { size: 9, .. }])
    ));
    given::<Upload>([])
        .when(store("a.png", 0))
        .then_refused(Refusal::EmptyFile);
    let longest = "가".repeat(limits::FILE_NAME_CHARS);
    assert!(nothing.decide(store(&longest, 1)).is_ok());
    for name in [String::new(), format!("{longest}가")] {
        given::<Upload>([])
            .when(store(&name, 1))
            .then_refused(Refusal::FileNameLength);
    }
    given::<Upload>([])
        .when(store("a\0b", 1))
        .then_refused(Refusal::NotAText);
    given::<Upload>([stored(UploadKind::Image, None)])
        .when(store("a.png", 9))
        .then_refused(Refusal::AlreadyRegistered);
}

#[test]
fn one_message_of_its_owner_has_it() {
    let upload = || given::<Upload>([stored(UploadKind::Image, None)]);
    upload().when(attach(ALICE, HERE)).then([attached(HERE)]);
    upload()
        .when(attach(BORA, HERE))
        .then_refused(Refusal::UnknownUpload);
    given::<Upload>([])
        .when(attach(ALICE, HERE))
        .then_refused(Refusal::UnknownUpload);
    let taken = || given::<Upload>([stored(UploadKind::Image, None), attached(HERE)]);
    taken().when(attach(ALICE, HERE)).then_nothing();
    let other = UploadCommand::Attach {
        upload: UPLOAD,
        message: MessageId(id(55)),
        message_kind: MessageKind::Image,
        room: HERE,
        sender: ALICE,
    };
    taken().when(other).then_refused(Refusal::UploadTaken);
}

#[test]
fn what_was_brought_to_one_room_goes_to_no_other() {
    let upload = || given::<Upload>([stored(UploadKind::Image, Some(HERE))]);
    upload().when(attach(ALICE, HERE)).then([attached(HERE)]);
    upload()
        .when(attach(ALICE, THERE))
        .then_refused(Refusal::UnknownUpload);
}

#[test]
fn anything_is_a_file_and_only_sound_is_a_voice_message() {
    for (kind, message_kind, goes) in [
        (UploadKind::Image, MessageKind::Image, true),
        (UploadKind::Image, MessageKind::File, true),
        (UploadKind::Image, MessageKind::Voice, false),
        (UploadKind::File, MessageKind::File, true),
        (UploadKind::File, MessageKind::Image, false),
        (UploadKind::Voice, MessageKind::Voice, true),
        (UploadKind::Voice, MessageKind::Text, false),
        (UploadKind::Voice, MessageKind::Location, false),
    ] {
        let then = given::<Upload>([stored(kind, None)]).when(attach_as(message_kind, ALICE, HERE));
        if goes {
            then.then([attached(HERE)]);
        } else {
            then.then_refused(Refusal::UploadKindDiffers);
        }
    }
}

#[test]
fn what_a_message_has_goes_with_the_messages_day_only() {
    let (never, day) = (UploadEnd::NeverAttached, UploadEnd::DayDestroyed);
    let upload = || given::<Upload>([stored(UploadKind::Image, None)]);
    upload().when(erase(never)).then([erased(never)]);
    let taken = || given::<Upload>([stored(UploadKind::Image, None), attached(HERE)]);
    taken()
        .when(erase(never))
        .then_refused(Refusal::UploadTaken);
    taken()
        .when(erase(UploadEnd::Repeated))
        .then_refused(Refusal::UploadTaken);
    taken().when(erase(day)).then([erased(day)]);
    given::<Upload>([])
        .when(erase(never))
        .then_refused(Refusal::UnknownUpload);
}

#[test]
fn with_whom_it_belongs_to_a_file_goes_whether_sent_or_not() {
    let reason = UploadEnd::SubjectErased;
    for more in [None, Some(attached(HERE))] {
        let stored = [stored(UploadKind::Image, None)];
        given::<Upload>(stored.into_iter().chain(more))
            .when(erase(reason))
            .then([erased(reason)]);
    }
}

#[test]
fn what_is_erased_stays_so() {
    let gone = || {
        given::<Upload>([
            stored(UploadKind::Image, None),
            erased(UploadEnd::NeverAttached),
        ])
    };
    gone().when(erase(UploadEnd::DayDestroyed)).then_nothing();
    gone()
        .when(attach(ALICE, HERE))
        .then_refused(Refusal::UploadErased);
    gone()
        .when(attach(BORA, HERE))
        .then_refused(Refusal::UnknownUpload);
}

#[test]
fn a_state_holds_no_name() {
    let Given(state) = given::<Upload>([stored(UploadKind::Image, None)]);
    assert!(!serde_json::to_string(&state).unwrap().contains("a.png"));
    assert_eq!(state.owner(), Some(ALICE));
    let Given(state) = given::<Upload>([attached(HERE), erased(UploadEnd::Repeated)]);
    assert_eq!(state, Upload::Unknown);
}
