//! A counsellor does not take a request.

use domain::{
    Consultation, ConsultationCommand, ConsultationId, CounselorId, OfferId, Sealed, Subject,
};
use event_store::StreamName;

use super::stream;
use crate::commands::{Command, CommandError, Work};

/// Rejects a request. Rejecting it again is already so.
#[derive(Debug, Clone)]
pub struct RejectRequest {
    pub consultation: ConsultationId,
    pub offer: OfferId,
    pub counselor: CounselorId,
    /// What the counsellor said about it.
    pub response: Option<String>,
}

impl Command for RejectRequest {
    fn stream(&self) -> StreamName {
        stream(self.consultation)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let mut consultation = work.load::<Consultation>(self.consultation).await?;
        let subject = Subject::Consultation(self.consultation);
        let reject = ConsultationCommand::RejectOffer {
            offer: self.offer,
            counselor: self.counselor,
            response: self
                .response
                .clone()
                .map(|response| Sealed::of(subject, response)),
        };
        work.decide(&mut consultation, reject)
    }
}
