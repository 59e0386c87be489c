//! A consultation is erased, once it has ended.

use domain::{Consultation, ConsultationCommand, ConsultationId, Requester, Subject};
use event_store::StreamName;

use super::{check, check_asked_for, holds};
use crate::commands::{Command, CommandError, Work};

/// Erases a consultation that has ended, where its own erasure was asked for or that of the account
/// that it belongs to, and not withdrawn; unless a hold is against it or either of its two. Whoever executes it then
/// destroys its key.
#[derive(Debug, Clone, Copy)]
pub struct EraseConsultation {
    pub consultation: ConsultationId,
}

impl Command for EraseConsultation {
    fn stream(&self) -> StreamName {
        StreamName::new("consultation", self.consultation)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let subject = Subject::Consultation(self.consultation);
        let mut consultation = work.load::<Consultation>(self.consultation).await?;
        if consultation.is_erased() {
            return Ok(());
        }
        let owner = match consultation.requester() {
            Some(Requester::Account(account)) => Some(Subject::Account(account)),
            Some(Requester::Guest(_)) | None => None,
        };
        let of: Vec<_> = [Some(subject), owner].into_iter().flatten().collect();
        check_asked_for(work, &of).await?;
        let counselor = consultation.counselor_account().map(Subject::Account);
        let kept = [Some(subject), owner, counselor];
        check(&*holds(work).await?, kept.into_iter().flatten())?;
        work.decide(&mut consultation, ConsultationCommand::Erase)
    }
}
