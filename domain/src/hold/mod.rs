//! Legal holds: what may not be destroyed, whoever asks for it.

mod aggregate;
mod command;
mod event;
#[cfg(test)]
mod tests;

pub use aggregate::*;
pub use command::*;
pub use event::*;
