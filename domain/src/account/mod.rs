//! An account: who somebody is, what they may do, and when their log-ins end.

mod aggregate;
mod command;
mod event;
#[cfg(test)]
mod tests;

pub use aggregate::*;
pub use command::*;
pub use event::*;
