//! An account is erased: its log-ins end, its address is free, and the counsellor that it was takes
//! no calls.

use domain::{
    Account, AccountCommand, AccountId, Counselor, CounselorCommand, Email, EmailCommand, Subject,
};
use event_store::StreamName;

use super::{check, check_asked_for, holds};
use crate::commands::accounts::counselor_of;
use crate::commands::{Command, CommandError, Work};

/// Erases an account whose erasure was asked for and not withdrawn, unless a hold is against it.
/// Whoever executes it then destroys its key, and does so only where this is not refused.
#[derive(Debug, Clone, Copy)]
pub struct EraseAccount {
    pub account: AccountId,
}

impl Command for EraseAccount {
    fn stream(&self) -> StreamName {
        StreamName::new("account", self.account)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let subject = Subject::Account(self.account);
        let mut account = work.load::<Account>(self.account).await?;
        if account.is_erased() {
            return Ok(());
        }
        check_asked_for(work, &[subject]).await?;
        check(&*holds(work).await?, [subject])?;
        let email_key = account.email_key().map(str::to_owned);
        work.decide(&mut account, AccountCommand::Erase)?;
        if let Some(email_key) = email_key {
            let mut email = work.load::<Email>(email_key).await?;
            let account = self.account;
            work.decide(&mut email, EmailCommand::Release { account })?;
        }
        let mut counselor = work.load::<Counselor>(counselor_of(self.account)).await?;
        if counselor.exists() {
            work.decide(&mut counselor, CounselorCommand::Deactivate)?;
        }
        Ok(())
    }
}
