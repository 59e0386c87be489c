//! Who can be brought into a room: people who can log in.

use domain::{Account, AccountId, PersonId, Refusal};

use crate::commands::{CommandError, Work};

/// Refuses whoever has no active account.
pub(super) async fn check(work: &mut Work<'_>, person: PersonId) -> Result<(), CommandError> {
    let account = work.load::<Account>(AccountId(person.0)).await?;
    if account.is_active() {
        Ok(())
    } else {
        Err(Refusal::UnknownParticipant.into())
    }
}
