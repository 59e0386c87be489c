//! A request for a consultation.

use domain::{
    Consultation, ConsultationCommand, ConsultationId, RequestText, Requester, Sealed, Subject,
};
use event_store::StreamName;

use super::stream;
use super::watch::watch;
use crate::commands::accounts;
use crate::commands::{Command, CommandError, Loaded, Work};

/// Asks for a consultation. Refused as already registered where another one has the same code.
#[derive(Debug, Clone)]
pub struct StartConsultation {
    /// Derived from the code in `text`.
    pub consultation: ConsultationId,
    pub requester: Requester,
    pub character_type_preference: Option<u32>,
    pub quick_match: bool,
    pub text: RequestText,
}

impl Command for StartConsultation {
    fn stream(&self) -> StreamName {
        stream(self.consultation)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        self.request(work).await.map(drop)
    }
}

impl StartConsultation {
    /// Adds the request to what is written.
    pub(in crate::commands) async fn request(
        &self,
        work: &mut Work<'_>,
    ) -> Result<Loaded<Consultation>, CommandError> {
        if let Requester::Account(account) = self.requester {
            accounts::check_not_erased(work, account).await?;
        }
        let mut consultation = work.load::<Consultation>(self.consultation).await?;
        let subject = Subject::Consultation(self.consultation);
        let request = ConsultationCommand::Request {
            requester: self.requester,
            character_type_preference: self.character_type_preference,
            quick_match: self.quick_match,
            text: Sealed::of(subject, self.text.clone()),
        };
        work.decide(&mut consultation, request)?;
        let id = self.consultation;
        watch(work, &consultation, id, "nickname", &self.text.nickname).await?;
        Ok(consultation)
    }
}
