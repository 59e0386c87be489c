//! What can be asked of the register of one day's accesses.

use super::{AccessFilter, Act, Concerned};
use crate::{AccountId, Role};

/// What can be asked of the register of one day's accesses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccessCommand {
    /// Somebody is about to be shown what is not theirs.
    Record {
        account: AccountId,
        role: Role,
        act: Act,
        filter: AccessFilter,
        /// The position of the first event that will be shown. Of a state, of what created it.
        from: u64,
        /// The position of the last event that will be shown. Of a state, as of which it is.
        to: u64,
        /// How many events will be shown, or rows of a state.
        events: u32,
        concerned: Concerned,
        /// Needed for texts, and for every state.
        purpose: Option<String>,
    },
}
