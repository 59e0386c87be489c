//! Who is in a room, who may send, and under which keys.

use jiff::civil::date;

use super::*;
use crate::testing::{Given, given, id, sealed};
use crate::{
    AccountId, Bucket, ConsultationId, PersonId, Refusal, RoomId, SealedUnder, Subject, limits,
};

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

fn invite(by: PersonId, person: PersonId) -> RoomCommand {
    RoomCommand::Invite { by, person }
}

fn dismiss(by: PersonId, person: PersonId) -> RoomCommand {
    RoomCommand::Dismiss { by, person }
}

fn of_two(kind: RoomKind) -> Given<Room> {
    given::<Room>([opened(kind, 2), added(ALICE), added(BORA)])
}

#[test]
fn every_member_brings_people_into_a_group() {
    for by in [ALICE, BORA] {
        group([added(ALICE), added(BORA)])
            .when(invite(by, CHAN))
            .then([added(CHAN)]);
    }
    group([added(ALICE)])
        .when(invite(BORA, CHAN))
        .then_refused(Refusal::NotAMember);
    given::<Room>([])
        .when(invite(ALICE, CHAN))
        .then_refused(Refusal::UnknownRoom);
}

#[test]
fn who_is_in_a_group_stays_as_they_are_when_they_are_brought_in_again() {
    let owner = RoomEvent::MemberAdded {
        person: ALICE,
        role: MemberRole::Owner,
    };
    group([owner, added(BORA)])
        .when(invite(BORA, ALICE))
        .then_nothing();
}

#[test]
fn nobody_is_brought_into_a_full_closed_or_other_kind_of_room() {
    let (dana, full) = (PersonId(id(4)), [added(ALICE), added(BORA), added(CHAN)]);
    group(full)
        .when(invite(ALICE, dana))
        .then_refused(Refusal::RoomFull);
    group([added(ALICE), RoomEvent::Closed {}])
        .when(invite(ALICE, BORA))
        .then_refused(Refusal::RoomClosed);
    of_two(RoomKind::Direct)
        .when(invite(ALICE, CHAN))
        .then_refused(Refusal::NotAGroup);
    of_two(TALK)
        .when(invite(ALICE, CHAN))
        .then_refused(Refusal::RoomOfConsultation);
}

#[test]
fn somebody_leaves_or_is_sent_away_by_the_creator() {
    let all = [added(ALICE), added(BORA), added(CHAN)];
    let group = || group(all.clone());
    group().when(dismiss(BORA, BORA)).then([removed(BORA)]);
    group().when(dismiss(ALICE, BORA)).then([removed(BORA)]);
    group().when(dismiss(ALICE, ALICE)).then([removed(ALICE)]);
    group()
        .when(dismiss(BORA, CHAN))
        .then_refused(Refusal::NotTheCreator);
    group()
        .when(dismiss(PersonId(id(4)), CHAN))
        .then_refused(Refusal::NotAMember);
    group().when(dismiss(ALICE, PersonId(id(4)))).then_nothing();
    of_two(RoomKind::Direct)
        .when(dismiss(BORA, BORA))
        .then([removed(BORA)]);
    of_two(TALK)
        .when(dismiss(BORA, BORA))
        .then_refused(Refusal::RoomOfConsultation);
}

#[test]
fn a_creator_who_left_sends_nobody_away() {
    group([added(ALICE), added(BORA), removed(ALICE)])
        .when(dismiss(ALICE, BORA))
        .then_refused(Refusal::NotAMember);
}

fn described(name: &str, description: &str) -> RoomEvent {
    RoomEvent::Described {
        text: sealed(text(name, description)),
    }
}

fn text(name: &str, description: &str) -> RoomText {
    RoomText {
        name: Some(name.to_owned()),
        description: Some(description.to_owned()),
    }
}

fn describe(by: PersonId, name: &str, description: &str) -> RoomCommand {
    RoomCommand::Describe {
        by,
        text: sealed(text(name, description)),
    }
}

#[test]
fn a_group_is_described_by_its_creator() {
    let two = || group([added(ALICE), added(BORA)]);
    two()
        .when(describe(ALICE, "모임", ""))
        .then([described("모임", "")]);
    two()
        .when(describe(BORA, "모임", ""))
        .then_refused(Refusal::NotTheCreator);
    two()
        .when(describe(CHAN, "모임", ""))
        .then_refused(Refusal::NotAMember);
    of_two(RoomKind::Direct)
        .when(describe(ALICE, "모임", ""))
        .then_refused(Refusal::NotAGroup);
}

#[test]
fn what_a_room_says_of_itself_is_bounded() {
    let (name, longest) = (
        "가".repeat(limits::ROOM_NAME_CHARS),
        "가".repeat(limits::ROOM_DESCRIPTION_CHARS),
    );
    group([added(ALICE)])
        .when(describe(ALICE, &name, &longest))
        .then([described(&name, &longest)]);
    for (name, description, refusal) in [
        (format!("{name}가"), String::new(), Refusal::RoomTextLength),
        (String::new(), String::new(), Refusal::RoomTextLength),
        (name, format!("{longest}가"), Refusal::RoomTextLength),
        ("a\0".to_owned(), String::new(), Refusal::NotAText),
    ] {
        group([added(ALICE)])
            .when(describe(ALICE, &name, &description))
            .then_refused(refusal);
    }
}

#[test]
fn only_a_group_seals_a_text_of_its_own() {
    let room = RoomId(id(5));
    assert_eq!(
        group([]).0.sealing_its_text(room),
        Some(SealedUnder {
            subject: Subject::Account(AccountId(ALICE.0)),
            bucket: Some(Bucket::Room(room)),
        })
    );
    assert_eq!(of_two(RoomKind::Direct).0.sealing_its_text(room), None);
    assert_eq!(talk([]).0.sealing_its_text(room), None);
}

fn set(by: PersonId, days: Option<u16>, auto_delete: Option<bool>) -> RoomCommand {
    RoomCommand::SetRetention {
        by,
        days,
        auto_delete,
    }
}

fn retention(days: u16, auto_delete: bool) -> RoomEvent {
    RoomEvent::RetentionSet { days, auto_delete }
}

#[test]
fn the_creator_says_for_how_long_messages_are_kept() {
    let two = |more: &[RoomEvent]| {
        let all = [added(ALICE), added(BORA)];
        group(all.into_iter().chain(more.iter().cloned()))
    };
    two(&[])
        .when(set(ALICE, Some(30), None))
        .then([retention(30, false)]);
    two(&[retention(30, false)])
        .when(set(ALICE, None, Some(true)))
        .then([retention(30, true)]);
    two(&[retention(30, true)])
        .when(set(ALICE, Some(30), Some(true)))
        .then_nothing();
    two(&[])
        .when(set(ALICE, Some(365), Some(false)))
        .then_nothing();
    two(&[])
        .when(set(BORA, Some(30), None))
        .then_refused(Refusal::NotTheCreator);
    two(&[])
        .when(set(CHAN, Some(30), None))
        .then_refused(Refusal::NotAMember);
    of_two(TALK)
        .when(set(ALICE, Some(30), None))
        .then_refused(Refusal::RoomOfConsultation);
}

#[test]
fn messages_are_kept_for_a_day_to_ten_years() {
    for days in [1, limits::RETENTION_DAYS_MAX] {
        group([added(ALICE)])
            .when(set(ALICE, Some(days), None))
            .then([retention(days, false)]);
    }
    for days in [0, limits::RETENTION_DAYS_MAX + 1, u16::MAX] {
        group([added(ALICE)])
            .when(set(ALICE, Some(days), None))
            .then_refused(Refusal::RetentionOutOfRange);
    }
}

#[test]
fn a_day_is_destroyed_when_all_of_it_is_older_than_messages_are_kept() {
    let destroy = |day| RoomCommand::DestroyDay {
        day,
        today: date(2026, 11, 21),
    };
    let kept = |days, auto_delete| group([retention(days, auto_delete)]);
    // What was sent last on the 18th was three days old as the 21st ended, and two as it began.
    kept(2, true)
        .when(destroy(date(2026, 11, 18)))
        .then([RoomEvent::DayDestroyed {
            day: date(2026, 11, 18),
        }]);
    for day in [date(2026, 11, 19), date(2026, 11, 21), date(2026, 11, 22)] {
        kept(2, true)
            .when(destroy(day))
            .then_refused(Refusal::DayNotOver);
    }
    kept(2, false)
        .when(destroy(date(2026, 11, 1)))
        .then_refused(Refusal::DayNotOver);
    group([])
        .when(destroy(date(2020, 1, 1)))
        .then_refused(Refusal::DayNotOver);
    of_two(TALK)
        .when(destroy(date(2020, 1, 1)))
        .then_refused(Refusal::RoomOfConsultation);
}

#[test]
fn a_day_is_destroyed_once_and_stays_so_whatever_is_set_later() {
    let day = date(2026, 11, 1);
    let destroyed = RoomEvent::DayDestroyed { day };
    let Given(room) = group([retention(2, true), destroyed, retention(3_000, false)]);
    assert!(room.has_destroyed(day));
    assert!(!room.has_destroyed(date(2026, 11, 2)));
    Given(room)
        .when(RoomCommand::DestroyDay {
            day,
            today: date(2026, 11, 21),
        })
        .then_nothing();
}

fn book(by: PersonId, booking: &str) -> RoomCommand {
    RoomCommand::Book {
        by,
        booking: sealed(booking.to_owned()),
    }
}

fn booked(booking: &str) -> RoomEvent {
    RoomEvent::Booked {
        booking: sealed(booking.to_owned()),
    }
}

#[test]
fn a_room_of_two_belongs_to_its_first_booking() {
    let pair = |events: &[RoomEvent]| {
        let mut all = vec![opened(RoomKind::Direct, 2), added(ALICE), added(BORA)];
        all.extend_from_slice(events);
        given::<Room>(all)
    };
    pair(&[]).when(book(BORA, "b-1")).then([booked("b-1")]);
    pair(&[booked("b-1")])
        .when(book(BORA, "b-2"))
        .then_nothing();
    pair(&[])
        .when(book(CHAN, "b-1"))
        .then_refused(Refusal::NotAMember);
    for length in [0, limits::BOOKING_CHARS + 1] {
        pair(&[])
            .when(book(ALICE, &"b".repeat(length)))
            .then_refused(Refusal::BookingLength);
    }
    pair(&[RoomEvent::Closed {}])
        .when(book(ALICE, "b-1"))
        .then_refused(Refusal::RoomClosed);
    group([added(ALICE)])
        .when(book(ALICE, "b-1"))
        .then_refused(Refusal::NotOfTwo);
}
