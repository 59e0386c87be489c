//! What can be asked of a log-in session.

use crate::{AccountId, Revocation, Version};

/// What can be asked of a log-in session. Times are microseconds since the Unix epoch, hashes
/// SHA-256 of a refresh token's secret in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionCommand {
    Open {
        account: AccountId,
        /// The version of the account's stream at which the password was checked.
        account_version: Version,
        secret_hash: String,
        expires_at: i64,
    },
    /// A refresh token is presented.
    Rotate {
        presented_hash: String,
        /// Derived from the presented secret, so that a repeat has the same successor.
        successor_hash: String,
        now: i64,
        expires_at: i64,
        /// For how long the token just replaced may be repeated.
        repeat_grace_us: i64,
    },
    Revoke {
        reason: Revocation,
    },
    /// It ended, or expired, before `now`, and is kept no longer.
    Forget {
        now: i64,
    },
}
