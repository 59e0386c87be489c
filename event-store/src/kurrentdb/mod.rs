//! KurrentDB: the log as one stream, of which each node keeps a copy to decide and to read by.

#[cfg(feature = "kurrentdb")]
mod client;
#[cfg(feature = "kurrentdb")]
mod connection;
#[cfg(feature = "kurrentdb")]
mod copy;
#[cfg(feature = "kurrentdb")]
mod event;
#[cfg(feature = "kurrentdb")]
mod import;
#[cfg(feature = "kurrentdb")]
mod limits;
#[cfg(feature = "kurrentdb")]
mod read_only;
#[cfg(feature = "kurrentdb")]
mod revision;
#[cfg(feature = "kurrentdb")]
mod store;
#[cfg(feature = "kurrentdb")]
mod subscription;
#[cfg(feature = "kurrentdb")]
mod temporary;
mod url;
#[cfg(feature = "kurrentdb")]
mod wire;
#[cfg(feature = "kurrentdb")]
mod writer;

#[cfg(feature = "kurrentdb")]
pub use import::KurrentImport;
#[cfg(feature = "kurrentdb")]
pub use read_only::KurrentLogReader;
#[cfg(feature = "kurrentdb")]
pub use store::KurrentEventStore;
pub use url::KurrentUrl;
