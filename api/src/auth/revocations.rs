//! What has been revoked while its tokens would still be good, as this node knows it from the log.

use std::collections::HashMap;
use std::time::Duration;

use domain::{
    AccountEvent, AccountId, Event, PasswordChange, Role, SessionEvent, SessionId, SessionsVoid,
    Version,
};
use parking_lot::RwLock;
use tokio::sync::broadcast;
use uuid::Uuid;

/// Endings that a listener may be behind before it has to look at all its connections.
const MAX_UNHEARD: usize = 1_024;

/// An entry outlives the tokens it concerns by this, for those issued while it was on its way.
const SLACK_US: i64 = 60_000_000;

/// How often entries that concern no token any more are removed.
const PURGE_EVERY_US: i64 = 60_000_000;

/// Why a token does not count any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Its session ended.
    Revoked,
    /// Its bearer has another role now; refreshing gives a token that says so.
    RoleChanged,
}

/// Tokens of an account or of one session may have ended: whoever holds a connection under one
/// asks [`Revocations::check`] again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    Account(Uuid),
    Session(SessionId),
}

#[derive(Default)]
struct Account {
    void: SessionsVoid,
    role: Option<Role>,
    until_us: i64,
}

#[derive(Default)]
struct Known {
    accounts: HashMap<Uuid, Account>,
    /// Until when each is remembered.
    sessions: HashMap<SessionId, i64>,
    purged_at_us: i64,
}

/// Revoked sessions, voided log-ins and changed roles of the last `access_ttl`.
pub struct Revocations {
    remembered_us: i64,
    known: RwLock<Known>,
    ended: broadcast::Sender<Ended>,
}

impl Revocations {
    /// `access_ttl`: how long a token is good, and so how long its revocation matters.
    pub fn new(access_ttl: Duration) -> Self {
        let ttl_us = i64::try_from(access_ttl.as_micros()).unwrap_or(i64::MAX / 4);
        Self {
            remembered_us: ttl_us.saturating_add(SLACK_US),
            known: RwLock::default(),
            ended: broadcast::channel(MAX_UNHEARD).0,
        }
    }

    /// From when on the log has to be applied for this node to know what it must.
    pub fn needed_from_us(&self, now_us: i64) -> i64 {
        now_us.saturating_sub(self.remembered_us)
    }

    /// Takes note of a session that the read models know as revoked, at a time in microseconds
    /// since the Unix epoch.
    pub fn know_session(&self, session: SessionId, revoked_at_us: i64) {
        let until_us = revoked_at_us.saturating_add(self.remembered_us);
        self.known.write().sessions.insert(session, until_us);
    }

    /// Takes note of an account whose log-ins or role the read models know as changed lately.
    pub fn know_account(&self, account: AccountId, void: SessionsVoid, role: Role, now_us: i64) {
        let until_us = now_us.saturating_add(self.remembered_us);
        self.note(account.0, until_us, |known| {
            if void.before > known.void.before {
                known.void = void;
            }
            known.role.get_or_insert(role);
        });
    }

    /// Takes note of an event: the key and sequence of its stream, and when it was recorded, in
    /// microseconds since the Unix epoch. Doing it twice changes nothing.
    pub fn apply(&self, key: &str, sequence: Version, recorded_at_us: i64, event: &Event) {
        let Ok(id) = key.parse::<Uuid>() else { return };
        let until_us = recorded_at_us.saturating_add(self.remembered_us);
        let ended = match event {
            Event::Session(event) => self.apply_session(SessionId(id), event, until_us),
            Event::Account(event) => self.apply_account(id, sequence, event, until_us),
            Event::Email(_)
            | Event::Counselor(_)
            | Event::Consultation(_)
            | Event::Room(_)
            | Event::Member(_)
            | Event::Message(_)
            | Event::Presence(_)
            | Event::Access(_)
            | Event::Seal(_)
            | Event::Upload(_)
            | Event::Erasure(_)
            | Event::Hold(_)
            | Event::Emotion(_)
            | Event::Alert(_) => None,
        };
        if let Some(ended) = ended {
            self.purge(recorded_at_us);
            // Nobody listening is fine: then nobody holds a connection.
            if self.ended.send(ended).is_err() {
                tracing::trace!("nobody listens for endings");
            }
        }
    }

    fn apply_session(
        &self,
        session: SessionId,
        event: &SessionEvent,
        until_us: i64,
    ) -> Option<Ended> {
        match event {
            SessionEvent::Revoked { .. } => {
                self.known.write().sessions.insert(session, until_us);
                Some(Ended::Session(session))
            }
            SessionEvent::Opened { .. }
            | SessionEvent::Rotated { .. }
            | SessionEvent::Forgotten {} => None,
        }
    }

    fn apply_account(
        &self,
        account: Uuid,
        sequence: Version,
        event: &AccountEvent,
        until_us: i64,
    ) -> Option<Ended> {
        let void_but_for = |kept| {
            self.note(account, until_us, |known: &mut Account| {
                if sequence > known.void.before {
                    known.void = SessionsVoid {
                        before: sequence,
                        kept,
                    };
                }
            })
        };
        match event {
            AccountEvent::PasswordChanged {
                change,
                kept_session,
                ..
            } => match change {
                PasswordChange::Changed => Some(void_but_for(*kept_session)),
                PasswordChange::Reset => Some(void_but_for(None)),
                PasswordChange::Rehashed => None,
            },
            AccountEvent::Deactivated {} | AccountEvent::Erased {} => Some(void_but_for(None)),
            AccountEvent::RoleChanged { role } => {
                // What was opened under the old role stays void if that role ever comes back.
                void_but_for(None);
                Some(self.note(account, until_us, |known| known.role = Some(*role)))
            }
            AccountEvent::Registered { .. }
            | AccountEvent::ResetRequested { .. }
            | AccountEvent::Activated {}
            | AccountEvent::ProfileChanged { .. }
            | AccountEvent::StandingSet { .. }
            | AccountEvent::PromptSet { .. } => None,
        }
    }

    /// Gives what is to be told to those who listen.
    fn note(&self, id: Uuid, until_us: i64, change: impl FnOnce(&mut Account)) -> Ended {
        let mut known = self.known.write();
        let account = known.accounts.entry(id).or_default();
        change(account);
        account.until_us = account.until_us.max(until_us);
        Ended::Account(id)
    }

    fn purge(&self, now_us: i64) {
        let mut known = self.known.write();
        if now_us.saturating_sub(known.purged_at_us) < PURGE_EVERY_US {
            return;
        }
        known.purged_at_us = now_us;
        known
            .accounts
            .retain(|_, account| account.until_us > now_us);
        known.sessions.retain(|_, until_us| *until_us > now_us);
    }

    /// Whether a token still counts: its bearer, session, the account's version at the log-in,
    /// and its role.
    pub fn check(&self, sub: Uuid, sid: SessionId, ver: Version, role: Role) -> Result<(), Cause> {
        let known = self.known.read();
        if known.sessions.contains_key(&sid) {
            return Err(Cause::Revoked);
        }
        let Some(account) = known.accounts.get(&sub) else {
            return Ok(());
        };
        // A guest's token that belongs to an account's consultation was never a log-in.
        if role == Role::Guest {
            return Ok(());
        }
        if account.role.is_some_and(|now| now != role) {
            return Err(Cause::RoleChanged);
        }
        if account.void.ends(sid, ver) {
            return Err(Cause::Revoked);
        }
        Ok(())
    }

    /// Hears of every ending from now on. Whoever lags must look at all connections it knows.
    pub fn subscribe(&self) -> broadcast::Receiver<Ended> {
        self.ended.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use domain::{Revocation, Sealed};

    use super::*;

    const HOUR: Duration = Duration::from_hours(1);
    const SECOND_US: i64 = 1_000_000;

    fn mina() -> Uuid {
        Uuid::from_u128(1)
    }

    fn session(number: u128) -> SessionId {
        SessionId(Uuid::from_u128(100 + number))
    }

    fn password_changed(change: PasswordChange, kept_session: Option<SessionId>) -> Event {
        let password_hash = Sealed::Erased;
        AccountEvent::PasswordChanged {
            change,
            kept_session,
            password_hash,
        }
        .into()
    }

    fn told(events: &[(Uuid, Version, Event)]) -> Revocations {
        let revocations = Revocations::new(HOUR);
        for (key, sequence, event) in events {
            revocations.apply(&key.to_string(), *sequence, 0, event);
        }
        revocations
    }

    fn check(revocations: &Revocations, number: u128, version: Version) -> Result<(), Cause> {
        revocations.check(mina(), session(number), version, Role::User)
    }

    #[test]
    fn a_revoked_session_ends_and_others_go_on() {
        for reason in [Revocation::LoggedOut, Revocation::Reused] {
            let event = SessionEvent::Revoked { reason }.into();
            let revocations = told(&[(session(1).0, 2, event)]);
            assert_eq!(check(&revocations, 1, 1), Err(Cause::Revoked));
            assert_eq!(check(&revocations, 2, 1), Ok(()));
        }
    }

    #[test]
    fn a_new_password_ends_every_other_session_but_no_later_one() {
        let event = password_changed(PasswordChange::Changed, Some(session(1)));
        let revocations = told(&[(mina(), 3, event)]);
        assert_eq!(check(&revocations, 1, 1), Ok(()), "the one that changed it");
        assert_eq!(check(&revocations, 2, 1), Err(Cause::Revoked));
        assert_eq!(check(&revocations, 3, 2), Err(Cause::Revoked));
        assert_eq!(check(&revocations, 4, 3), Ok(()), "opened with the new one");
        let other = revocations.check(Uuid::from_u128(2), session(2), 1, Role::User);
        assert_eq!(other, Ok(()), "somebody else");
    }

    #[test]
    fn a_reset_or_a_deactivation_ends_all_and_a_rehash_none() {
        let reset = password_changed(PasswordChange::Reset, Some(session(1)));
        assert_eq!(
            check(&told(&[(mina(), 3, reset)]), 1, 2),
            Err(Cause::Revoked)
        );
        let deactivated = AccountEvent::Deactivated {}.into();
        assert_eq!(
            check(&told(&[(mina(), 3, deactivated)]), 1, 2),
            Err(Cause::Revoked)
        );
        let rehashed = password_changed(PasswordChange::Rehashed, None);
        assert_eq!(check(&told(&[(mina(), 3, rehashed)]), 1, 2), Ok(()));
    }

    #[test]
    fn the_last_change_decides_whatever_the_order_in_which_it_is_heard() {
        let first = (
            mina(),
            3,
            password_changed(PasswordChange::Changed, Some(session(1))),
        );
        let second = (
            mina(),
            4,
            password_changed(PasswordChange::Changed, Some(session(2))),
        );
        for events in [[first.clone(), second.clone()], [second, first]] {
            let revocations = told(&events);
            assert_eq!(check(&revocations, 1, 1), Err(Cause::Revoked));
            assert_eq!(check(&revocations, 2, 3), Ok(()));
        }
    }

    #[test]
    fn another_role_voids_tokens_that_name_the_old_one() {
        let revocations = told(&[(
            mina(),
            3,
            AccountEvent::RoleChanged { role: Role::Admin }.into(),
        )]);
        assert_eq!(check(&revocations, 1, 1), Err(Cause::RoleChanged));
        let opened_before = revocations.check(mina(), session(1), 1, Role::Admin);
        assert_eq!(opened_before, Err(Cause::Revoked));
        let opened_after = revocations.check(mina(), session(2), 3, Role::Admin);
        assert_eq!(opened_after, Ok(()));
    }

    #[test]
    fn what_the_read_models_know_counts_like_what_the_log_says() {
        let revocations = Revocations::new(HOUR);
        revocations.know_session(session(1), 0);
        let void = SessionsVoid {
            before: 5,
            kept: Some(session(3)),
        };
        revocations.know_account(AccountId(mina()), void, Role::User, 0);
        assert_eq!(check(&revocations, 1, 9), Err(Cause::Revoked));
        assert_eq!(check(&revocations, 2, 4), Err(Cause::Revoked));
        assert_eq!(check(&revocations, 3, 4), Ok(()));
        assert_eq!(check(&revocations, 4, 5), Ok(()));
        let admin = revocations.check(mina(), session(4), 5, Role::Admin);
        assert_eq!(admin, Err(Cause::RoleChanged));
    }

    #[test]
    fn what_concerns_no_token_any_more_is_forgotten() {
        let revocations = Revocations::new(HOUR);
        let revoke = |number, at_us| {
            let event = SessionEvent::Revoked {
                reason: Revocation::LoggedOut,
            }
            .into();
            revocations.apply(&session(number).to_string(), 2, at_us, &event);
        };
        revoke(1, 0);
        revocations.apply(
            &mina().to_string(),
            3,
            0,
            &AccountEvent::Deactivated {}.into(),
        );
        revoke(2, 3_600 * SECOND_US);
        assert_eq!(check(&revocations, 1, 9), Err(Cause::Revoked));
        revoke(3, 3_661 * SECOND_US);
        let known = revocations.known.read();
        assert_eq!((known.sessions.len(), known.accounts.len()), (2, 0));
    }

    #[test]
    fn listeners_hear_of_every_ending() {
        let revocations = Revocations::new(HOUR);
        let mut heard = revocations.subscribe();
        let revoked = SessionEvent::Revoked {
            reason: Revocation::Reused,
        }
        .into();
        revocations.apply(&session(1).to_string(), 2, 0, &revoked);
        revocations.apply(
            &mina().to_string(),
            3,
            0,
            &AccountEvent::Deactivated {}.into(),
        );
        revocations.apply(
            &mina().to_string(),
            4,
            0,
            &AccountEvent::Activated {}.into(),
        );
        assert_eq!(heard.try_recv(), Ok(Ended::Session(session(1))));
        assert_eq!(heard.try_recv(), Ok(Ended::Account(mina())));
        assert!(heard.try_recv().is_err(), "an activation ends nothing");
    }

    #[test]
    fn what_is_needed_from_the_log_covers_every_token_that_may_be_good() {
        let revocations = Revocations::new(HOUR);
        assert!(revocations.needed_from_us(10_000 * SECOND_US) <= 6_400 * SECOND_US);
    }
}
