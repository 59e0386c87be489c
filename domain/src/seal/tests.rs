//! Seals follow one another without a gap.

use super::*;
use crate::testing::{Given, given};
use crate::{Refusal, limits};

fn root(n: u8) -> String {
    format!("{n:02x}").repeat(32)
}

fn seal(from: u64, to: u64, previous: &str) -> SealCommand {
    SealCommand::Seal {
        from,
        to,
        root: root(1),
        previous: previous.to_owned(),
        leaves: "AAAA".to_owned(),
        key: root(9),
        signature: root(8),
    }
}

fn sealed(from: u64, to: u64, previous: &str) -> SealEvent {
    SealEvent::Sealed {
        from,
        to,
        root: root(1),
        previous: previous.to_owned(),
        leaves: "AAAA".to_owned(),
        key: root(9),
        signature: root(8),
    }
}

#[test]
fn the_first_seal_begins_with_the_first_event() {
    given::<Seal>([])
        .when(seal(1, 40, NO_ROOT))
        .then([sealed(1, 40, NO_ROOT)]);
    given::<Seal>([])
        .when(seal(2, 40, NO_ROOT))
        .then_refused(Refusal::SealedDifferently);
    given::<Seal>([])
        .when(seal(1, 40, &root(1)))
        .then_refused(Refusal::SealedDifferently);
}

#[test]
fn the_next_seal_begins_where_the_last_one_ends_and_names_its_root() {
    given::<Seal>([sealed(1, 40, NO_ROOT)])
        .when(seal(41, 41, &root(1)))
        .then([sealed(41, 41, &root(1))]);
    for (from, previous) in [(40, root(1)), (42, root(1)), (1, root(1)), (41, root(2))] {
        given::<Seal>([sealed(1, 40, NO_ROOT)])
            .when(seal(from, 50, &previous))
            .then_refused(Refusal::SealedDifferently);
    }
}

#[test]
fn a_seal_covers_one_event_at_least_and_no_more_than_it_may() {
    given::<Seal>([])
        .when(seal(1, 0, NO_ROOT))
        .then_refused(Refusal::SealLength);
    given::<Seal>([])
        .when(seal(1, limits::SEALED_EVENTS + 1, NO_ROOT))
        .then_refused(Refusal::SealLength);
    let longest = limits::SEALED_EVENTS;
    given::<Seal>([])
        .when(seal(1, longest, NO_ROOT))
        .then([sealed(1, longest, NO_ROOT)]);
}

#[test]
fn the_newest_event_alone_says_how_far_the_log_is_sealed() {
    let Given(whole) = given::<Seal>([sealed(1, 40, NO_ROOT), sealed(41, 90, &root(1))]);
    let Given(newest) = given::<Seal>([sealed(41, 90, &root(1))]);
    assert_eq!(whole, newest);
    assert_eq!((newest.sealed_to(), newest.root()), (90, &*root(1)));
}

#[test]
fn unexpected_events_change_nothing() {
    let Given(state) = given::<Seal>([sealed(41, 90, &root(1)), sealed(1, 40, NO_ROOT)]);
    assert_eq!(state.sealed_to(), 90);
    let json = serde_json::to_string(&state).unwrap();
    assert_eq!(serde_json::from_str::<Seal>(&json).unwrap(), state);
}

#[test]
fn what_is_signed_can_be_put_together_by_hand() {
    let statement = SealStatement {
        from: 41,
        to: 90,
        root: "aa",
        previous: "bb",
        leaves: "cc",
    };
    assert_eq!(
        statement.to_string(),
        "maeum log seal 1\nfrom 41\nto 90\nroot aa\nprevious bb\nleaves cc\n"
    );
}
