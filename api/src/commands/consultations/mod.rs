//! What is asked of a consultation: from the request to the card.

mod accept;
mod card;
mod end;
mod history;
mod reconnect;
mod reject;
mod start;
mod watch;

pub use accept::AcceptRequest;
pub use card::{IssueCard, NoteCard, RateConsultation, WriteNotes};
pub use end::EndConsultation;
pub(crate) use end::release_call;
pub use reconnect::ReconnectConsultation;
pub use reject::RejectRequest;
pub use start::StartConsultation;
pub(in crate::commands) use watch::alert;

use domain::ConsultationId;
use event_store::StreamName;

fn stream(consultation: ConsultationId) -> StreamName {
    StreamName::new("consultation", consultation)
}

#[cfg(test)]
mod tests;
