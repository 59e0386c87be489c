//! A hold keeps its subject until the last one on it is lifted.

use super::*;
use crate::testing::{Given, given, id, sealed};
use crate::{AccountId, ConsultationId, HoldId, PersonId, Refusal, Sealed, Subject, limits};

const ALICE: Subject = Subject::Account(AccountId(uuid::Uuid::from_u128(1)));
const TALK: Subject = Subject::Consultation(ConsultationId(uuid::Uuid::from_u128(2)));

fn place(n: u128, subject: Subject, reason: &str) -> HoldCommand {
    HoldCommand::Place {
        hold: HoldId(id(n)),
        subject,
        reason: sealed(reason.to_owned()),
    }
}

fn placed(n: u128, subject: Subject) -> HoldEvent {
    HoldEvent::Placed {
        hold: HoldId(id(n)),
        subject,
        reason: sealed("소송".to_owned()),
    }
}

fn lifted(n: u128, subject: Subject) -> HoldEvent {
    HoldEvent::Lifted {
        hold: HoldId(id(n)),
        subject,
    }
}

#[test]
fn a_subject_is_kept_until_its_last_hold_is_lifted() {
    let Given(state) = given::<Hold>([placed(1, ALICE), placed(2, ALICE), lifted(1, ALICE)]);
    assert!(state.keeps(ALICE) && !state.keeps(TALK));
    assert!(state.keeps_what_concerns(PersonId(id(1))));
    let Given(state) = given::<Hold>([placed(1, ALICE), lifted(1, ALICE)]);
    assert!(!state.keeps(ALICE) && state.is_empty());
}

#[test]
fn a_hold_is_placed_once_and_lifted_once() {
    given::<Hold>([])
        .when(place(1, ALICE, "소송"))
        .then([placed(1, ALICE)]);
    given::<Hold>([placed(1, ALICE)])
        .when(place(1, ALICE, "소송"))
        .then_nothing();
    let lift = HoldCommand::Lift {
        hold: HoldId(id(1)),
    };
    given::<Hold>([placed(1, ALICE)])
        .when(lift.clone())
        .then([lifted(1, ALICE)]);
    given::<Hold>([placed(1, ALICE), lifted(1, ALICE)])
        .when(lift)
        .then_refused(Refusal::UnknownHold);
}

#[test]
fn a_hold_has_a_reason_of_some_length() {
    let long = "가".repeat(limits::HOLD_REASON_CHARS + 1);
    for reason in ["", &long] {
        given::<Hold>([])
            .when(place(1, TALK, reason))
            .then_refused(Refusal::HoldReasonLength);
    }
}

#[test]
fn there_is_an_end_to_holds() {
    let many = (0..limits::HOLDS as u128).map(|n| HoldEvent::Placed {
        hold: HoldId(id(n)),
        subject: TALK,
        reason: Sealed::Erased,
    });
    given::<Hold>(many)
        .when(place(u128::MAX, ALICE, "소송"))
        .then_refused(Refusal::TooManyHolds);
}

#[test]
fn unexpected_events_change_nothing() {
    let Given(state) = given::<Hold>([lifted(1, ALICE), placed(2, TALK)]);
    assert!(state.keeps(TALK) && !state.keeps(ALICE));
    let json = serde_json::to_string(&state).unwrap();
    assert_eq!(serde_json::from_str::<Hold>(&json).unwrap(), state);
}
