//! What tests of several crates need: PostgreSQL databases and servers of their own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod cluster;
mod database;
mod kept_keys;
mod place;

pub use cluster::Cluster;
pub use database::{Database, execute};
pub use kept_keys::KeptKeys;
pub use place::{Engine, Place};
