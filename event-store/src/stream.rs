//! Names of streams: a category and a key, as `room-0190…`; or a category alone, as `seal`.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The name of a stream, `category-key`, or `category` for a thing of which there is only one.
/// The category ends at the first hyphen.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct StreamName(Arc<str>);

impl StreamName {
    /// Joins a category, which must not contain a hyphen, and a key.
    pub fn new(category: &str, key: impl fmt::Display) -> Self {
        debug_assert!(!category.contains('-'), "a category has no hyphen");
        Self(format!("{category}-{key}").into())
    }

    /// The stream of a thing of which there is only one: its category is its whole name.
    pub fn singleton(category: &str) -> Self {
        debug_assert!(!category.contains('-'), "a category has no hyphen");
        Self(category.into())
    }

    /// Takes a whole name, as the log or an operator writes it.
    pub fn parse(name: &str) -> Self {
        Self(name.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the first hyphen; the whole name where there is none.
    pub fn category(&self) -> &str {
        self.0
            .split_once('-')
            .map_or(&*self.0, |(category, _)| category)
    }

    /// Whether it is the name of a thing of which there is only one.
    pub fn is_singleton(&self) -> bool {
        !self.0.contains('-')
    }

    /// What stands after the first hyphen; empty where there is none.
    pub fn key(&self) -> &str {
        self.0.split_once('-').map_or("", |(_, key)| key)
    }
}

impl fmt::Display for StreamName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for StreamName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StreamName({})", self.0)
    }
}
