//! What can be asked of an email address.

use crate::AccountId;

/// What can be asked of an email address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmailCommand {
    Reserve { account: AccountId },
    Release { account: AccountId },
}
