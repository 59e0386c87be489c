//! `maeum-replay` as an operator runs it: the program itself on logs that were made, and harmed.

#![expect(clippy::unwrap_used, reason = "a test fails where it panics")]

mod at;
mod bundle;
mod copy;
mod damage;
mod diff;
mod export;
mod random;
mod rebuild;
mod running;
mod sealed;
mod stats;
mod tampered;
mod tampered_at_random;
mod timeline;
mod verify;
mod world;
