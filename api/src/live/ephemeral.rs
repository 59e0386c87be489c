//! What is told live and is no event: who is in a room, who is online, who types.

use domain::{PersonId, RoomId};

/// Something about a person that the others in a room are told, and that nobody is told again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ephemeral {
    pub room: RoomId,
    pub person: PersonId,
    pub sign: Sign,
}

/// What is told of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// Their first connection to the room opened, or the last one closed; dialects count together.
    Here(bool),
    /// Their first connection to anything opened, or the last one closed.
    Online(bool),
    /// They began to type or still do, or they stopped. Never told to themselves.
    Typing(bool),
}
