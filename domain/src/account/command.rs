//! What can be asked of an account.

use crate::{Profile, Role, Sealed, SessionId, Standing, Version};

/// The session that changes a password and is to stay open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptSession {
    pub session: SessionId,
    /// The version of the account's stream at which it was opened.
    pub account_version: Version,
}

/// What can be asked of an account.
#[derive(Debug, Clone, PartialEq)]
pub enum AccountCommand {
    Register {
        /// The key of the email's stream.
        email_key: String,
        role: Role,
        profile: Sealed<Profile>,
        password_hash: Sealed<String>,
    },
    /// By the owner, who knew the password.
    ChangePassword {
        /// [`Account::credentials_version`](crate::Account::credentials_version) of the hash
        /// against which the old password was checked.
        checked_at: Version,
        password_hash: Sealed<String>,
        kept_session: Option<KeptSession>,
    },
    /// The same password under newer parameters, after a log-in.
    RehashPassword {
        /// As in `ChangePassword`.
        checked_at: Version,
        password_hash: Sealed<String>,
    },
    /// Makes a link good, and every earlier one bad.
    RequestReset {
        /// SHA-256 of the link's secret, in hexadecimal.
        secret_hash: String,
        /// Microseconds since the Unix epoch.
        expires_at: i64,
    },
    /// By the link, once.
    ResetPassword {
        secret_hash: String,
        /// Microseconds since the Unix epoch.
        now: i64,
        password_hash: Sealed<String>,
    },
    ChangeRole {
        role: Role,
    },
    Deactivate,
    Activate,
    /// For good.
    Erase,
    ChangeProfile {
        profile: Sealed<Profile>,
    },
    /// What is none stays as it is.
    SetStanding(Standing),
    /// As whom they want to be answered; none for what the server says.
    SetPrompt {
        prompt: Sealed<Option<String>>,
    },
}
