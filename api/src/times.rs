//! How each dialect prints a time: the log keeps UTC microseconds, the guides do not agree.

use jiff::Timestamp;
use jiff::tz::TimeZone;

const MINUTE_US: i64 = 60_000_000;

/// The times of the consultation and chat dialects.
#[derive(Debug, Clone)]
pub struct LegacyTimes(TimeZone);

impl LegacyTimes {
    /// `zone`: the one in which they are printed, which they do not say.
    pub fn new(zone: TimeZone) -> Self {
        Self(zone)
    }

    /// `2025-01-01T10:00:00`.
    pub fn print(&self, at_us: i64) -> String {
        legacy(at_us, &self.0)
    }

    /// `2025-01-01`.
    pub fn date(&self, at_us: i64) -> String {
        legacy_date(at_us, &self.0)
    }

    /// The first microsecond of the day `days_before` days before the one of `at_us`.
    pub fn start_of_day(&self, at_us: i64, days_before: i64) -> i64 {
        start_of_day(at_us, &self.0, days_before)
    }
}

/// `2025-01-01T10:00:00` in the zone of the older clients: no offset, whole seconds.
pub fn legacy(at_us: i64, zone: &TimeZone) -> String {
    timestamp(at_us)
        .to_zoned(zone.clone())
        .strftime("%Y-%m-%dT%H:%M:%S")
        .to_string()
}

/// `2025-01-01`, the day in the zone of the older clients.
fn legacy_date(at_us: i64, zone: &TimeZone) -> String {
    timestamp(at_us)
        .to_zoned(zone.clone())
        .strftime("%Y-%m-%d")
        .to_string()
}

/// `2025-01-01T10:00:00Z`.
pub fn utc_seconds(at_us: i64) -> String {
    timestamp(at_us).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `2025-01-01T10:00:00.123Z`.
pub fn utc_millis(at_us: i64) -> String {
    let timestamp = timestamp(at_us);
    let millis = at_us.rem_euclid(1_000_000) / 1_000;
    format!("{}.{millis:03}Z", timestamp.strftime("%Y-%m-%dT%H:%M:%S"))
}

/// `2025-01-01T10:00:00.123456Z`, all that the log keeps.
pub fn utc_micros(at_us: i64) -> String {
    let micros = at_us.rem_euclid(1_000_000);
    let whole = timestamp(at_us).strftime("%Y-%m-%dT%H:%M:%S");
    format!("{whole}.{micros:06}Z")
}

/// The first microsecond of the day, in that zone, `days_before` days before the one of `at_us`.
fn start_of_day(at_us: i64, zone: &TimeZone, days_before: i64) -> i64 {
    let day = timestamp(at_us).to_zoned(zone.clone()).date();
    let day = day.saturating_sub(jiff::Span::new().days(days_before));
    zone.to_ambiguous_zoned(day.at(0, 0, 0, 0))
        .compatible()
        .map_or(at_us, |start| start.timestamp().as_microsecond())
}

/// Whole minutes between two times, a half rounded up; never below 0.
pub fn minutes_between(from_us: i64, to_us: i64) -> i64 {
    (to_us.saturating_sub(from_us).max(0) + MINUTE_US / 2) / MINUTE_US
}

/// A time that no calendar holds is shown as the epoch.
fn timestamp(at_us: i64) -> Timestamp {
    let whole_seconds = at_us.div_euclid(1_000_000);
    Timestamp::from_second(whole_seconds).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2025-01-01T10:00:00.123456Z
    const AT: i64 = 1_735_725_600_123_456;

    #[test]
    fn the_older_dialects_print_whole_seconds_without_an_offset() {
        assert_eq!(legacy(AT, &TimeZone::UTC), "2025-01-01T10:00:00");
        let seoul = TimeZone::get("Asia/Seoul").unwrap();
        assert_eq!(legacy(AT, &seoul), "2025-01-01T19:00:00");
        assert_eq!(legacy(AT + 999_000, &TimeZone::UTC), "2025-01-01T10:00:01");
    }

    #[test]
    fn a_date_is_that_of_the_zone() {
        let seoul = TimeZone::get("Asia/Seoul").unwrap();
        let evening = AT + 6 * 3_600_000_000;
        assert_eq!(legacy_date(evening, &TimeZone::UTC), "2025-01-01");
        assert_eq!(legacy_date(evening, &seoul), "2025-01-02");
    }

    #[test]
    fn the_newer_dialects_print_utc() {
        assert_eq!(utc_seconds(AT), "2025-01-01T10:00:00Z");
        assert_eq!(utc_millis(AT), "2025-01-01T10:00:00.123Z");
        assert_eq!(utc_micros(AT), "2025-01-01T10:00:00.123456Z");
    }

    #[test]
    fn half_a_minute_rounds_up() {
        let second = 1_000_000;
        assert_eq!(minutes_between(0, 29 * second), 0);
        assert_eq!(minutes_between(0, 30 * second), 1);
        assert_eq!(minutes_between(0, 89 * second), 1);
        assert_eq!(minutes_between(0, 90 * second), 2);
        assert_eq!(minutes_between(90 * second, 0), 0);
    }

    #[test]
    fn a_day_starts_at_midnight_of_the_zone() {
        let seoul = TimeZone::get("Asia/Seoul").unwrap();
        assert_eq!(
            legacy(start_of_day(AT, &seoul, 0), &seoul),
            "2025-01-01T00:00:00"
        );
        assert_eq!(
            legacy(start_of_day(AT, &seoul, 6), &seoul),
            "2024-12-26T00:00:00"
        );
    }
}
