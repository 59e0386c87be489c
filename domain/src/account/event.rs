//! What can have happened to an account.

use serde::{Deserialize, Serialize};

use crate::event::events;
use crate::{Role, Sealed, SessionId, Version};

/// Who somebody is, as they told it. Sealed under the account's key.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Profile {
    pub name: String,
    pub email: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub profile_image: Option<String>,
}

/// What others say of somebody: which sort of user they are, and how far they are trusted.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Standing {
    /// A word, e.g. `provider`.
    pub user_type: Option<String>,
    /// 0 to 100.
    pub trust_score: Option<f64>,
}

/// Why a password hash was replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PasswordChange {
    /// By its owner, who knew the old one. Other sessions end.
    Changed,
    /// By a one-time link. All sessions end.
    Reset,
    /// The same password under newer parameters. No session ends.
    Rehashed,
}

events! {
    /// What can have happened to an account.
    AccountEvent {
        Registered = "account.registered", "1.0.0" {
            /// The key of the email's stream: the keyed hash of the normalised address.
            email_key: String,
            role: Role,
            profile: Sealed<Profile>,
            password_hash: Sealed<String>,
        }
        PasswordChanged = "account.password_changed", "1.0.0" {
            change: PasswordChange,
            /// The session that made the change and stays open.
            kept_session: Option<SessionId>,
            password_hash: Sealed<String>,
        }
        /// An administrator had a one-time link made.
        ResetRequested = "account.reset_requested", "1.0.0" {
            /// SHA-256 of the link's secret, in hexadecimal.
            secret_hash: String,
            /// Microseconds since the Unix epoch.
            expires_at: i64,
        }
        RoleChanged = "account.role_changed", "1.0.0" { role: Role }
        Deactivated = "account.deactivated", "1.0.0" {}
        Activated = "account.activated", "1.0.0" {}
        /// For good: what is sealed under it is unreadable from here on.
        Erased = "account.erased", "1.0.0" {}
        ProfileChanged = "account.profile_changed", "1.0.0" {
            profile: Sealed<Profile>,
        }
        /// How others rank them, all of it as it is now.
        StandingSet = "account.standing_set", "1.0.0" {
            #[serde(skip_serializing_if = "Option::is_none", default)]
            user_type: Option<String>,
            #[serde(skip_serializing_if = "Option::is_none", default)]
            trust_score: Option<f64>,
        }
        /// As whom they want to be answered in sessions about their emotions; none for what the
        /// server says.
        PromptSet = "account.prompt_set", "1.0.0" {
            prompt: Sealed<Option<String>>,
        }
    }
}

/// The version of an account's stream from which on log-ins count: what was opened at an earlier
/// version is void, but for the session that was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SessionsVoid {
    pub before: Version,
    pub kept: Option<SessionId>,
}

impl SessionsVoid {
    /// Whether a session that was opened at `version` of its account's stream has ended by it.
    pub fn ends(&self, session: SessionId, version: Version) -> bool {
        version < self.before && self.kept != Some(session)
    }
}
