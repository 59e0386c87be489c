//! A refresh token works once.

use super::*;
use crate::testing::{Given, given};
use crate::{AccountId, Refusal};

const ACCOUNT: AccountId = AccountId(uuid::Uuid::from_u128(1));
const GRACE: i64 = 10;

fn opened() -> SessionEvent {
    SessionEvent::Opened {
        account: ACCOUNT,
        account_version: 3,
        secret_hash: "a".to_owned(),
        expires_at: 100,
    }
}

fn rotated(secret_hash: &str, rotated_at: i64, expires_at: i64) -> SessionEvent {
    SessionEvent::Rotated {
        secret_hash: secret_hash.to_owned(),
        rotated_at,
        expires_at,
    }
}

fn reused() -> SessionEvent {
    SessionEvent::Revoked {
        reason: Revocation::Reused,
    }
}

fn rotate(presented: &str, successor: &str, now: i64) -> SessionCommand {
    SessionCommand::Rotate {
        presented_hash: presented.to_owned(),
        successor_hash: successor.to_owned(),
        now,
        expires_at: now + 100,
        repeat_grace_us: GRACE,
    }
}

fn session(more: impl IntoIterator<Item = SessionEvent>) -> Given<Session> {
    given::<Session>([opened()].into_iter().chain(more))
}

#[test]
fn a_session_is_opened_once() {
    let open = SessionCommand::Open {
        account: ACCOUNT,
        account_version: 3,
        secret_hash: "a".to_owned(),
        expires_at: 100,
    };
    given::<Session>([]).when(open.clone()).then([opened()]);
    session([])
        .when(open)
        .then_refused(Refusal::AlreadyRegistered);
    let Given(state) = session([]);
    assert_eq!(state.account(), Some(ACCOUNT));
    assert_eq!(state.account_version(), Some(3));
}

#[test]
fn the_current_token_gives_way_to_its_successor() {
    session([])
        .when(rotate("a", "b", 5))
        .then([rotated("b", 5, 105)]);
    session([rotated("b", 5, 105)])
        .when(rotate("b", "c", 50))
        .then([rotated("c", 50, 150)]);
}

#[test]
fn the_token_just_replaced_may_be_repeated_within_the_grace() {
    session([rotated("b", 5, 105)])
        .when(rotate("a", "b", 5 + GRACE))
        .then_nothing();
    session([rotated("b", 5, 105)])
        .when(rotate("a", "b", 6 + GRACE))
        .then([reused()]);
}

#[test]
fn each_replaced_token_has_its_own_grace() {
    let twice = [rotated("b", 5, 105), rotated("c", 50, 150)];
    session(twice.clone())
        .when(rotate("b", "c", 50 + GRACE))
        .then_nothing();
    session(twice)
        .when(rotate("b", "c", 51 + GRACE))
        .then([reused()]);
}

#[test]
fn a_token_whose_successor_was_used_already_ends_the_family() {
    let twice = [rotated("b", 5, 105), rotated("c", 6, 106)];
    session(twice).when(rotate("a", "b", 7)).then([reused()]);
}

#[test]
fn a_repeat_with_another_successor_ends_the_family() {
    session([rotated("b", 5, 105)])
        .when(rotate("a", "x", 6))
        .then([reused()]);
}

#[test]
fn a_secret_that_was_never_the_sessions_ends_it() {
    session([]).when(rotate("x", "y", 5)).then([reused()]);
}

#[test]
fn an_ended_session_takes_no_token() {
    given::<Session>([])
        .when(rotate("a", "b", 5))
        .then_refused(Refusal::SessionEnded);
    session([])
        .when(rotate("a", "b", 100))
        .then_refused(Refusal::SessionEnded);
    session([reused()])
        .when(rotate("a", "b", 5))
        .then_refused(Refusal::SessionEnded);
    session([reused(), rotated("b", 5, 105)])
        .when(rotate("b", "c", 6))
        .then_refused(Refusal::SessionEnded);
}

#[test]
fn a_session_is_open_until_it_expires_or_is_revoked() {
    assert!(session([]).0.is_open(99));
    assert!(!session([]).0.is_open(100));
    assert!(session([rotated("b", 5, 105)]).0.is_open(100));
    assert!(!session([reused()]).0.is_open(5));
    assert!(!Session::default().is_open(0));
    assert_eq!(session([reused()]).0.revocation(), Some(Revocation::Reused));
    assert_eq!(session([reused()]).0.account(), Some(ACCOUNT));
}

#[test]
fn logging_out_twice_is_logging_out_once() {
    let revoke = SessionCommand::Revoke {
        reason: Revocation::LoggedOut,
    };
    let revoked = SessionEvent::Revoked {
        reason: Revocation::LoggedOut,
    };
    session([]).when(revoke.clone()).then([revoked.clone()]);
    session([revoked]).when(revoke.clone()).then_nothing();
    given::<Session>([])
        .when(revoke)
        .then_refused(Refusal::SessionEnded);
}

#[test]
fn a_session_that_can_be_used_no_more_is_forgotten_once() {
    let forget = |now| SessionCommand::Forget { now };
    let forgotten = SessionEvent::Forgotten {};
    session([])
        .when(forget(99))
        .then_refused(Refusal::SessionOpen);
    session([]).when(forget(100)).then([forgotten.clone()]);
    session([reused()])
        .when(forget(0))
        .then([forgotten.clone()]);
    session([forgotten.clone()])
        .when(forget(100))
        .then_nothing();
    session([forgotten.clone()])
        .when(rotate("a", "b", 5))
        .then_refused(Refusal::SessionEnded);
    given::<Session>([])
        .when(forget(100))
        .then_refused(Refusal::SessionEnded);
    let Given(state) = session([forgotten]);
    assert_eq!(state.account(), Some(ACCOUNT));
    assert!(state.is_forgotten() && !state.is_open(0));
}
