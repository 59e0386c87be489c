//! The process managers over the real store and read models, with a clock that the test moves.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod offers;
mod random;
mod reach;
mod retention;
mod seals;
mod time;
mod world;
