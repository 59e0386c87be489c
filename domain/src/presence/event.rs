//! What can have happened to somebody's presence.

use crate::PersonId;
use crate::event::events;

events! {
    /// What can have happened to somebody's presence.
    PresenceEvent {
        /// Their last live connection, in any dialect, is gone. At most once a minute.
        Left = "presence.left", "1.0.0" { person: PersonId }
    }
}
