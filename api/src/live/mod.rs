//! Live delivery: the hub that follows the log, and the connections that it feeds.

mod connection;
mod frame;
mod hub;
mod outbox;
mod resume;
mod rights;
#[cfg(test)]
mod weight;

pub use connection::{Connection, Inbound, Limits as ConnectionLimits, refuse};
pub use frame::{Ended, Frame, Outgoing, To, Topic, bad_frame};
pub use hub::{Dialect, Hub, Subscriber, Subscription};
pub use outbox::{Next, Outbox};
pub use resume::{Missed, reach};
pub use rights::{Rights, review};
#[cfg(test)]
pub use weight::{IDLE_BYTES, bytes_of_future};
