//! The rules of counselling and chat. `decide` takes state and command and gives events or a
//! refusal; nothing here does I/O, reads a clock or makes an id.

mod access;
mod account;
mod alert;
mod consultation;
mod counselor;
pub mod crisis;
mod decide;
mod email;
mod emotion;
mod erasure;
mod event;
mod hold;
mod ids;
pub mod limits;
pub mod matching;
mod member;
mod message;
mod presence;
mod refusal;
mod risk;
mod role;
mod room;
mod seal;
pub mod sealed;
mod session;
#[cfg(test)]
mod stored;
#[cfg(test)]
mod testing;
mod text;
mod upcast;
mod upload;

pub use access::*;
pub use account::*;
pub use alert::*;
pub use consultation::*;
pub use counselor::*;
pub use decide::Decide;
pub use email::*;
pub use emotion::*;
pub use erasure::*;
pub use event::{DecodeError, Event, StreamKey};
pub use hold::*;
pub use ids::*;
pub use member::*;
pub use message::*;
pub use presence::*;
pub use refusal::{Refusal, RefusalKind};
pub use risk::Risk;
pub use role::Role;
pub use room::*;
pub use seal::*;
pub use sealed::{Bucket, Sealed, SealedUnder, Subject};
pub use session::*;
pub use upcast::{upcast, upcasters};
pub use upload::*;

/// How many events a stream holds.
pub type Version = u64;
