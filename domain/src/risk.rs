//! How much danger somebody's words speak of.

use serde::{Deserialize, Serialize};

/// How much danger somebody's words speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// Of taking one's life, or of harming oneself.
    High,
}
