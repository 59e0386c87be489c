//! Marks never go back.

use super::*;
use crate::testing::{Given, given, id};
use crate::{MessageId, PersonId, RoomId};

const ROOM: RoomId = RoomId(uuid::Uuid::from_u128(1));
const PERSON: PersonId = PersonId(uuid::Uuid::from_u128(2));

fn read(number: u64) -> MemberEvent {
    let message = MessageId(id(number.into()));
    MemberEvent::Read {
        room: ROOM,
        person: PERSON,
        message,
        number,
    }
}

fn mark_read(number: u64) -> MemberCommand {
    let message = MessageId(id(number.into()));
    MemberCommand::MarkRead {
        room: ROOM,
        person: PERSON,
        message,
        number,
    }
}

fn delivered(number: u64) -> MemberEvent {
    MemberEvent::Delivered {
        room: ROOM,
        person: PERSON,
        number,
    }
}

fn mark_delivered(number: u64) -> MemberCommand {
    MemberCommand::MarkDelivered {
        room: ROOM,
        person: PERSON,
        number,
    }
}

#[test]
fn a_read_mark_moves_on_and_never_back() {
    given::<Member>([]).when(mark_read(5)).then([read(5)]);
    given::<Member>([read(5)])
        .when(mark_read(6))
        .then([read(6)]);
    given::<Member>([read(5)]).when(mark_read(5)).then_nothing();
    given::<Member>([read(5)]).when(mark_read(4)).then_nothing();
}

#[test]
fn a_delivered_mark_moves_on_and_never_back() {
    given::<Member>([])
        .when(mark_delivered(5))
        .then([delivered(5)]);
    given::<Member>([delivered(5), read(9)])
        .when(mark_delivered(6))
        .then([delivered(6)]);
    given::<Member>([delivered(5)])
        .when(mark_delivered(5))
        .then_nothing();
}

#[test]
fn unexpected_events_change_nothing() {
    let Given(state) = given::<Member>([read(5), delivered(5), read(3), delivered(3)]);
    assert_eq!(state.read_mark(), Some((MessageId(id(5)), 5)));
    assert_eq!(state.delivered_mark(), 5);
    let json = serde_json::to_string(&state).unwrap();
    assert_eq!(serde_json::from_str::<Member>(&json).unwrap(), state);
}

fn set(notification: Option<bool>, read_receipt: Option<bool>) -> MemberCommand {
    MemberCommand::ChangeSettings {
        room: ROOM,
        person: PERSON,
        notification_enabled: notification,
        read_receipt_enabled: read_receipt,
    }
}

fn are(notification_enabled: bool, read_receipt_enabled: bool) -> MemberEvent {
    MemberEvent::SettingsChanged {
        room: ROOM,
        person: PERSON,
        notification_enabled,
        read_receipt_enabled,
    }
}

#[test]
fn everything_is_on_until_it_is_turned_off() {
    given::<Member>([])
        .when(set(Some(true), Some(true)))
        .then_nothing();
    given::<Member>([]).when(set(None, None)).then_nothing();
    given::<Member>([])
        .when(set(Some(false), None))
        .then([are(false, true)]);
}

#[test]
fn what_is_not_named_stays_as_it_is() {
    given::<Member>([are(false, true)])
        .when(set(None, Some(false)))
        .then([are(false, false)]);
    given::<Member>([are(false, false), are(true, false)])
        .when(set(Some(false), None))
        .then([are(false, false)]);
}
