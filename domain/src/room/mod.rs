//! A room: who is in it, and who may send.

mod aggregate;
mod command;
mod event;
mod retention;
#[cfg(test)]
mod tests;

pub use aggregate::*;
pub use command::*;
pub use event::*;
pub use retention::Retention;
