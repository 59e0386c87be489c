//! Who may read what is not theirs, what a purpose is, and whom events are about.

use super::*;
use crate::decide::Decide;
use crate::testing::{given, id, sealed};
use crate::{
    AccountId, Candidate, ConsultationEvent, ConsultationId, CounselorId, Event, MessageEvent,
    MessageId, MessageKind, OfferId, OfferMode, PersonId, Refusal, Role, RoomEvent, RoomId,
    RoomKind, limits,
};

fn person(n: u128) -> PersonId {
    PersonId(id(n))
}

fn record(role: Role, purpose: Option<&str>) -> AccessCommand {
    AccessCommand::Record {
        account: AccountId(id(1)),
        role,
        act: Act::ReadEvents,
        filter: AccessFilter::default(),
        from: 3,
        to: 9,
        events: 2,
        concerned: Concerned::default(),
        purpose: purpose.map(str::to_owned),
    }
}

fn recorded(role: Role, purpose: Option<&str>) -> AccessEvent {
    AccessEvent::Recorded {
        account: AccountId(id(1)),
        role,
        act: Act::ReadEvents,
        filter: AccessFilter::default(),
        from: 3,
        to: 9,
        events: 2,
        concerned: Concerned::default(),
        purpose: purpose.map(str::to_owned),
    }
}

#[test]
fn auditors_and_administrators_read_and_are_recorded_each_time() {
    for role in [Role::Auditor, Role::Admin] {
        given::<Access>([])
            .when(record(role, None))
            .then([recorded(role, None)]);
        given::<Access>([recorded(role, None)])
            .when(record(role, None))
            .then([recorded(role, None)]);
    }
}

#[test]
fn nobody_else_reads() {
    for role in Role::ALL
        .into_iter()
        .filter(|role| !Access::is_open_to(*role))
    {
        given::<Access>([])
            .when(record(role, Some("curiosity")))
            .then_refused(Refusal::NotAReader);
    }
    assert_eq!(
        Role::ALL
            .iter()
            .filter(|role| Access::is_open_to(**role))
            .count(),
        2
    );
}

#[test]
fn every_act_is_for_some_roles_and_states_are_read_for_a_purpose_alone() {
    for act in Act::ALL {
        for role in Role::ALL {
            let asked = |purpose: Option<&str>| match record(role, purpose) {
                AccessCommand::Record {
                    account,
                    filter,
                    concerned,
                    purpose,
                    ..
                } => AccessCommand::Record {
                    account,
                    role,
                    act,
                    filter,
                    from: 3,
                    to: 9,
                    events: 2,
                    concerned,
                    purpose,
                },
            };
            let decided = |purpose| Access::default().decide(asked(purpose));
            let (with, without) = (decided(Some("complaint 2026-117")), decided(None));
            if !act.is_open_to(role) {
                assert_eq!(with, Err(Refusal::NotAReader), "{act:?} {role}");
                assert_eq!(without, Err(Refusal::NotAReader), "{act:?} {role}");
                continue;
            }
            assert!(with.is_ok(), "{act:?} {role}");
            let expected = act.needs_purpose().then_some(Refusal::PurposeRequired);
            assert_eq!(without.err(), expected, "{act:?} {role}");
        }
        assert!(
            Role::ALL.iter().any(|role| act.is_open_to(*role)),
            "{act:?}"
        );
        for role in [Role::User, Role::Guest, Role::Analyst] {
            assert!(!act.is_open_to(role), "{act:?} {role}");
        }
    }
}

#[test]
fn a_purpose_is_a_line_of_bounded_length_and_is_kept_without_white_space_around() {
    let when = |purpose| given::<Access>([]).when(record(Role::Auditor, Some(purpose)));
    when("  complaint 2026-117\n").then([recorded(Role::Auditor, Some("complaint 2026-117"))]);
    let longest = "가".repeat(limits::PURPOSE_CHARS);
    when(&longest).then([recorded(Role::Auditor, Some(&longest))]);
    for bad in [
        "",
        "   ",
        "one\ntwo",
        "a\0b",
        "a\u{1b}[2J",
        &format!("{longest}x"),
    ] {
        when(bad).then_refused(Refusal::PurposeLength);
    }
}

#[test]
fn a_record_names_a_bounded_number() {
    let with = |people: u128, positions: u64| {
        let AccessCommand::Record {
            account,
            role,
            act,
            from,
            to,
            events,
            purpose,
            ..
        } = record(Role::Auditor, None);
        let concerned = Concerned {
            people: (0..people).map(person).collect(),
            ..Concerned::default()
        };
        let filter = AccessFilter {
            positions: (1..=positions).collect(),
            ..AccessFilter::default()
        };
        given::<Access>([]).when(AccessCommand::Record {
            account,
            role,
            act,
            filter,
            from,
            to,
            events,
            concerned,
            purpose,
        })
    };
    let most = limits::CONCERNED as u128;
    assert!(with(most, limits::ACCESS_POSITIONS as u64).0.is_ok());
    with(most + 1, 0).then_refused(Refusal::TooMuchAtOnce);
    with(0, limits::ACCESS_POSITIONS as u64 + 1).then_refused(Refusal::TooMuchAtOnce);
}

fn concerned(event: impl Into<Event>, thing: u128) -> Concerned {
    let mut concerned = Concerned::default();
    concerned.note(&event.into(), id(thing));
    concerned
}

#[test]
fn a_message_is_about_its_sender_and_its_room() {
    let sent = MessageEvent::Sent {
        message: MessageId(id(9)),
        room: RoomId(id(8)),
        sender: person(7),
        message_kind: MessageKind::Text,
        reply_to: None,
        reply_number: None,
        file: None,
        body: sealed(crate::MessageBody::default()),
    };
    let concerned = concerned(sent, 9);
    assert_eq!(concerned.len(), 2);
    assert!(concerned.people.contains(&person(7)) && concerned.rooms.contains(&RoomId(id(8))));
    assert!(
        concerned.goes_beyond(person(7)),
        "the room is others' as well"
    );
}

#[test]
fn the_room_of_a_consultation_leads_to_it() {
    let opened = RoomEvent::Opened {
        room_kind: RoomKind::Consultation(ConsultationId(id(5))),
        creator: person(7),
        max_participants: 2,
    };
    let opened = concerned(opened, 8);
    let of_consultation = Concerned {
        consultations: [ConsultationId(id(5))].into(),
        ..Concerned::default()
    };
    assert!(opened.meets(&of_consultation));
    assert!(!Concerned::default().meets(&opened));
}

#[test]
fn who_was_passed_over_is_mentioned_and_not_what_an_offer_is_about() {
    let candidate = |n| Candidate {
        counselor: CounselorId(id(n)),
        active_consultations: 0,
        max_active: 3,
        character_fits: true,
        idle_us: 1,
        passed_over: None,
    };
    let offered: Event = ConsultationEvent::Offered {
        offer: OfferId(id(4)),
        counselor: CounselorId(id(3)),
        mode: OfferMode::OneAtATime,
        round: 1,
        candidates: vec![candidate(3), candidate(6)],
    }
    .into();
    let mut concerned = Concerned::default();
    concerned.note(&offered, id(5));
    assert_eq!(concerned.counselors, [CounselorId(id(3))].into());
    concerned.note_mentioned(&offered);
    assert_eq!(concerned.counselors.len(), 2);
}

#[test]
fn records_of_accesses_are_about_nobody_so_that_they_have_an_end() {
    assert!(concerned(recorded(Role::Auditor, Some("why")), 0).is_empty());
}

#[test]
fn what_is_only_ones_own_does_not_go_beyond_one() {
    let own = concerned(crate::AccountEvent::Deactivated {}, 7);
    assert!(!own.goes_beyond(person(7)) && own.goes_beyond(person(8)));
}
