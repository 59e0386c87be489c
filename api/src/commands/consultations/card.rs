//! What stays of a consultation: the counsellor's notes, the card, the rating.

use domain::{
    CardId, CardText, Consultation, ConsultationCommand, ConsultationId, CounselorId, Notes,
    Sealed, Subject, SummaryBy,
};
use event_store::StreamName;

use super::stream;
use super::watch::watch;
use crate::commands::{Command, CommandError, Work};

/// Writes the counsellor's notes; the last ones count.
#[derive(Debug, Clone)]
pub struct WriteNotes {
    pub consultation: ConsultationId,
    pub counselor: CounselorId,
    pub notes: Notes,
}

impl Command for WriteNotes {
    fn stream(&self) -> StreamName {
        stream(self.consultation)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let notes = Sealed::of(Subject::Consultation(self.consultation), self.notes.clone());
        let command = ConsultationCommand::WriteNotes {
            counselor: self.counselor,
            notes,
        };
        decide(work, self.consultation, command).await
    }
}

/// Issues the card, once. Issuing another is already so.
#[derive(Debug, Clone)]
pub struct IssueCard {
    pub consultation: ConsultationId,
    pub card: CardId,
    pub summary_by: SummaryBy,
    pub text: CardText,
}

impl Command for IssueCard {
    fn stream(&self) -> StreamName {
        stream(self.consultation)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let text = Sealed::of(Subject::Consultation(self.consultation), self.text.clone());
        let command = ConsultationCommand::IssueCard {
            card: self.card,
            summary_by: self.summary_by,
            text,
        };
        let written = ("card", self.text.additional_notes.as_deref());
        say(work, self.consultation, command, written).await
    }
}

/// Replaces what the user noted on the card.
#[derive(Debug, Clone)]
pub struct NoteCard {
    pub consultation: ConsultationId,
    pub additional_notes: Option<String>,
}

impl Command for NoteCard {
    fn stream(&self) -> StreamName {
        stream(self.consultation)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let subject = Subject::Consultation(self.consultation);
        let additional_notes = Sealed::of(subject, self.additional_notes.clone());
        let note = ConsultationCommand::NoteCard { additional_notes };
        let written = ("card", self.additional_notes.as_deref());
        say(work, self.consultation, note, written).await
    }
}

/// Rates a completed consultation, once.
#[derive(Debug, Clone)]
pub struct RateConsultation {
    pub consultation: ConsultationId,
    pub score: u8,
    pub comment: Option<String>,
}

impl Command for RateConsultation {
    fn stream(&self) -> StreamName {
        stream(self.consultation)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let subject = Subject::Consultation(self.consultation);
        let comment = self
            .comment
            .clone()
            .map(|comment| Sealed::of(subject, comment));
        let command = ConsultationCommand::Rate {
            score: self.score,
            comment,
        };
        let written = ("rating", self.comment.as_deref());
        say(work, self.consultation, command, written).await
    }
}

async fn decide(
    work: &mut Work<'_>,
    consultation: ConsultationId,
    command: ConsultationCommand,
) -> Result<(), CommandError> {
    let mut consultation = work.load::<Consultation>(consultation).await?;
    work.decide(&mut consultation, command)
}

/// Decides on something that its user wrote, and looks at that.
async fn say(
    work: &mut Work<'_>,
    id: ConsultationId,
    command: ConsultationCommand,
    (place, text): (&str, Option<&str>),
) -> Result<(), CommandError> {
    let mut consultation = work.load::<Consultation>(id).await?;
    work.decide(&mut consultation, command)?;
    watch(work, &consultation, id, place, text.unwrap_or_default()).await
}
