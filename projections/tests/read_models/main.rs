//! Read models over a real log on SQLite, with real keys and real sealing.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its words too"
)]

mod engine;
mod files;
mod fixture;
mod queries;
mod restarts;
mod statements;
mod tail;
mod workload;
