//! What is wrong with a log, and where.

use std::fmt;

use event_store::{Position, Recorded};
use serde::Serialize;

/// What is wrong at one position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub position: Position,
    /// None where there is no event, or it could not be read at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream: Option<String>,
    pub kind: FindingKind,
    /// Without personal content.
    pub detail: String,
}

/// A kind of damage. The names are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// The engine finds the file damaged, its indexes included. Told at position 0.
    FileDamaged,
    /// The store cannot read the event.
    Unreadable,
    /// Nothing is at this position, although the log goes on behind it.
    PositionGap,
    /// Events of its stream before it are missing, or there twice.
    SequenceGap,
    /// Not at its place in a bundle.
    OutOfOrder,
    /// Recorded before the event at the position before.
    TimeWentBack,
    /// Its id, or the hash of its client's key, is already on another event.
    NotUnique,
    /// Its type is unknown or its payload does not decode.
    Undecodable,
    /// A sealed part does not open, and nobody erased it.
    Unopenable,
    /// Not the event that a seal vouches for.
    Changed,
    /// A seal that does not go on from the one before, or whose signature does not hold.
    SealInvalid,
    /// From here on events are missing that a seal vouches for, or the key store remembers.
    CutOff,
    /// Not the root that was noted outside.
    RootDiffers,
}

impl Finding {
    /// Of an event that is not at hand, or not there.
    pub fn nameless(position: Position, kind: FindingKind, detail: String) -> Self {
        Self {
            position,
            stream: None,
            kind,
            detail,
        }
    }

    pub fn at(event: &Recorded, kind: FindingKind, detail: String) -> Self {
        Self {
            position: event.position,
            stream: Some(event.stream.to_string()),
            kind,
            detail,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.position == 0 {
            return write!(f, "the file: {}", self.detail);
        }
        write!(f, "position {}", self.position)?;
        if let Some(stream) = &self.stream {
            write!(f, ", stream {stream}")?;
        }
        write!(f, ": {}", self.detail)
    }
}
