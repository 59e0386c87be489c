//! Somebody goes on with a person: a consultation is asked for that begins with what was said.

use domain::{
    Consultation, ConsultationCommand, ConsultationStatus, EmotionCommand, EmotionSessionId,
};
use event_store::StreamName;

use super::{load, stream};
use crate::commands::consultations::StartConsultation;
use crate::commands::{Command, CommandError, Work, accounts};

/// Asks for a consultation whose counsellor may read the session as it is now. While that of the
/// last time goes on, it is already so.
#[derive(Debug, Clone)]
pub struct HandOver {
    pub session: EmotionSessionId,
    /// Whether its owner consents to that.
    pub consent: bool,
    pub start: StartConsultation,
}

impl Command for HandOver {
    fn stream(&self) -> StreamName {
        stream(self.session)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let (mut session, owner) = load(work, self.session).await?;
        accounts::check_not_erased(work, owner).await?;
        let goes_on = match session.handed_over() {
            Some(last) => goes_on(&*work.load::<Consultation>(last).await?),
            None => false,
        };
        let hand_over = EmotionCommand::HandOver {
            consultation: self.start.consultation,
            consent: self.consent,
            goes_on,
        };
        work.decide(&mut session, hand_over)?;
        if goes_on {
            return Ok(());
        }
        let mut consultation = self.start.request(work).await?;
        let session = self.session;
        work.decide(
            &mut consultation,
            ConsultationCommand::GrantHistory { session },
        )
    }
}

fn goes_on(consultation: &Consultation) -> bool {
    match consultation.status() {
        Some(ConsultationStatus::Waiting | ConsultationStatus::Active) => true,
        Some(ConsultationStatus::Completed | ConsultationStatus::Terminated) | None => false,
    }
}
