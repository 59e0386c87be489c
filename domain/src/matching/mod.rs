//! Who is asked next: pure matching, for a process manager to carry out.
//!
//! - A **broadcast** (quick match) goes at once to every waiting counsellor with room who was not
//!   asked yet, newcomers included, and lasts until taken or the consultation gives up. Who
//!   rejected is asked again only when nobody else is being asked or could be, and the offer
//!   time-out has passed since the rejection; that begins the next round.
//! - **One at a time** goes to the best of those not asked in this round: preferred character,
//!   then fewest consultations, then longest idle. A rejection or the offer time-out moves it on;
//!   after the last one the next round begins at once, but never with the one who just rejected,
//!   unless nobody else can take it and the offer time-out has passed since.
//!
//! An offer that was withdrawn counts as not made. Who is full cannot be asked and holds up nobody.

mod counselor;
mod explain;
mod next;
mod request;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
mod wait;

pub use counselor::{CounselorLoad, WaitingCounselor};
pub use next::{Matching, Proposal, next_offers};
pub use request::{Asked, OpenRequest, Outcome, PendingOffer};
pub use wait::{DEFAULT_DURATION_S, estimate_wait};
