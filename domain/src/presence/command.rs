//! What can be asked of somebody's presence.

use crate::PersonId;

/// What can be asked of somebody's presence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PresenceCommand {
    /// Their last live connection is gone.
    Leave {
        person: PersonId,
        /// The caller's clock, in microseconds since the Unix epoch.
        now: i64,
        /// When they were recorded as gone before.
        before: Option<i64>,
    },
}
