//! Accounts and sessions as the log has them now, read models or not: what log-in goes by.

use domain::{
    Account, AccountEvent, AccountId, CounselorId, Decide, Email, Event, Profile, Sealed, Session,
    SessionId, Standing, Version,
};
use event_store::{Direction, Recorded, StreamName};
use projections::fact;

use super::counselor_of;
use crate::commands::{CommandError, Commands};

/// Events of an account's stream read at a time.
const STREAM_PAGE: usize = 1_000;

/// An account with what only its own events say.
#[derive(Clone)]
pub struct KnownAccount {
    pub id: AccountId,
    /// Its integer.
    pub number: u64,
    /// Microseconds since the Unix epoch.
    pub registered_at: i64,
    /// The version of its stream.
    pub version: Version,
    pub state: Account,
    /// None once it is erased.
    pub profile: Option<Profile>,
    /// None once it is erased.
    pub password_hash: Option<String>,
    pub standing: Standing,
}

/// Whose a log-in session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownSession {
    pub account: AccountId,
    /// The version of the account's stream at which it was opened.
    pub account_version: Version,
}

impl Commands {
    /// Reads an account; none if there is none.
    pub async fn known_account(&self, id: AccountId) -> Result<Option<KnownAccount>, CommandError> {
        let stream = StreamName::new("account", id);
        let mut known: Option<KnownAccount> = None;
        loop {
            let from = known.as_ref().map_or(1, |account| account.version + 1);
            let page = self
                .store()
                .read_stream(&stream, from, Direction::Forward, STREAM_PAGE)
                .await?;
            let full = page.len() == STREAM_PAGE;
            for recorded in page {
                let fact = fact(recorded, self.keys())
                    .map_err(|error| CommandError::Unreadable(error.to_string()))?;
                if let Event::Account(event) = fact.event {
                    known
                        .get_or_insert_with(|| KnownAccount::new(id, &fact.recorded))
                        .learn(event);
                }
            }
            if !full {
                return Ok(known);
            }
        }
    }

    /// The account that holds an email now.
    pub async fn account_by_email_key(
        &self,
        email_key: &str,
    ) -> Result<Option<AccountId>, CommandError> {
        let stream = StreamName::new("email", email_key);
        Ok(self.aggregate::<Email>(&stream, true).await?.1.account())
    }

    /// Whose session it is; none if there is no such session.
    pub async fn known_session(
        &self,
        session: SessionId,
    ) -> Result<Option<KnownSession>, CommandError> {
        let stream = StreamName::new("session", session);
        let (_, session) = self.aggregate::<Session>(&stream, true).await?;
        let known = session.account().zip(session.account_version());
        Ok(known.map(|(account, account_version)| KnownSession {
            account,
            account_version,
        }))
    }

    /// The integer of the counsellor that an account is, or was; none if it never was one.
    pub async fn counselor_number(
        &self,
        account: AccountId,
    ) -> Result<Option<(CounselorId, u64)>, CommandError> {
        let counselor = counselor_of(account);
        let stream = StreamName::new("counselor", counselor);
        let page = self
            .store()
            .read_stream(&stream, 1, Direction::Forward, 1)
            .await?;
        Ok(page
            .first()
            .map(|registered| (counselor, registered.number())))
    }

    /// When the status of a counsellor changed last, in microseconds since the Unix epoch.
    pub async fn counselor_status_changed_at(
        &self,
        counselor: CounselorId,
    ) -> Result<Option<i64>, CommandError> {
        let stream = StreamName::new("counselor", counselor);
        let mut from = Version::MAX;
        loop {
            let page = self
                .store()
                .read_stream(&stream, from, Direction::Backward, STREAM_PAGE)
                .await?;
            let says = |recorded: &Recorded| {
                matches!(
                    &*recorded.event_type,
                    "counselor.status_changed" | "counselor.registered"
                )
            };
            if let Some(changed) = page.iter().find(|recorded| says(recorded)) {
                return Ok(Some(changed.recorded_at));
            }
            match page.last() {
                Some(oldest) if oldest.sequence > 1 => from = oldest.sequence - 1,
                _ => return Ok(None),
            }
        }
    }
}

impl KnownAccount {
    fn new(id: AccountId, registered: &Recorded) -> Self {
        Self {
            id,
            number: registered.number(),
            registered_at: registered.recorded_at,
            version: 0,
            state: Account::default(),
            profile: None,
            password_hash: None,
            standing: Standing::default(),
        }
    }

    fn learn(&mut self, event: AccountEvent) {
        match &event {
            AccountEvent::Registered {
                profile,
                password_hash,
                ..
            } => {
                self.profile = open(profile);
                self.password_hash = open(password_hash);
            }
            AccountEvent::PasswordChanged { password_hash, .. } => {
                self.password_hash = open(password_hash);
            }
            AccountEvent::ProfileChanged { profile } => self.profile = open(profile),
            AccountEvent::StandingSet {
                user_type,
                trust_score,
            } => {
                self.standing = Standing {
                    user_type: user_type.clone(),
                    trust_score: *trust_score,
                };
            }
            AccountEvent::PromptSet { .. }
            | AccountEvent::ResetRequested { .. }
            | AccountEvent::RoleChanged { .. }
            | AccountEvent::Deactivated {}
            | AccountEvent::Activated {}
            | AccountEvent::Erased {} => {}
        }
        self.version += 1;
        apply(&mut self.state, event);
    }
}

fn open<T: Clone>(sealed: &Sealed<T>) -> Option<T> {
    sealed.get().cloned()
}

fn apply<A: Decide>(aggregate: &mut A, event: A::Event) {
    aggregate.apply(event);
}
