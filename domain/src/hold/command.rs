//! What can be asked of the register of legal holds.

use crate::{HoldId, Sealed, Subject};

/// What can be asked of the register of legal holds.
#[derive(Debug, Clone, PartialEq)]
pub enum HoldCommand {
    Place {
        hold: HoldId,
        subject: Subject,
        reason: Sealed<String>,
    },
    Lift {
        hold: HoldId,
    },
}
