//! Servers on PostgreSQL: several of them on one log, and what happens when the database fails.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod answers;
mod balanced;
mod database;
#[path = "../e2e/messenger/io.rs"]
#[expect(dead_code, reason = "the rest is for the messenger's own tests")]
mod io;
mod presence;
mod two;
