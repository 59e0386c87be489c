//! Days, weeks and months of UTC, as they stand in columns.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

/// How numbers are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    #[default]
    Day,
    /// From Monday to Sunday, as ISO 8601 counts them.
    Week,
    Month,
}

impl By {
    /// Its name in queries and answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// The first day of the period that a day is in.
    fn first(self, day: Date) -> Date {
        match self {
            Self::Day => day,
            Self::Week => {
                let since_monday = day.weekday().since(Weekday::Monday);
                day.saturating_sub(i64::from(since_monday).days())
            }
            Self::Month => day.first_of_month(),
        }
    }

    /// The last day of the period that a day is in.
    fn last(self, day: Date) -> Date {
        match self {
            Self::Day => day,
            Self::Week => self.first(day).saturating_add(6.days()),
            Self::Month => day.last_of_month(),
        }
    }
}

/// From one day to another, both of them included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    pub from: Date,
    pub to: Date,
}

impl Range {
    /// Widened to whole periods: numbers of a part of one, beside those of all of it, would tell
    /// of the few in between.
    #[must_use]
    pub fn whole(self, by: By) -> Self {
        Self {
            from: by.first(self.from),
            to: by.last(self.to),
        }
    }

    /// How many periods it touches; none where it ends before it begins.
    pub fn periods(self, by: By) -> u32 {
        let Self { from, to } = self.whole(by);
        let months = |day: Date| i32::from(day.year()) * 12 + i32::from(day.month());
        let days = || {
            let span = to.since(from).map(|span| span.get_days());
            span.unwrap_or_default() + 1
        };
        let periods = match by {
            _ if self.to < self.from => 0,
            By::Day => days(),
            By::Week => days() / 7,
            By::Month => months(to) - months(from) + 1,
        };
        periods.unsigned_abs()
    }
}

/// The texts of the day, week and month of a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Periods {
    pub day: String,
    pub week: String,
    pub month: String,
}

impl Periods {
    /// Of a day.
    pub fn of(day: Date) -> Self {
        let week = day.iso_week_date();
        Self {
            day: day.to_string(),
            week: format!("{:04}-W{:02}", week.year(), week.week()),
            month: format!("{:04}-{:02}", day.year(), day.month()),
        }
    }

    /// Of a moment, in microseconds.
    pub fn at(at_us: i64) -> Self {
        Self::of(day_of(at_us))
    }
}

/// The UTC day of a moment, in microseconds.
pub fn day_of(at_us: i64) -> Date {
    let at = Timestamp::from_microsecond(at_us).unwrap_or(Timestamp::UNIX_EPOCH);
    at.to_zoned(TimeZone::UTC).date()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_day_is_in_the_week_that_has_most_of_it() {
        let texts = |day| {
            let Periods { day, week, month } = Periods::of(day);
            format!("{day} {week} {month}")
        };
        assert_eq!(texts(date(2026, 11, 21)), "2026-11-21 2026-W47 2026-11");
        assert_eq!(texts(date(2027, 1, 3)), "2027-01-03 2026-W53 2027-01");
        assert_eq!(texts(date(2025, 12, 29)), "2025-12-29 2026-W01 2025-12");
        let last = date(2026, 11, 21).to_zoned(TimeZone::UTC).unwrap();
        let last = last.timestamp().as_microsecond() + 86_399_999_999;
        assert_eq!(day_of(last), date(2026, 11, 21));
        assert_eq!(day_of(last + 1), date(2026, 11, 22));
    }

    #[test]
    fn a_range_is_widened_to_whole_periods() {
        let range = |from, to| Range { from, to };
        let asked = range(date(2026, 11, 21), date(2026, 12, 1));
        assert_eq!(asked.whole(By::Day), asked);
        let weeks = range(date(2026, 11, 16), date(2026, 12, 6));
        assert_eq!(asked.whole(By::Week), weeks);
        let months = range(date(2026, 11, 1), date(2026, 12, 31));
        assert_eq!(asked.whole(By::Month), months);
        let periods = [By::Day, By::Week, By::Month].map(|by| asked.periods(by));
        assert_eq!(periods, [11, 3, 2]);
        let years = range(date(2025, 12, 31), date(2027, 1, 1));
        assert_eq!(years.periods(By::Month), 14);
        assert_eq!(range(asked.to, asked.from).periods(By::Day), 0);
    }
}
