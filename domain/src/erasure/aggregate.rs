//! The rules of erasure: it is asked for once, and over once; until it begins it can be withdrawn.

use serde::{Deserialize, Serialize};

use super::{ErasureCommand, ErasureEvent};
use crate::decide::{Decide, aggregate};
use crate::{ErasureId, Refusal, Subject};

/// How far the erasure of an account or a consultation has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Erasure {
    #[default]
    Unasked,
    Requested {
        erasure: ErasureId,
        subject: Subject,
    },
    Completed {
        erasure: ErasureId,
        subject: Subject,
    },
}

aggregate!(Erasure, "erasure", ErasureCommand, ErasureEvent);

impl Erasure {
    /// Whether somebody asked for it, be it over or not.
    pub fn is_requested(&self) -> bool {
        *self != Self::Unasked
    }

    /// By which its receipt is known.
    pub fn id(&self) -> Option<ErasureId> {
        match *self {
            Self::Unasked => None,
            Self::Requested { erasure, .. } | Self::Completed { erasure, .. } => Some(erasure),
        }
    }
}

impl Decide for Erasure {
    fn decide(&self, command: ErasureCommand) -> Result<Vec<ErasureEvent>, Refusal> {
        match (*self, command) {
            (Self::Unasked, ErasureCommand::Request { erasure, subject }) => {
                Ok(vec![ErasureEvent::Requested { erasure, subject }])
            }
            (_, ErasureCommand::Request { .. })
            | (Self::Completed { .. }, ErasureCommand::Complete { .. }) => Ok(vec![]),
            (Self::Unasked, ErasureCommand::Complete { .. } | ErasureCommand::Withdraw) => {
                Err(Refusal::UnknownErasure)
            }
            (Self::Requested { erasure, subject }, ErasureCommand::Withdraw) => {
                Ok(vec![ErasureEvent::Withdrawn { erasure, subject }])
            }
            (Self::Completed { .. }, ErasureCommand::Withdraw) => Err(Refusal::ErasureBegun),
            (
                Self::Requested { erasure, subject },
                ErasureCommand::Complete {
                    completed_at,
                    requested_at,
                    consultations,
                    files,
                    key,
                    signature,
                },
            ) => Ok(vec![ErasureEvent::Completed {
                erasure,
                subject,
                requested_at,
                completed_at,
                consultations,
                files,
                key,
                signature,
            }]),
        }
    }
}

impl Erasure {
    fn evolve(&mut self, event: ErasureEvent) {
        match (*self, event) {
            (Self::Unasked, ErasureEvent::Requested { erasure, subject }) => {
                *self = Self::Requested { erasure, subject };
            }
            (Self::Requested { erasure, subject }, ErasureEvent::Completed { .. }) => {
                *self = Self::Completed { erasure, subject };
            }
            (Self::Requested { .. }, ErasureEvent::Withdrawn { .. }) => *self = Self::Unasked,
            (
                _,
                ErasureEvent::Requested { .. }
                | ErasureEvent::Withdrawn { .. }
                | ErasureEvent::Completed { .. },
            ) => {}
        }
    }
}
