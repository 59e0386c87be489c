//! The rules of sealing the log: no position is left out, none is sealed twice.

use serde::{Deserialize, Serialize};

use super::{SealCommand, SealEvent};
use crate::decide::{Decide, aggregate};
use crate::{Refusal, limits};

/// What stands for the root before the first one: 32 zeros, hexadecimal.
pub const NO_ROOT: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// How far the log is sealed. Its newest event alone says all of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seal {
    #[default]
    Never,
    /// Up to and with this position; the root that stands for all of it.
    UpTo { position: u64, root: String },
}

aggregate!(Seal, "seal", SealCommand, SealEvent);

impl Seal {
    /// The name of its stream: there is only one.
    pub const STREAM: &str = "seal";

    /// The last position that is sealed; 0 for none.
    pub fn sealed_to(&self) -> u64 {
        match self {
            Self::Never => 0,
            Self::UpTo { position, .. } => *position,
        }
    }

    /// The root of the newest seal; zeros for none.
    pub fn root(&self) -> &str {
        match self {
            Self::Never => NO_ROOT,
            Self::UpTo { root, .. } => root,
        }
    }
}

impl Decide for Seal {
    fn decide(&self, command: SealCommand) -> Result<Vec<SealEvent>, Refusal> {
        let SealCommand::Seal {
            from,
            to,
            root,
            previous,
            leaves,
            key,
            signature,
        } = command;
        if from != self.sealed_to() + 1 || previous != self.root() {
            return Err(Refusal::SealedDifferently);
        }
        if to < from || to - from >= limits::SEALED_EVENTS {
            return Err(Refusal::SealLength);
        }
        Ok(vec![SealEvent::Sealed {
            from,
            to,
            root,
            previous,
            leaves,
            key,
            signature,
        }])
    }
}

impl Seal {
    fn evolve(&mut self, event: SealEvent) {
        let SealEvent::Sealed { to, root, .. } = event;
        if to > self.sealed_to() {
            *self = Self::UpTo { position: to, root };
        }
    }
}
