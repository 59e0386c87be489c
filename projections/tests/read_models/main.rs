//! Read models on SQLite and PostgreSQL over a real log, with real keys and real sealing.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its words too"
)]

mod analytics;
mod engine;
mod files;
mod fixture;
mod nodes;
mod outages;
mod places;
mod proxy;
mod queries;
mod restarts;
mod search;
mod statements;
mod tail;
mod workload;
