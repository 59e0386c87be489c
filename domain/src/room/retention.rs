//! For how long a room keeps its messages, and which days of them are no more.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{Refusal, limits};

/// For how long a room keeps its messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retention {
    /// Whole days.
    pub days: u16,
    /// Whether older ones are destroyed.
    pub auto_delete: bool,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            days: limits::RETENTION_DAYS_DEFAULT,
            auto_delete: false,
        }
    }
}

impl Retention {
    /// This one with what is to change.
    ///
    /// # Errors
    /// `RetentionOutOfRange` for days that are not 1 to 3,650.
    pub fn with(self, days: Option<u16>, auto_delete: Option<bool>) -> Result<Self, Refusal> {
        let days = days.unwrap_or(self.days);
        if !(1..=limits::RETENTION_DAYS_MAX).contains(&days) {
            return Err(Refusal::RetentionOutOfRange);
        }
        Ok(Self {
            days,
            auto_delete: auto_delete.unwrap_or(self.auto_delete),
        })
    }

    /// The first day whose messages are kept; none where all are. A message is kept for that many
    /// days after the end of its own.
    pub fn keeps_from(self, today: Date) -> Option<Date> {
        let kept = today.saturating_sub(i64::from(self.days).days());
        self.auto_delete.then_some(kept)
    }
}

/// The days of a room whose messages were destroyed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct DestroyedDays(BTreeSet<Date>);

impl DestroyedDays {
    pub(super) fn has(&self, day: Date) -> bool {
        self.0.contains(&day)
    }

    pub(super) fn add(&mut self, day: Date) {
        self.0.insert(day);
    }
}
