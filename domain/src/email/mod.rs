//! An email address, which belongs to one account at a time.

mod aggregate;
mod command;
mod event;
#[cfg(test)]
mod tests;

pub use aggregate::*;
pub use command::*;
pub use event::*;
