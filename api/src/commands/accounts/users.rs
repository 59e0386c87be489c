//! What administrators change of an account: its role, and whether it may log in.

use domain::{Account, AccountCommand, AccountId, Counselor, CounselorCommand, Refusal, Role};
use event_store::StreamName;

use super::{NewCounselor, counselor_of};
use crate::commands::{Command, CommandError, Work};

/// Refuses who was erased: what they bring could not be sealed, or be found by their erasure.
pub(in crate::commands) async fn check_not_erased(
    work: &mut Work<'_>,
    account: AccountId,
) -> Result<(), CommandError> {
    if work.load::<Account>(account).await?.is_erased() {
        Err(Refusal::AccountErased.into())
    } else {
        Ok(())
    }
}

/// An administrator changes an account. The counsellor that it is follows in the same append:
/// active while account and role are, made where there was none.
#[derive(Debug, Clone)]
pub struct ChangeUser {
    pub account: AccountId,
    pub role: Option<Role>,
    pub active: Option<bool>,
    /// The entry of somebody who becomes a counsellor for the first time.
    pub counselor: NewCounselor,
}

impl Command for ChangeUser {
    fn stream(&self) -> StreamName {
        StreamName::new("account", self.account)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let mut account = work.load::<Account>(self.account).await?;
        if let Some(role) = self.role {
            work.decide(&mut account, AccountCommand::ChangeRole { role })?;
        }
        match self.active {
            Some(true) => work.decide(&mut account, AccountCommand::Activate)?,
            Some(false) => work.decide(&mut account, AccountCommand::Deactivate)?,
            None => {}
        }
        let mut counselor = work.load::<Counselor>(counselor_of(self.account)).await?;
        let counsels = account.is_active() && account.role() == Some(Role::Counselor);
        match (counsels, counselor.exists()) {
            (true, false) => work.decide(&mut counselor, self.counselor.register(self.account)),
            (true, true) => work.decide(&mut counselor, CounselorCommand::Activate),
            (false, true) => work.decide(&mut counselor, CounselorCommand::Deactivate),
            (false, false) => Ok(()),
        }
    }
}
