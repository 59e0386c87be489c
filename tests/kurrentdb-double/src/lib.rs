//! A double of KurrentDB on the wire: appends with expected revisions, reads, subscriptions, and
//! the faults of a server and of its network at the turn of a switch. It keeps its log in a file.
//!
//! It is one node. Deleting streams, persistent subscriptions, projections and users are not here.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(
    clippy::result_large_err,
    reason = "the service is made of functions that answer a value or a status"
)]

mod append;
mod double;
mod faults;
mod filter;
mod log;
mod nodes;
mod read;
mod service;
mod status;

#[allow(clippy::all, clippy::pedantic, dead_code, reason = "made by a program")]
mod protocol {
    include!(concat!(env!("OUT_DIR"), "/protocol.rs"));
}

pub use double::Double;
pub use faults::{AppendFault, Faults};
