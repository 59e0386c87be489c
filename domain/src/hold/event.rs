//! What can have happened to the register of legal holds.

use crate::event::events;
use crate::{HoldId, Sealed, Subject};

events! {
    /// What can have happened to the register of legal holds.
    HoldEvent {
        /// Nothing of this subject may be destroyed.
        Placed = "hold.placed", "1.0.0" {
            hold: HoldId,
            subject: Subject,
            /// Why. Sealed under the subject: whoever is erased later takes it along.
            reason: Sealed<String>,
        }
        /// This hold is against nothing any more; others on the same subject may be.
        Lifted = "hold.lifted", "1.0.0" { hold: HoldId, subject: Subject }
    }
}
