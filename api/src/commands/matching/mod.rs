//! What the process managers ask for: offers, time-outs, and who can be reached.

mod counselor;
mod end;
mod give_back;
mod match_request;
mod socket;

pub use counselor::{CloseLostSockets, MarkUnreachable};
pub use end::{CompleteIdle, TerminateUnanswered};
pub use give_back::GiveBack;
pub use match_request::{MAX_OFFERS_AT_ONCE, MatchRequest, Put};
pub use socket::{CloseSocket, OpenSocket};

use domain::Decide;
use event_store::StreamName;

/// The stream of an aggregate.
pub(crate) fn stream_of<A: Decide>(id: impl std::fmt::Display) -> StreamName {
    StreamName::new(A::TYPE, id)
}
