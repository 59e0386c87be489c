//! The seal of the log: what was recorded, stretch after stretch, as roots that are signed.

mod aggregate;
mod command;
mod event;
mod statement;
#[cfg(test)]
mod tests;

pub use aggregate::*;
pub use command::*;
pub use event::*;
pub use statement::*;
