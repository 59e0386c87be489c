//! An alert: somebody spoke of suicide or of hurting themselves, and a person has to take it up.

mod aggregate;
mod command;
mod event;
#[cfg(test)]
mod tests;

pub use aggregate::*;
pub use command::*;
pub use event::*;
