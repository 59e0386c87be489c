//! What somebody may do in the whole system.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What somebody may do in the whole system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    #[default]
    User,
    /// One consultation only.
    Guest,
    Counselor,
    Admin,
    Auditor,
    Analyst,
    Service,
}

impl Role {
    pub const ALL: [Self; 7] = [
        Self::User,
        Self::Guest,
        Self::Counselor,
        Self::Admin,
        Self::Auditor,
        Self::Analyst,
        Self::Service,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Guest => "guest",
            Self::Counselor => "counselor",
            Self::Admin => "admin",
            Self::Auditor => "auditor",
            Self::Analyst => "analyst",
            Self::Service => "service",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or(())
    }
}
