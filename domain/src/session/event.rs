//! What can have happened to a log-in session.

use serde::{Deserialize, Serialize};

use crate::event::events;
use crate::{AccountId, Version};

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Revocation {
    LoggedOut,
    /// A refresh token was used a second time.
    Reused,
}

events! {
    /// What can have happened to a log-in session, the family of one refresh token.
    SessionEvent {
        Opened = "session.opened", "1.0.0" {
            account: AccountId,
            /// The version of the account's stream at which the password was checked.
            account_version: Version,
            /// SHA-256 of the refresh token's secret, in hexadecimal.
            secret_hash: String,
            /// Microseconds since the Unix epoch.
            expires_at: i64,
        }
        Rotated = "session.rotated", "1.0.0" {
            secret_hash: String,
            /// When, in microseconds since the Unix epoch; the replaced secret may be repeated
            /// for a short while after.
            rotated_at: i64,
            expires_at: i64,
        }
        Revoked = "session.revoked", "1.0.0" { reason: Revocation }
        /// It can be used no more, and is kept in no read model any longer.
        Forgotten = "session.forgotten", "1.0.0" {}
    }
}
