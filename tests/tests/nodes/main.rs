//! Servers on PostgreSQL: two of them on one log, and what happens when the database fails.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod answers;
mod database;
mod two;
