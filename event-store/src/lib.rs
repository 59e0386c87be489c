//! One log of events: append, read, follow; the keys, and the sealing of what is personal.

mod cipher;
mod database;
mod event;
mod generations;
pub mod keys;
mod location;
mod port;
pub mod postgres;
pub mod seal;
pub mod sqlite;
mod stream;

pub use database::OpenError;
pub use event::{
    Dedupe, Metadata, NewEvent, OpenPart, Position, Recorded, SealKeys, SealedPart, Version,
};
pub use location::{Location, LocationError};
pub use port::{
    Append, Capabilities, Direction, EventStore, Follow, Import, Page, StoreError, Write,
};
pub use stream::StreamName;
