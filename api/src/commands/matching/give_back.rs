//! A counsellor is gone for good: what they had waits for another one.

use domain::{
    CallEnd, Consultation, ConsultationCommand, ConsultationId, ConsultationStatus, Counselor,
    CounselorCommand, CounselorId, Room, RoomCommand,
};
use event_store::StreamName;

use super::stream_of;
use crate::commands::rooms::room_of;
use crate::commands::{Command, CommandError, Work};

/// Gives one consultation of a deactivated counsellor back. Nothing happens if they are active
/// again, or do not have it any more.
#[derive(Debug, Clone, Copy)]
pub struct GiveBack {
    pub consultation: ConsultationId,
    pub counselor: CounselorId,
}

impl Command for GiveBack {
    fn stream(&self) -> StreamName {
        stream_of::<Consultation>(self.consultation)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let mut counselor = work.load::<Counselor>(self.counselor).await?;
        let mut consultation = work.load::<Consultation>(self.consultation).await?;
        let is_theirs = consultation.status() == Some(ConsultationStatus::Active)
            && consultation.counselor() == Some(self.counselor);
        if counselor.is_active() || !is_theirs {
            return Ok(());
        }
        let back = ConsultationCommand::ReturnToWaiting {
            counselor: self.counselor,
        };
        work.decide(&mut consultation, back)?;
        let release = CounselorCommand::ReleaseCall {
            consultation: self.consultation,
            end: CallEnd::GivenBack,
        };
        work.decide(&mut counselor, release)?;
        let Some(account) = counselor.account() else {
            return Ok(());
        };
        let mut room = work.load::<Room>(room_of(self.consultation)).await?;
        work.decide(
            &mut room,
            RoomCommand::RemoveMember {
                person: account.into(),
            },
        )
    }
}
