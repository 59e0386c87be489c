//! A consultation, from request to card.

mod aggregate;
mod code;
mod command;
mod decide;
mod event;
mod offers;
#[cfg(test)]
mod states;
#[cfg(test)]
mod tests;
mod words;

pub use aggregate::{Consultation, ConsultationStatus};
pub use code::*;
pub use command::*;
pub use event::*;
pub use offers::{Offer, OfferStatus};
