//! The user comes back under another name.

use domain::{Consultation, ConsultationCommand, ConsultationId, Sealed, Subject};
use event_store::StreamName;

use super::stream;
use super::watch::watch;
use crate::commands::{Command, CommandError, Work};

/// Changes the nickname. Messages that were sent keep the one they were sent under.
#[derive(Debug, Clone)]
pub struct ReconnectConsultation {
    pub consultation: ConsultationId,
    pub nickname: String,
}

impl Command for ReconnectConsultation {
    fn stream(&self) -> StreamName {
        stream(self.consultation)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let mut consultation = work.load::<Consultation>(self.consultation).await?;
        let subject = Subject::Consultation(self.consultation);
        let nickname = Sealed::of(subject, self.nickname.clone());
        work.decide(
            &mut consultation,
            ConsultationCommand::ChangeNickname { nickname },
        )?;
        let id = self.consultation;
        watch(work, &consultation, id, "nickname", &self.nickname).await
    }
}
