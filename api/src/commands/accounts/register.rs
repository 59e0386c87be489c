//! Registration: account, email and, for counsellors, their entry, all in one append.

use domain::{
    Account, AccountCommand, AccountId, Counselor, Email, EmailCommand, Profile, Role, Sealed,
    Subject,
};
use event_store::StreamName;
use uuid::Uuid;

use super::{NewCounselor, counselor_of};
use crate::commands::{Command, CommandError, Work};

/// The name from which the id of the first administrator is derived.
const FIRST_ADMIN: Uuid = Uuid::from_bytes(*b"maeum-1st-admin\0");

/// The id of the administrator that the first start makes: always the same, so that no later
/// start and no other node makes another.
pub fn first_admin() -> AccountId {
    AccountId(Uuid::new_v5(&FIRST_ADMIN, b"account"))
}

/// Somebody gets an account.
#[derive(Clone)]
pub struct RegisterAccount {
    pub account: AccountId,
    /// The key of the email's stream.
    pub email_key: String,
    pub role: Role,
    pub profile: Profile,
    pub password_hash: String,
    /// Looked at only where the role is that of counsellors.
    pub counselor: NewCounselor,
}

impl Command for RegisterAccount {
    fn stream(&self) -> StreamName {
        StreamName::new("account", self.account)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let subject = Subject::Account(self.account);
        let mut account = work.load::<Account>(self.account).await?;
        let mut email = work.load::<Email>(&self.email_key).await?;
        let register = AccountCommand::Register {
            email_key: self.email_key.clone(),
            role: self.role,
            profile: Sealed::of(subject, self.profile.clone()),
            password_hash: Sealed::of(subject, self.password_hash.clone()),
        };
        work.decide(&mut account, register)?;
        work.decide(
            &mut email,
            EmailCommand::Reserve {
                account: self.account,
            },
        )?;
        if self.role == Role::Counselor {
            let mut counselor = work.create::<Counselor>(counselor_of(self.account));
            work.decide(&mut counselor, self.counselor.register(self.account))?;
        }
        Ok(())
    }
}
