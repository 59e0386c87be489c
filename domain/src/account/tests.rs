//! What an account may do, and when its log-ins end.

use super::*;
use crate::testing::{Given, given, id, sealed};
use crate::{Refusal, Role, Sealed, SessionId, limits};

fn profile(name: &str) -> Sealed<Profile> {
    let email = "a@example.com".to_owned();
    sealed(Profile {
        name: name.to_owned(),
        email,
        ..Profile::default()
    })
}

fn hash(text: &str) -> Sealed<String> {
    sealed(text.to_owned())
}

fn registered() -> AccountEvent {
    AccountEvent::Registered {
        email_key: "k".to_owned(),
        role: Role::User,
        profile: profile("가람"),
        password_hash: hash("h1"),
    }
}

fn changed(change: PasswordChange, kept_session: Option<SessionId>) -> AccountEvent {
    AccountEvent::PasswordChanged {
        change,
        kept_session,
        password_hash: hash("h2"),
    }
}

fn reset_requested() -> AccountEvent {
    AccountEvent::ResetRequested {
        secret_hash: "s".to_owned(),
        expires_at: 100,
    }
}

fn account(more: impl IntoIterator<Item = AccountEvent>) -> Given<Account> {
    given::<Account>([registered()].into_iter().chain(more))
}

fn register(role: Role, name: &str) -> AccountCommand {
    AccountCommand::Register {
        email_key: "k".to_owned(),
        role,
        profile: profile(name),
        password_hash: hash("h1"),
    }
}

fn change(checked_at: u64, kept_session: Option<KeptSession>) -> AccountCommand {
    AccountCommand::ChangePassword {
        checked_at,
        password_hash: hash("h2"),
        kept_session,
    }
}

fn reset(secret: &str, now: i64) -> AccountCommand {
    AccountCommand::ResetPassword {
        secret_hash: secret.to_owned(),
        now,
        password_hash: hash("h2"),
    }
}

const SESSION: SessionId = SessionId(uuid::Uuid::from_u128(7));

#[test]
fn an_account_is_registered_once() {
    given::<Account>([])
        .when(register(Role::User, "가람"))
        .then([registered()]);
    account([])
        .when(register(Role::User, "가람"))
        .then_refused(Refusal::AlreadyRegistered);
}

#[test]
fn guests_have_no_account() {
    given::<Account>([])
        .when(register(Role::Guest, "가람"))
        .then_refused(Refusal::RoleNotAllowed);
    account([])
        .when(AccountCommand::ChangeRole { role: Role::Guest })
        .then_refused(Refusal::RoleNotAllowed);
}

#[test]
fn a_name_has_1_to_100_characters() {
    for (name, refusal) in [
        (String::new(), Refusal::NameLength),
        ("가".repeat(limits::NAME_CHARS + 1), Refusal::NameLength),
        ("가\0".to_owned(), Refusal::NotAText),
    ] {
        given::<Account>([])
            .when(register(Role::User, &name))
            .then_refused(refusal);
        account([])
            .when(AccountCommand::ChangeProfile {
                profile: profile(&name),
            })
            .then_refused(refusal);
    }
    let longest = "가".repeat(limits::NAME_CHARS);
    assert!(
        given::<Account>([])
            .when(register(Role::User, &longest))
            .0
            .is_ok()
    );
}

#[test]
fn no_command_reaches_an_account_that_is_not_registered() {
    for command in [
        change(0, None),
        reset("s", 0),
        AccountCommand::ChangeRole { role: Role::Admin },
        AccountCommand::Deactivate,
        AccountCommand::Activate,
        AccountCommand::ChangeProfile {
            profile: profile("가람"),
        },
    ] {
        given::<Account>([])
            .when(command)
            .then_refused(Refusal::UnknownAccount);
    }
}

#[test]
fn a_changed_password_ends_all_sessions_but_the_one_that_changed_it() {
    let kept = KeptSession {
        session: SESSION,
        account_version: 1,
    };
    let event = changed(PasswordChange::Changed, Some(SESSION));
    account([])
        .when(change(1, Some(kept)))
        .then([event.clone()]);
    let Given(after) = account([event]);
    assert_eq!(
        after.sessions_void(),
        SessionsVoid {
            before: 2,
            kept: Some(SESSION)
        }
    );
    assert_eq!(after.credentials_version(), 2);
    assert!(!after.sessions_void().ends(SESSION, 1));
    assert!(after.sessions_void().ends(SessionId(id(8)), 1));
    assert!(!after.sessions_void().ends(SessionId(id(8)), 2));
}

#[test]
fn a_session_that_had_ended_is_not_revived_by_a_change_of_password() {
    let kept = KeptSession {
        session: SESSION,
        account_version: 1,
    };
    account([AccountEvent::RoleChanged { role: Role::Admin }])
        .when(change(1, Some(kept)))
        .then_refused(Refusal::SessionEnded);
}

#[test]
fn a_password_that_was_checked_against_an_older_hash_changes_nothing() {
    let newer = changed(PasswordChange::Changed, None);
    account([newer.clone()])
        .when(change(1, None))
        .then_refused(Refusal::PasswordChangedMeanwhile);
    let rehash = AccountCommand::RehashPassword {
        checked_at: 1,
        password_hash: hash("h2"),
    };
    account([newer]).when(rehash.clone()).then_nothing();
    account([])
        .when(rehash)
        .then([changed(PasswordChange::Rehashed, None)]);
}

#[test]
fn a_rehashed_password_ends_no_session_and_no_link() {
    let Given(after) = account([reset_requested(), changed(PasswordChange::Rehashed, None)]);
    assert_eq!(after.sessions_void(), SessionsVoid::default());
    assert_eq!(after.credentials_version(), 3);
    assert!(Given(after).when(reset("s", 99)).0.is_ok());
}

#[test]
fn a_link_resets_the_password_once_and_in_time_and_ends_all_sessions() {
    let event = changed(PasswordChange::Reset, None);
    account([reset_requested()])
        .when(reset("s", 99))
        .then([event.clone()]);
    account([reset_requested()])
        .when(reset("s", 100))
        .then_refused(Refusal::ResetInvalid);
    account([reset_requested()])
        .when(reset("x", 99))
        .then_refused(Refusal::ResetInvalid);
    account([])
        .when(reset("s", 99))
        .then_refused(Refusal::ResetInvalid);
    let Given(after) = account([reset_requested(), event]);
    assert_eq!(
        after.sessions_void(),
        SessionsVoid {
            before: 3,
            kept: None
        }
    );
    Given(after)
        .when(reset("s", 99))
        .then_refused(Refusal::ResetInvalid);
}

#[test]
fn a_newer_link_replaces_the_older_and_a_change_of_password_or_deactivation_ends_both() {
    let newer = AccountEvent::ResetRequested {
        secret_hash: "t".to_owned(),
        expires_at: 100,
    };
    let both = account([reset_requested(), newer.clone()]);
    both.when(reset("s", 99))
        .then_refused(Refusal::ResetInvalid);
    for end in [
        changed(PasswordChange::Changed, None),
        AccountEvent::Deactivated {},
    ] {
        account([newer.clone(), end])
            .when(reset("t", 99))
            .then_refused(Refusal::ResetInvalid);
    }
}

#[test]
fn a_link_can_be_requested() {
    let command = AccountCommand::RequestReset {
        secret_hash: "s".to_owned(),
        expires_at: 100,
    };
    account([]).when(command).then([reset_requested()]);
}

#[test]
fn a_change_of_role_ends_all_sessions_and_the_same_role_is_no_change() {
    let event = AccountEvent::RoleChanged { role: Role::Admin };
    account([])
        .when(AccountCommand::ChangeRole { role: Role::Admin })
        .then([event.clone()]);
    account([])
        .when(AccountCommand::ChangeRole { role: Role::User })
        .then_nothing();
    let Given(after) = account([event]);
    assert_eq!(after.role(), Some(Role::Admin));
    assert_eq!(
        after.sessions_void(),
        SessionsVoid {
            before: 2,
            kept: None
        }
    );
}

#[test]
fn deactivation_ends_all_sessions_and_activation_revives_none() {
    account([])
        .when(AccountCommand::Deactivate)
        .then([AccountEvent::Deactivated {}]);
    account([]).when(AccountCommand::Activate).then_nothing();
    let deactivated = account([AccountEvent::Deactivated {}]);
    assert!(!deactivated.0.is_active());
    deactivated.when(AccountCommand::Deactivate).then_nothing();
    let deactivated = account([AccountEvent::Deactivated {}]);
    deactivated
        .when(AccountCommand::Activate)
        .then([AccountEvent::Activated {}]);
    let Given(after) = account([AccountEvent::Deactivated {}, AccountEvent::Activated {}]);
    assert!(after.is_active());
    assert!(after.sessions_void().ends(SESSION, 1));
}

#[test]
fn an_inactive_account_changes_no_password() {
    account([AccountEvent::Deactivated {}])
        .when(change(1, None))
        .then_refused(Refusal::AccountInactive);
    account([AccountEvent::Deactivated {}])
        .when(AccountCommand::RehashPassword {
            checked_at: 1,
            password_hash: hash("h2"),
        })
        .then_refused(Refusal::AccountInactive);
}

#[test]
fn a_profile_can_be_changed() {
    account([])
        .when(AccountCommand::ChangeProfile {
            profile: profile("나래"),
        })
        .then([AccountEvent::ProfileChanged {
            profile: profile("나래"),
        }]);
}

fn standing(user_type: Option<&str>, trust_score: Option<f64>) -> Standing {
    Standing {
        user_type: user_type.map(str::to_owned),
        trust_score,
    }
}

fn stands(user_type: Option<&str>, trust_score: Option<f64>) -> AccountEvent {
    AccountEvent::StandingSet {
        user_type: user_type.map(str::to_owned),
        trust_score,
    }
}

#[test]
fn what_others_say_of_somebody_stays_as_far_as_it_is_not_said_anew() {
    let set = |standing| AccountCommand::SetStanding(standing);
    account([])
        .when(set(standing(Some("provider"), None)))
        .then([stands(Some("provider"), None)]);
    account([stands(Some("provider"), None)])
        .when(set(standing(None, Some(85.5))))
        .then([stands(Some("provider"), Some(85.5))]);
    account([stands(Some("provider"), Some(85.5))])
        .when(set(standing(Some("provider"), None)))
        .then_nothing();
    for wrong in [
        standing(Some(""), None),
        standing(Some("two words"), None),
        standing(None, Some(-0.1)),
        standing(None, Some(100.1)),
        standing(None, Some(f64::NAN)),
    ] {
        account([])
            .when(set(wrong))
            .then_refused(Refusal::StandingOutOfRange);
    }
}

#[test]
fn what_is_erased_is_so_for_good_and_all_its_sessions_end() {
    account([])
        .when(AccountCommand::Erase)
        .then([AccountEvent::Erased {}]);
    let erased = || account([reset_requested(), AccountEvent::Erased {}]);
    erased().when(AccountCommand::Erase).then_nothing();
    let role = Role::Admin;
    for command in [
        AccountCommand::Activate,
        AccountCommand::ChangeRole { role },
        AccountCommand::ChangeProfile {
            profile: profile("나래"),
        },
        reset("secret", 1),
        change(1, None),
    ] {
        erased().when(command).then_refused(Refusal::AccountErased);
    }
    let Given(state) = erased();
    assert!(state.is_erased() && !state.is_active());
    assert!(state.sessions_void().ends(SESSION, 2));
}

#[test]
fn unexpected_events_count_and_change_nothing_else() {
    let Given(before) = account([]);
    let Given(again) = account([registered()]);
    assert_eq!(again.credentials_version(), before.credentials_version());
    let Given(nothing) = given::<Account>([AccountEvent::Activated {}]);
    assert!(!nothing.exists());
}

#[test]
fn a_state_holds_nothing_personal() {
    let Given(state) = account([AccountEvent::ProfileChanged {
        profile: profile("나래"),
    }]);
    let json = serde_json::to_string(&state).unwrap();
    for planted in ["가람", "나래", "a@example.com", "h1"] {
        assert!(!json.contains(planted), "{json}");
    }
    assert_eq!(serde_json::from_str::<Account>(&json).unwrap(), state);
}
