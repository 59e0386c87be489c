//! Erasure, from the request to the receipt, and the legal holds against it.

mod account;
mod consultation;
mod hold;
mod request;
mod withdraw;

use domain::{Erasure, Hold, Refusal, Subject};

pub use account::EraseAccount;
pub use consultation::EraseConsultation;
pub use hold::{LiftHold, PlaceHold};
pub use request::{CompleteErasure, RequestErasure};
pub use withdraw::WithdrawErasure;

use super::{CommandError, Loaded, Work};

/// The register of legal holds, as an append that destroys something requires it.
pub(super) async fn holds(work: &mut Work<'_>) -> Result<Loaded<Hold>, CommandError> {
    work.load::<Hold>(Hold::KEY).await
}

/// Refuses where nobody asked for the erasure of any of some subjects, or all was withdrawn.
async fn check_asked_for(work: &mut Work<'_>, of: &[Subject]) -> Result<(), CommandError> {
    for subject in of {
        let erasure = work.load::<Erasure>(subject.id()).await?;
        if erasure.is_requested() {
            return Ok(());
        }
    }
    Err(Refusal::UnknownErasure.into())
}

/// Refuses what a hold is against.
fn check(hold: &Hold, subjects: impl IntoIterator<Item = Subject>) -> Result<(), Refusal> {
    if subjects.into_iter().any(|subject| hold.keeps(subject)) {
        Err(Refusal::Held)
    } else {
        Ok(())
    }
}
