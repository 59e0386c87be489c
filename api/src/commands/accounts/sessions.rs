//! Log-in sessions: opened, carried on by a refresh token, and ended.

use domain::{
    Account, AccountId, Counselor, Refusal, Revocation, Session, SessionCommand, SessionId,
    Subject, Version,
};
use event_store::StreamName;

use super::counselor_of;
use super::counselors::log_out;
use crate::auth::REFRESH_GRACE_US;
use crate::commands::erasure::holds;
use crate::commands::{Command, CommandError, Work};

/// Somebody has logged in. Hashes are those of refresh tokens' secrets.
#[derive(Debug, Clone)]
pub struct OpenSession {
    pub session: SessionId,
    pub account: AccountId,
    /// The version of the account's stream at which the password was checked.
    pub account_version: Version,
    pub secret_hash: String,
    /// Microseconds since the Unix epoch.
    pub expires_at: i64,
}

impl Command for OpenSession {
    fn stream(&self) -> StreamName {
        StreamName::new("session", self.session)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let account = work.load::<Account>(self.account).await?;
        may_go_on(&account, self.session, self.account_version)?;
        let mut session = work.create::<Session>(self.session);
        let open = SessionCommand::Open {
            account: self.account,
            account_version: self.account_version,
            secret_hash: self.secret_hash.clone(),
            expires_at: self.expires_at,
        };
        work.decide(&mut session, open)
    }
}

/// A refresh token was presented. Its reuse is recorded, and is no refusal: look at the events.
#[derive(Debug, Clone)]
pub struct RotateSession {
    pub session: SessionId,
    pub presented_hash: String,
    pub successor_hash: String,
    /// Microseconds since the Unix epoch.
    pub expires_at: i64,
}

impl Command for RotateSession {
    fn stream(&self) -> StreamName {
        StreamName::new("session", self.session)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let mut session = work.load::<Session>(self.session).await?;
        let (Some(account), Some(version)) = (session.account(), session.account_version()) else {
            return Err(Refusal::SessionEnded.into());
        };
        let account = work.load::<Account>(account).await?;
        may_go_on(&account, self.session, version)?;
        let rotate = SessionCommand::Rotate {
            presented_hash: self.presented_hash.clone(),
            successor_hash: self.successor_hash.clone(),
            now: work.now(),
            expires_at: self.expires_at,
            repeat_grace_us: REFRESH_GRACE_US,
        };
        work.decide(&mut session, rotate)
    }
}

/// Somebody logs out; a counsellor is offline then.
#[derive(Debug, Clone, Copy)]
pub struct RevokeSession {
    pub session: SessionId,
}

impl Command for RevokeSession {
    fn stream(&self) -> StreamName {
        StreamName::new("session", self.session)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let mut session = work.load::<Session>(self.session).await?;
        let reason = Revocation::LoggedOut;
        let was_over = session.revocation().is_some() || session.is_forgotten();
        work.decide(&mut session, SessionCommand::Revoke { reason })?;
        // The token of an ended session must not take the counsellor off the next one.
        if let Some(account) = session.account().filter(|_| !was_over) {
            let mut counselor = work.load::<Counselor>(counselor_of(account)).await?;
            log_out(work, &mut counselor)?;
        }
        Ok(())
    }
}

/// A log-in that can be used no more is kept no longer, unless a hold is against it.
#[derive(Debug, Clone, Copy)]
pub struct ForgetSession {
    pub session: SessionId,
}

impl Command for ForgetSession {
    fn stream(&self) -> StreamName {
        StreamName::new("session", self.session)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let mut session = work.load::<Session>(self.session).await?;
        let hold = holds(work).await?;
        if let Some(account) = session.account()
            && hold.keeps(Subject::Account(account))
        {
            return Err(Refusal::Held.into());
        }
        let now = work.now();
        work.decide(&mut session, SessionCommand::Forget { now })
    }
}

/// A session goes on only while its account is active and nothing has ended it since.
fn may_go_on(account: &Account, session: SessionId, opened_at: Version) -> Result<(), Refusal> {
    if !account.is_active() {
        return Err(Refusal::AccountInactive);
    }
    if account.sessions_void().ends(session, opened_at) {
        return Err(Refusal::SessionEnded);
    }
    Ok(())
}
