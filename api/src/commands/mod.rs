//! Commands: each a struct that says what is to happen; one executor that makes it so.

mod access;
pub mod accounts;
pub mod alerts;
mod cache;
pub mod consultations;
pub mod emotion;
pub mod erasure;
mod error;
mod executor;
pub mod matching;
pub mod presence;
mod request;
pub mod rooms;
pub mod seals;
pub mod uploads;
mod work;

pub use error::CommandError;
pub use executor::{Command, Commands, Done};
pub use request::{Actor, Once, Request};
pub(crate) use work::LAST;
pub use work::{Loaded, Work};
