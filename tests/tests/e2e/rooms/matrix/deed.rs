//! What somebody has done in a room, in no dialect's words.

use tests::User;

/// See above; numbers are those of messages.
pub enum Deed {
    Sent {
        by: User,
        number: u64,
        text: String,
    },
    Edited {
        number: u64,
        text: String,
    },
    Deleted {
        number: u64,
    },
    /// Up to a message.
    Read {
        by: User,
        number: u64,
    },
    Joined(User),
    Left(User),
}
