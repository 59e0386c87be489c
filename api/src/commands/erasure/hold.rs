//! Legal holds: placed on what exists and is not erased, and lifted.

use domain::{Account, Consultation, Hold, HoldCommand, HoldId, Refusal, Sealed, Subject};
use event_store::StreamName;

use super::holds;
use crate::commands::{Command, CommandError, Work};

/// Places a hold on an account or a consultation.
#[derive(Debug, Clone)]
pub struct PlaceHold {
    pub hold: HoldId,
    pub subject: Subject,
    pub reason: String,
}

impl Command for PlaceHold {
    fn stream(&self) -> StreamName {
        stream()
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        match self.subject {
            Subject::Account(account) => {
                let account = work.load::<Account>(account).await?;
                if !account.exists() {
                    return Err(Refusal::UnknownAccount.into());
                }
                if account.is_erased() {
                    return Err(Refusal::AccountErased.into());
                }
            }
            Subject::Consultation(consultation) => {
                let consultation = work.load::<Consultation>(consultation).await?;
                if !consultation.exists() {
                    return Err(Refusal::UnknownConsultation.into());
                }
                if consultation.is_erased() {
                    return Err(Refusal::ConsultationErased.into());
                }
            }
        }
        let mut hold = holds(work).await?;
        let place = HoldCommand::Place {
            hold: self.hold,
            subject: self.subject,
            reason: Sealed::of(self.subject, self.reason.clone()),
        };
        work.decide(&mut hold, place)
    }
}

/// Lifts a hold: what it was against, others apart, goes on.
#[derive(Debug, Clone, Copy)]
pub struct LiftHold {
    pub hold: HoldId,
}

impl Command for LiftHold {
    fn stream(&self) -> StreamName {
        stream()
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let mut hold = holds(work).await?;
        work.decide(&mut hold, HoldCommand::Lift { hold: self.hold })
    }
}

fn stream() -> StreamName {
    StreamName::new("hold", Hold::KEY)
}
