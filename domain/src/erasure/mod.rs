//! The erasure of what is personal of an account or a consultation, from the request to the
//! receipt.

mod aggregate;
mod command;
mod event;
mod receipt;
#[cfg(test)]
mod tests;

pub use aggregate::*;
pub use command::*;
pub use event::*;
pub use receipt::*;
