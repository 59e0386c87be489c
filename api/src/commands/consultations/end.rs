//! The end of a consultation: of its call and of its room as well.

use domain::{
    CallEnd, Consultation, ConsultationCommand, ConsultationId, ConsultationStatus, Counselor,
    CounselorCommand, CounselorId, EndedBy, Room, RoomCommand,
};
use event_store::StreamName;

use super::stream;
use crate::commands::rooms::room_of;
use crate::commands::{Command, CommandError, Work};

/// Ends a consultation: completed if it was active, terminated if it was waiting. Ending it again
/// is already so.
#[derive(Debug, Clone, Copy)]
pub struct EndConsultation {
    pub consultation: ConsultationId,
    pub by: EndedBy,
}

impl Command for EndConsultation {
    fn stream(&self) -> StreamName {
        stream(self.consultation)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let mut consultation = work.load::<Consultation>(self.consultation).await?;
        let before = consultation.status();
        let counselor = consultation.counselor();
        work.decide(&mut consultation, ConsultationCommand::End { by: self.by })?;
        match (before, counselor) {
            (Some(ConsultationStatus::Active), Some(counselor)) => {
                release_call(work, self.consultation, counselor).await
            }
            // It was given back, and its room is still there.
            (Some(ConsultationStatus::Waiting), _) if consultation.room().is_some() => {
                close_room(work, self.consultation).await
            }
            _ => Ok(()),
        }
    }
}

/// What completing an active consultation means for its counsellor and its room.
pub(crate) async fn release_call(
    work: &mut Work<'_>,
    consultation: ConsultationId,
    counselor: CounselorId,
) -> Result<(), CommandError> {
    let mut counselor = work.load::<Counselor>(counselor).await?;
    let release = CounselorCommand::ReleaseCall {
        consultation,
        end: CallEnd::Completed,
    };
    work.decide(&mut counselor, release)?;
    close_room(work, consultation).await
}

async fn close_room(work: &mut Work<'_>, consultation: ConsultationId) -> Result<(), CommandError> {
    let mut room = work.load::<Room>(room_of(consultation)).await?;
    work.decide(&mut room, RoomCommand::Close)
}
