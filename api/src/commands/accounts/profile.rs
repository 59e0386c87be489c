//! What somebody says of themselves, and what others say of them.

use domain::{
    Account, AccountCommand, AccountEvent, AccountId, Event, Profile, Refusal, Sealed, Standing,
    Subject,
};
use event_store::StreamName;

use crate::commands::{Command, CommandError, Work};

/// What becomes of a field of a profile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum FieldChange {
    /// It stays as it is.
    #[default]
    Kept,
    Cleared,
    Set(String),
}

/// What becomes of a profile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProfileChange {
    pub first_name: FieldChange,
    pub last_name: FieldChange,
    pub phone: FieldChange,
    pub profile_image: FieldChange,
}

/// Changes the profile of an account, and what others say of it.
#[derive(Debug, Clone)]
pub struct ChangeProfile {
    pub account: AccountId,
    pub change: ProfileChange,
    /// What is none stays as it is.
    pub standing: Standing,
}

impl Command for ChangeProfile {
    fn stream(&self) -> StreamName {
        StreamName::new("account", self.account)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let (mut account, facts) = work.load_recorded::<Account>(self.account).await?;
        let old = facts.iter().rev().find_map(|fact| match &fact.event {
            Event::Account(
                AccountEvent::Registered { profile, .. } | AccountEvent::ProfileChanged { profile },
            ) => Some(profile.get().cloned()),
            _ => None,
        });
        // An erased one has nothing left to change.
        let old: Profile = old.flatten().ok_or(Refusal::UnknownAccount)?;
        let new = self.change.of(&old);
        if new != old {
            let profile = Sealed::of(Subject::Account(self.account), new);
            work.decide(&mut account, AccountCommand::ChangeProfile { profile })?;
        }
        let standing = AccountCommand::SetStanding(self.standing.clone());
        work.decide(&mut account, standing)
    }
}

impl ProfileChange {
    fn of(&self, old: &Profile) -> Profile {
        let changed = |change: &FieldChange, old: &Option<String>| match change {
            FieldChange::Kept => old.clone(),
            FieldChange::Cleared => None,
            FieldChange::Set(new) => Some(new.clone()),
        };
        Profile {
            name: old.name.clone(),
            email: old.email.clone(),
            first_name: changed(&self.first_name, &old.first_name),
            last_name: changed(&self.last_name, &old.last_name),
            phone: changed(&self.phone, &old.phone),
            profile_image: changed(&self.profile_image, &old.profile_image),
        }
    }
}
