//! What tests of several crates need: PostgreSQL databases and servers of their own, and a double
//! of a language model.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod cluster;
mod database;
mod kept_keys;
mod kept_log;
pub mod model_double;
mod place;

pub use cluster::Cluster;
pub use database::{Database, execute};
pub use kept_keys::KeptKeys;
pub use kept_log::KeptLog;
pub use model_double::ModelDouble;
pub use place::{Engine, Place};
