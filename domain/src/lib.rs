//! The rules of counselling and chat. `decide` takes state and command and gives events or a
//! refusal; nothing here does I/O, reads a clock or makes an id.

mod account;
mod consultation;
mod counselor;
mod email;
mod event;
mod ids;
mod member;
mod message;
mod refusal;
mod role;
mod room;
pub mod sealed;
mod session;

pub use account::*;
pub use consultation::*;
pub use counselor::*;
pub use email::*;
pub use event::{DecodeError, Event};
pub use ids::*;
pub use member::*;
pub use message::*;
pub use refusal::{Refusal, RefusalKind};
pub use role::Role;
pub use room::*;
pub use sealed::{Bucket, Sealed, Subject};
pub use session::*;

/// How many events a stream holds.
pub type Version = u64;
