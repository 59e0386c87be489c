//! Who read what of others, and why: a stream for each day.

mod aggregate;
mod command;
mod concerned;
mod event;
mod secrets;
#[cfg(test)]
mod tests;

pub use aggregate::*;
pub use command::*;
pub use concerned::*;
pub use event::*;
pub use secrets::*;
