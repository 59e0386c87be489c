//! A counsellor: status, capacity, calls, and whether they can be reached.

mod aggregate;
mod command;
mod event;
#[cfg(test)]
mod tests;

pub use aggregate::*;
pub use command::*;
pub use event::*;
