//! What a comparison found.

use std::collections::BTreeMap;
use std::fmt;

use event_store::Position;
use serde::Serialize;

use super::compare::Comparison;
use super::difference::Difference;
use super::judge::{NotCompared, Standing};

#[derive(Debug, Serialize)]
pub struct Report {
    /// How far each projection that was compared has come.
    pub positions: BTreeMap<&'static str, Position>,
    pub tables: u64,
    /// Rows that the log makes.
    pub rows: u64,
    pub differences: u64,
    pub first: Option<Difference>,
    pub shown: Vec<Difference>,
    pub not_compared: Vec<NotCompared>,
}

impl Report {
    pub fn new(standing: Standing, comparison: Comparison) -> Self {
        Self {
            positions: standing.positions,
            tables: comparison.tables,
            rows: comparison.rows,
            differences: comparison.differences,
            first: comparison.shown.first().cloned(),
            shown: comparison.shown,
            not_compared: standing.not_compared,
        }
    }

    /// Whether everything was compared and is the same.
    pub fn is_fine(&self) -> bool {
        self.differences == 0 && self.not_compared.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for difference in &self.shown {
            writeln!(f, "{difference}")?;
        }
        for NotCompared { projection, reason } in &self.not_compared {
            writeln!(f, "{projection} was not compared: {reason}")?;
        }
        let first = self.positions.values().min().unwrap_or(&0);
        let last = self.positions.values().max().unwrap_or(&0);
        write!(
            f,
            "{} rows of {} tables at position {first}",
            self.rows, self.tables
        )?;
        if first != last {
            write!(f, " to {last}")?;
        }
        match &self.first {
            None if self.not_compared.is_empty() => f.write_str(": the same"),
            None => f.write_str(": the same, but not all was compared"),
            Some(first) => write!(f, ": {} differences, the first: {first}", self.differences),
        }
    }
}
