//! Time and new ids, handed in so that rules and tests never take them from the machine.

use jiff::Timestamp;
use uuid::Uuid;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Microseconds since the Unix epoch, UTC.
    fn now_us(&self) -> i64;

    /// The same as a time stamp.
    fn now(&self) -> Timestamp {
        // Every i64 of microseconds that a clock can show lies within jiff's range.
        Timestamp::from_microsecond(self.now_us()).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Whole seconds since the Unix epoch, rounded down, as tokens count them.
    fn now_seconds(&self) -> i64 {
        self.now_us().div_euclid(1_000_000)
    }
}

/// Makes ids that were never used before.
pub trait Ids: Send + Sync {
    /// A new `UUIDv7`, above those that were made before by this process.
    fn next(&self) -> Uuid;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the machine's clock"
    )]
    fn now_us(&self) -> i64 {
        Timestamp::now().as_microsecond()
    }
}

/// Ids from the machine's clock and random source.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemIds;

impl Ids for SystemIds {
    #[expect(clippy::disallowed_methods, reason = "the one place that makes ids")]
    fn next(&self) -> Uuid {
        Uuid::now_v7()
    }
}

/// A clock that stands until it is moved, for tests.
#[derive(Debug, Default)]
pub struct ManualClock(std::sync::atomic::AtomicI64);

impl ManualClock {
    /// Stands at `now_us` microseconds since the Unix epoch.
    pub fn at(now_us: i64) -> Self {
        Self(now_us.into())
    }

    /// Moves on, or back by a negative number.
    pub fn advance_us(&self, by_us: i64) {
        self.0.fetch_add(by_us, std::sync::atomic::Ordering::SeqCst);
    }

    /// Moves on by whole seconds.
    pub fn advance_seconds(&self, by: i64) {
        self.advance_us(by * 1_000_000);
    }
}

impl Clock for ManualClock {
    fn now_us(&self) -> i64 {
        self.0.load(std::sync::atomic::Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_rise_and_are_version_7() {
        let ids: Vec<_> = (0..1_000).map(|_| SystemIds.next()).collect();
        assert!(ids.is_sorted());
        assert!(ids.iter().all(|id| id.get_version_num() == 7));
    }

    #[test]
    fn a_manual_clock_moves_only_when_told() {
        let clock = ManualClock::at(1_500_000);
        assert_eq!(clock.now_us(), clock.now_us());
        clock.advance_seconds(2);
        assert_eq!(clock.now_us(), 3_500_000);
        assert_eq!(clock.now_seconds(), 3);
        assert_eq!(clock.now().as_microsecond(), 3_500_000);
    }

    #[test]
    fn the_machines_clock_is_past_2024() {
        assert!(SystemClock.now_seconds() > 1_704_067_200);
    }
}
