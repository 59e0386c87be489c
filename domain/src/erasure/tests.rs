//! An erasure is asked for once and over once.

use super::*;
use crate::testing::{Given, given, id};
use crate::{AccountId, ErasureId, Refusal, Subject};

const SUBJECT: Subject = Subject::Account(AccountId(uuid::Uuid::from_u128(1)));

fn request(n: u128) -> ErasureCommand {
    ErasureCommand::Request {
        erasure: ErasureId(id(n)),
        subject: SUBJECT,
    }
}

fn requested(n: u128) -> ErasureEvent {
    ErasureEvent::Requested {
        erasure: ErasureId(id(n)),
        subject: SUBJECT,
    }
}

fn complete() -> ErasureCommand {
    ErasureCommand::Complete {
        completed_at: 2,
        requested_at: 1,
        consultations: 3,
        files: 4,
        key: "ab".to_owned(),
        signature: "cd".to_owned(),
    }
}

fn completed(n: u128) -> ErasureEvent {
    ErasureEvent::Completed {
        erasure: ErasureId(id(n)),
        subject: SUBJECT,
        requested_at: 1,
        completed_at: 2,
        consultations: 3,
        files: 4,
        key: "ab".to_owned(),
        signature: "cd".to_owned(),
    }
}

#[test]
fn what_is_asked_for_twice_keeps_its_first_receipt() {
    given::<Erasure>([]).when(request(9)).then([requested(9)]);
    given::<Erasure>([requested(9)])
        .when(request(8))
        .then_nothing();
    given::<Erasure>([requested(9), completed(9)])
        .when(request(8))
        .then_nothing();
}

#[test]
fn only_what_was_asked_for_is_completed_and_only_once() {
    given::<Erasure>([])
        .when(complete())
        .then_refused(Refusal::UnknownErasure);
    given::<Erasure>([requested(9)])
        .when(complete())
        .then([completed(9)]);
    given::<Erasure>([requested(9), completed(9)])
        .when(complete())
        .then_nothing();
}

#[test]
fn unexpected_events_change_nothing() {
    let Given(state) = given::<Erasure>([completed(7), requested(9), requested(8)]);
    assert_eq!(state.id(), Some(ErasureId(id(9))));
    assert!(state.is_requested() && !Erasure::default().is_requested());
    let json = serde_json::to_string(&state).unwrap();
    assert_eq!(serde_json::from_str::<Erasure>(&json).unwrap(), state);
}

#[test]
fn what_is_signed_can_be_put_together_by_hand() {
    let receipt = Receipt {
        erasure: ErasureId(id(9)),
        subject: SUBJECT,
        requested_at: 1,
        completed_at: 2,
        consultations: 3,
        files: 4,
    };
    assert_eq!(
        receipt.to_string(),
        "maeum erasure 1\nerasure 00000000-0000-0000-0000-000000000009\n\
         subject account:00000000-0000-0000-0000-000000000001\nrequested_at 1\n\
         completed_at 2\nconsultations 3\nfiles 4\n"
    );
}

#[test]
fn what_is_not_over_can_be_withdrawn_and_asked_for_anew() {
    let withdrawn = ErasureEvent::Withdrawn {
        erasure: ErasureId(id(9)),
        subject: SUBJECT,
    };
    given::<Erasure>([requested(9)])
        .when(ErasureCommand::Withdraw)
        .then([withdrawn.clone()]);
    given::<Erasure>([])
        .when(ErasureCommand::Withdraw)
        .then_refused(Refusal::UnknownErasure);
    given::<Erasure>([requested(9), completed(9)])
        .when(ErasureCommand::Withdraw)
        .then_refused(Refusal::ErasureBegun);
    let Given(state) = given::<Erasure>([requested(9), withdrawn.clone()]);
    assert!(!state.is_requested());
    given::<Erasure>([requested(9), withdrawn.clone()])
        .when(ErasureCommand::Withdraw)
        .then_refused(Refusal::UnknownErasure);
    given::<Erasure>([requested(9), withdrawn])
        .when(request(8))
        .then([requested(8)]);
}
