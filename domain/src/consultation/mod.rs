//! See `event`.
mod event;
pub use event::*;
