//! A bad setting, said in one line.

use std::fmt;

/// Why the settings cannot be used. Its display is one line that names the key, where it came
/// from, and what is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsError {
    /// The key, e.g. `auth.access_ttl`; none where the file as a whole is at fault.
    pub key: Option<String>,
    /// The file, variable or flag.
    pub origin: String,
    /// What is wrong, and what is allowed.
    pub problem: String,
}

impl SettingsError {
    pub(crate) fn new(
        key: impl Into<Option<String>>,
        origin: impl Into<String>,
        problem: impl Into<String>,
    ) -> Self {
        Self {
            key: key.into(),
            origin: origin.into(),
            problem: problem.into(),
        }
    }
}

impl std::error::Error for SettingsError {}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = match &self.key {
            Some(key) => format!("{key} ({}): {}", self.origin, self.problem),
            None => format!("{}: {}", self.origin, self.problem),
        };
        // Keys and paths are what somebody typed: they must not break the line.
        for character in line.chars() {
            match character {
                '\n' | '\r' => f.write_str(" ")?,
                character if character.is_control() => write!(f, "{}", character.escape_default())?,
                character => write!(f, "{character}")?,
            }
        }
        Ok(())
    }
}
