//! Live delivery: the hub that follows the log, and the connections that it feeds.

mod connection;
mod conversation;
mod ephemeral;
mod frame;
mod hub;
mod knock;
mod outbox;
mod presence;
mod resume;
mod rights;
mod wave;
#[cfg(test)]
mod weight;

pub use connection::{Connection, Inbound, Limits as ConnectionLimits, refuse};
pub use conversation::{Greeting, Place, Talk, converse};
pub use ephemeral::{Ephemeral, Sign};
pub use frame::{Brought, Ended, Frame, Outgoing, To, Topic, bad_frame};
pub use hub::{Dialect, Hub, Subscriber, Subscription, Wakes};
pub use knock::{Knock, ended_by, limited};
pub use outbox::{Next, Outbox};
pub use presence::{Presence, Relay, Visit, relay};
pub use resume::{Missed, Taker, reach};
pub use rights::{Rights, review};
pub use wave::Wave;
#[cfg(test)]
pub use weight::{IDLE_BYTES, bytes_of_future};
