//! The published postgres-es on a log of ours, and what the server would get if it used it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[macro_use]
mod agreement;
mod database;
mod findings;
mod log;
mod samples;
mod server;
mod session;
mod writing;
