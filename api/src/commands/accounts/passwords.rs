//! Passwords: changed by their owner, made anew under other parameters, set by a one-time link.

use domain::{Account, AccountCommand, AccountId, KeptSession, Sealed, Subject, Version};
use event_store::StreamName;

use crate::commands::{Command, CommandError, Work};

/// The owner has another password. Every other session ends.
#[derive(Clone)]
pub struct ChangePassword {
    pub account: AccountId,
    /// The credentials against which the old password was checked.
    pub checked_at: Version,
    pub password_hash: String,
    pub kept_session: KeptSession,
}

impl Command for ChangePassword {
    fn stream(&self) -> StreamName {
        StreamName::new("account", self.account)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let change = AccountCommand::ChangePassword {
            checked_at: self.checked_at,
            password_hash: sealed(self.account, &self.password_hash),
            kept_session: Some(self.kept_session),
        };
        decide(work, self.account, change).await
    }
}

/// The same password, hashed under the present parameters. No session ends.
#[derive(Clone)]
pub struct RehashPassword {
    pub account: AccountId,
    pub checked_at: Version,
    pub password_hash: String,
}

impl Command for RehashPassword {
    fn stream(&self) -> StreamName {
        StreamName::new("account", self.account)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let rehash = AccountCommand::RehashPassword {
            checked_at: self.checked_at,
            password_hash: sealed(self.account, &self.password_hash),
        };
        decide(work, self.account, rehash).await
    }
}

/// An administrator wants a one-time link for somebody.
#[derive(Debug, Clone)]
pub struct RequestReset {
    pub account: AccountId,
    pub secret_hash: String,
    /// Microseconds since the Unix epoch.
    pub expires_at: i64,
}

impl Command for RequestReset {
    fn stream(&self) -> StreamName {
        StreamName::new("account", self.account)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let request = AccountCommand::RequestReset {
            secret_hash: self.secret_hash.clone(),
            expires_at: self.expires_at,
        };
        decide(work, self.account, request).await
    }
}

/// Somebody sets a password with a one-time link. Every session ends.
#[derive(Clone)]
pub struct ResetPassword {
    pub account: AccountId,
    pub secret_hash: String,
    pub password_hash: String,
}

impl Command for ResetPassword {
    fn stream(&self) -> StreamName {
        StreamName::new("account", self.account)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let reset = AccountCommand::ResetPassword {
            secret_hash: self.secret_hash.clone(),
            now: work.now(),
            password_hash: sealed(self.account, &self.password_hash),
        };
        decide(work, self.account, reset).await
    }
}

async fn decide(
    work: &mut Work<'_>,
    account: AccountId,
    command: AccountCommand,
) -> Result<(), CommandError> {
    let mut account = work.load::<Account>(account).await?;
    work.decide(&mut account, command)
}

fn sealed(account: AccountId, password_hash: &str) -> Sealed<String> {
    Sealed::of(Subject::Account(account), password_hash.to_owned())
}
