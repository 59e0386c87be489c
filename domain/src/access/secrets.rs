//! What of an event lets its holder act as somebody else, and is shown to no reader.

use crate::{AccountEvent, ConsultationEvent, Event};

/// Something sealed that no purpose opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secret {
    /// The whole part that this field of the payload names.
    Part(&'static str),
    /// One field of the part that a field of the payload names.
    Field {
        part: &'static str,
        field: &'static str,
    },
}

/// The secrets of an event: hashes of passwords, and codes, with which anybody is the requester.
pub fn secrets(event: &Event) -> &'static [Secret] {
    const PASSWORD: &[Secret] = &[Secret::Part("password_hash")];
    const CODE: &[Secret] = &[Secret::Field {
        part: "text",
        field: "code",
    }];
    match event {
        Event::Account(event) => match event {
            AccountEvent::Registered { .. } | AccountEvent::PasswordChanged { .. } => PASSWORD,
            AccountEvent::ResetRequested { .. }
            | AccountEvent::RoleChanged { .. }
            | AccountEvent::Deactivated {}
            | AccountEvent::Activated {}
            | AccountEvent::Erased {}
            | AccountEvent::ProfileChanged { .. }
            | AccountEvent::StandingSet { .. }
            | AccountEvent::PromptSet { .. } => &[],
        },
        Event::Consultation(event) => match event {
            ConsultationEvent::Requested { .. } => CODE,
            ConsultationEvent::Offered { .. }
            | ConsultationEvent::OfferRejected { .. }
            | ConsultationEvent::OfferExpired { .. }
            | ConsultationEvent::OfferWithdrawn { .. }
            | ConsultationEvent::Accepted { .. }
            | ConsultationEvent::ReturnedToWaiting { .. }
            | ConsultationEvent::NicknameChanged { .. }
            | ConsultationEvent::Completed { .. }
            | ConsultationEvent::Terminated { .. }
            | ConsultationEvent::NotesWritten { .. }
            | ConsultationEvent::CardIssued { .. }
            | ConsultationEvent::CardNoted { .. }
            | ConsultationEvent::Rated { .. }
            | ConsultationEvent::RiskFlagged { .. }
            | ConsultationEvent::HistoryGranted { .. }
            | ConsultationEvent::Erased {} => &[],
        },
        Event::Message(_)
        | Event::Presence(_)
        | Event::Email(_)
        | Event::Session(_)
        | Event::Counselor(_)
        | Event::Room(_)
        | Event::Member(_)
        | Event::Access(_)
        | Event::Seal(_)
        | Event::Upload(_)
        | Event::Erasure(_)
        | Event::Hold(_)
        | Event::Emotion(_)
        | Event::Alert(_) => &[],
    }
}
