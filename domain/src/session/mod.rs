//! A log-in session: the family of one refresh token and its successors.

mod aggregate;
mod command;
mod event;
#[cfg(test)]
mod tests;

pub use aggregate::*;
pub use command::*;
pub use event::*;
