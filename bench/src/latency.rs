//! How long things took, from many tasks, as percentiles.

use std::time::Duration;

use hdrhistogram::Histogram;

use crate::failure::Failure;

/// The longest time that is told apart.
const LONGEST_US: u64 = 120_000_000;

/// Three digits are told apart.
const DIGITS: u8 = 3;

/// Times in microseconds.
#[derive(Debug, Clone)]
pub struct Latencies(Histogram<u64>);

impl Latencies {
    pub fn new() -> Result<Self, Failure> {
        Histogram::new_with_bounds(1, LONGEST_US, DIGITS)
            .map(Self)
            .map_err(|cause| Failure::Report(cause.to_string()))
    }

    pub fn record(&mut self, took: Duration) {
        self.0
            .saturating_record(u64::try_from(took.as_micros()).unwrap_or(LONGEST_US));
    }

    pub fn add(&mut self, other: &Self) -> Result<(), Failure> {
        self.0
            .add(&other.0)
            .map_err(|cause| Failure::Report(cause.to_string()))
    }

    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// In milliseconds.
    pub fn percentile(&self, percent: f64) -> f64 {
        f64::from(u32::try_from(self.0.value_at_percentile(percent)).unwrap_or(u32::MAX)) / 1_000.0
    }
}
