//! Time ends a consultation: nobody took it, or nobody says anything any more.

use domain::{Consultation, ConsultationCommand, ConsultationId, Room, RoomCommand};
use event_store::StreamName;

use super::stream_of;
use crate::commands::consultations::release_call;
use crate::commands::rooms::room_of;
use crate::commands::{Command, CommandError, Work};

/// The waiting time-out has passed. Where somebody had it before, its room is closed as well.
#[derive(Debug, Clone, Copy)]
pub struct TerminateUnanswered {
    pub consultation: ConsultationId,
}

impl Command for TerminateUnanswered {
    fn stream(&self) -> StreamName {
        stream_of::<Consultation>(self.consultation)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let mut consultation = work.load::<Consultation>(self.consultation).await?;
        work.decide(&mut consultation, ConsultationCommand::GiveUp)?;
        if consultation.room().is_none() {
            return Ok(());
        }
        let mut room = work.load::<Room>(room_of(self.consultation)).await?;
        work.decide(&mut room, RoomCommand::Close)
    }
}

/// The idle time-out has passed: the consultation is completed, its call and its room end.
#[derive(Debug, Clone, Copy)]
pub struct CompleteIdle {
    pub consultation: ConsultationId,
}

impl Command for CompleteIdle {
    fn stream(&self) -> StreamName {
        stream_of::<Consultation>(self.consultation)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let mut consultation = work.load::<Consultation>(self.consultation).await?;
        work.decide(&mut consultation, ConsultationCommand::CompleteIdle)?;
        match consultation.counselor() {
            Some(counselor) => release_call(work, self.consultation, counselor).await,
            None => Ok(()),
        }
    }
}
