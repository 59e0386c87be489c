//! Erasure, from the request to the receipt, and the legal holds against it.

mod account;
mod consultation;
mod hold;
mod request;

use domain::{Erasure, Hold, Refusal, Subject};

pub use account::EraseAccount;
pub use consultation::EraseConsultation;
pub use hold::{LiftHold, PlaceHold};
pub use request::{CompleteErasure, RequestErasure};

use super::{CommandError, Loaded, Work};

/// The register of legal holds, as an append that destroys something requires it.
pub(super) async fn holds(work: &mut Work<'_>) -> Result<Loaded<Hold>, CommandError> {
    work.load::<Hold>(Hold::KEY).await
}

/// Whether the erasure of a subject was asked for.
async fn is_asked_for(work: &mut Work<'_>, subject: Subject) -> Result<bool, CommandError> {
    let erasure = work.load::<Erasure>(subject.id()).await?;
    Ok(erasure.is_requested())
}

/// Refuses what a hold is against.
fn check(hold: &Hold, subjects: impl IntoIterator<Item = Subject>) -> Result<(), Refusal> {
    if subjects.into_iter().any(|subject| hold.keeps(subject)) {
        Err(Refusal::Held)
    } else {
        Ok(())
    }
}
