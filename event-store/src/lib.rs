//! One log of events: append, read, follow; the keys, and the sealing of what is personal.

mod cipher;
mod codec;
mod database;
mod event;
mod feed;
mod generations;
mod heads;
mod health;
pub mod keys;
pub mod kurrentdb;
mod leases;
mod limits;
mod location;
pub mod log_seal;
pub mod object_seal;
mod poller;
mod port;
pub mod postgres;
mod prepare;
mod queue;
pub mod seal;
pub mod sqlite;
mod stream;

use std::sync::Arc;

pub use database::OpenError;
pub use event::{
    Dedupe, Metadata, NewEvent, OpenPart, Position, Recorded, SealKeys, SealedPart, Version,
};
pub use leases::{Leases, OneNode};
pub use limits::{BATCH_BYTES, BATCH_EVENTS, NAME_BYTES};
pub use location::{Location, LocationError};
pub use port::{
    Append, Capabilities, Direction, EventStore, Follow, Import, Page, StoreError, TypeName, Write,
};
pub use stream::StreamName;

/// Gives the present time in microseconds since the Unix epoch.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;
