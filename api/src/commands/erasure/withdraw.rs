//! An erasure that is kept from being carried out is not wanted any more.

use domain::{
    Account, Consultation, Erasure, ErasureCommand, ErasureEvent, Event, PersonId, Refusal, Subject,
};
use event_store::StreamName;

use crate::commands::{Command, CommandError, Work};

/// Withdraws the erasure of an account or consultation of which nothing is erased yet.
#[derive(Debug, Clone, Copy)]
pub struct WithdrawErasure {
    pub subject: Subject,
    /// Who withdraws what they, or a setting, asked for; none for whoever may withdraw all.
    pub by: Option<PersonId>,
}

impl Command for WithdrawErasure {
    fn stream(&self) -> StreamName {
        StreamName::new("erasure", self.subject.id())
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        // Erasing requires the version of the request, and this that of what is erased: of the two
        // one is too late.
        let has_begun = match self.subject {
            Subject::Account(account) => work.load::<Account>(account).await?.is_erased(),
            Subject::Consultation(id) => work.load::<Consultation>(id).await?.is_erased(),
        };
        if has_begun {
            return Err(Refusal::ErasureBegun.into());
        }
        let (mut erasure, facts) = work.load_recorded::<Erasure>(self.subject.id()).await?;
        let is_request = |event: &Event| {
            let requested = |event: &ErasureEvent| matches!(event, ErasureEvent::Requested { .. });
            matches!(event, Event::Erasure(event) if requested(event))
        };
        let request = facts.iter().rev().find(|fact| is_request(&fact.event));
        let asked_by = request.and_then(|fact| fact.recorded.metadata.actor);
        if let (Some(by), Some(asked_by)) = (self.by, asked_by)
            && by.0 != asked_by
        {
            return Err(Refusal::NotWhoAsked.into());
        }
        work.decide(&mut erasure, ErasureCommand::Withdraw)
    }
}
