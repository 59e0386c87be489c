//! Who is in a room, who may send, and under which keys.

use jiff::civil::date;

use super::*;
use crate::testing::{Given, given, id};
use crate::{AccountId, Bucket, ConsultationId, PersonId, Refusal, RoomId, SealedUnder, Subject};

const ALICE: PersonId = PersonId(uuid::Uuid::from_u128(1));
const BORA: PersonId = PersonId(uuid::Uuid::from_u128(2));
const CHAN: PersonId = PersonId(uuid::Uuid::from_u128(3));
const TALK: RoomKind = RoomKind::Consultation(ConsultationId(uuid::Uuid::from_u128(9)));

fn opened(room_kind: RoomKind, max_participants: u32) -> RoomEvent {
    RoomEvent::Opened {
        room_kind,
        creator: ALICE,
        max_participants,
    }
}

fn open(kind: RoomKind, max_participants: u32) -> RoomCommand {
    RoomCommand::Open {
        kind,
        creator: ALICE,
        max_participants,
    }
}

fn added(person: PersonId) -> RoomEvent {
    RoomEvent::MemberAdded {
        person,
        role: MemberRole::Member,
    }
}

fn add(person: PersonId) -> RoomCommand {
    RoomCommand::AddMember {
        person,
        role: MemberRole::Member,
    }
}

fn removed(person: PersonId) -> RoomEvent {
    RoomEvent::MemberRemoved { person }
}

fn group(more: impl IntoIterator<Item = RoomEvent>) -> Given<Room> {
    given::<Room>([opened(RoomKind::Group, 3)].into_iter().chain(more))
}

fn talk(more: impl IntoIterator<Item = RoomEvent>) -> Given<Room> {
    given::<Room>([opened(TALK, 2)].into_iter().chain(more))
}

#[test]
fn a_room_is_opened_once() {
    given::<Room>([])
        .when(open(TALK, 2))
        .then([opened(TALK, 2)]);
    talk([]).when(open(TALK, 2)).then_nothing();
    talk([])
        .when(open(RoomKind::Direct, 2))
        .then_refused(Refusal::AlreadyRegistered);
    talk([RoomEvent::Closed {}])
        .when(open(TALK, 2))
        .then_refused(Refusal::RoomClosed);
}

#[test]
fn a_room_of_two_is_of_two() {
    for (kind, max) in [(RoomKind::Direct, 3), (TALK, 1), (RoomKind::Group, 0)] {
        given::<Room>([])
            .when(open(kind, max))
            .then_refused(Refusal::ParticipantsOutOfRange);
    }
}

#[test]
fn a_member_is_added_once() {
    group([]).when(add(ALICE)).then([added(ALICE)]);
    group([added(ALICE)]).when(add(ALICE)).then_nothing();
    group([added(ALICE)])
        .when(RoomCommand::AddMember {
            person: ALICE,
            role: MemberRole::Owner,
        })
        .then_refused(Refusal::AlreadyAMember);
    given::<Room>([])
        .when(add(ALICE))
        .then_refused(Refusal::UnknownRoom);
}

#[test]
fn a_full_room_takes_nobody_more_until_somebody_left() {
    let full = [added(ALICE), added(BORA)];
    talk(full.clone())
        .when(add(CHAN))
        .then_refused(Refusal::RoomFull);
    talk(full.into_iter().chain([removed(BORA)]))
        .when(add(CHAN))
        .then([added(CHAN)]);
}

#[test]
fn a_member_is_removed_once() {
    group([added(ALICE)])
        .when(RoomCommand::RemoveMember { person: ALICE })
        .then([removed(ALICE)]);
    group([])
        .when(RoomCommand::RemoveMember { person: ALICE })
        .then_nothing();
}

#[test]
fn a_closed_room_takes_nobody_and_is_closed_once() {
    group([])
        .when(RoomCommand::Close)
        .then([RoomEvent::Closed {}]);
    group([RoomEvent::Closed {}])
        .when(RoomCommand::Close)
        .then_nothing();
    group([RoomEvent::Closed {}])
        .when(add(ALICE))
        .then_refused(Refusal::RoomClosed);
    group([added(ALICE), RoomEvent::Closed {}])
        .when(RoomCommand::RemoveMember { person: ALICE })
        .then([removed(ALICE)]);
}

#[test]
fn only_present_members_of_an_open_room_may_send() {
    assert_eq!(Room::default().may_send(ALICE), Err(Refusal::UnknownRoom));
    assert_eq!(group([added(ALICE)]).0.may_send(ALICE), Ok(()));
    assert_eq!(
        group([added(ALICE)]).0.may_send(BORA),
        Err(Refusal::NotAMember)
    );
    let left = group([added(ALICE), removed(ALICE)]).0;
    assert_eq!(left.may_send(ALICE), Err(Refusal::NotAMember));
    let Given(closed) = group([added(ALICE), RoomEvent::Closed {}]);
    assert_eq!(closed.may_send(ALICE), Err(Refusal::RoomClosed));
    assert_eq!(closed.may_send(BORA), Err(Refusal::NotAMember));
    assert!(!closed.is_open());
}

#[test]
fn in_a_consultation_nobody_speaks_to_an_empty_chair() {
    assert_eq!(
        talk([added(ALICE)]).0.may_send(ALICE),
        Err(Refusal::NotActive)
    );
    assert_eq!(talk([added(ALICE), added(BORA)]).0.may_send(ALICE), Ok(()));
    let Given(given_back) = talk([added(ALICE), added(BORA), removed(BORA)]);
    assert_eq!(given_back.may_send(ALICE), Err(Refusal::NotActive));
}

#[test]
fn texts_of_a_consultation_are_sealed_under_it_and_others_under_author_room_and_day() {
    let (room, day) = (RoomId(id(5)), date(2026, 11, 21));
    let consultation = Subject::Consultation(ConsultationId(id(9)));
    assert_eq!(
        talk([]).0.sealing(room, BORA, day),
        Some(SealedUnder {
            subject: consultation,
            bucket: None
        })
    );
    assert_eq!(
        group([]).0.sealing(room, BORA, day),
        Some(SealedUnder {
            subject: Subject::Account(AccountId(BORA.0)),
            bucket: Some(Bucket::RoomDay(room, day)),
        })
    );
    assert_eq!(Room::default().sealing(room, BORA, day), None);
}

#[test]
fn a_state_survives_a_snapshot() {
    let Given(state) = talk([added(ALICE), added(BORA)]);
    let json = serde_json::to_string(&state).unwrap();
    assert_eq!(serde_json::from_str::<Room>(&json).unwrap(), state);
    assert_eq!(state.members().count(), 2);
    assert_eq!(state.kind(), Some(TALK));
    assert_eq!(state.creator(), Some(ALICE));
}
