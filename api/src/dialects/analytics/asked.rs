//! Which days of a metric are asked for, and in which form.

use axum::http::{HeaderMap, header};
use jiff::ToSpan;
use jiff::civil::Date;
use projections::analytics::{By, Range};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::error::ApiError;
use crate::extract::{Problems, Validate};

/// Days that are told of unless other ones are asked for: the last ones, today included.
const DEFAULT_DAYS: i64 = 30;

/// Periods of one answer at most.
const MAX_PERIODS: u32 = 400;

/// The query of a metric.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct MetricAsked {
    /// The first day, e.g. `2026-11-01` (UTC); without it 29 days before the last one
    from: Option<String>,
    /// The last day; today without it
    to: Option<String>,
    /// `day`, `week` or `month`; `day` without it. The days are widened to whole weeks or months
    by: Option<String>,
    /// `json` or `csv`; without it what `Accept` says
    format: Option<String>,
}

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Json,
    Csv,
}

impl Validate for MetricAsked {
    fn validate(&self, problems: &mut Problems) {
        for (field, text) in [("from", &self.from), ("to", &self.to)] {
            let is_day = text.as_deref().is_none_or(|text| day(text).is_some());
            problems.require(is_day, field, "must be a day, e.g. 2026-11-21");
        }
        let is_known = self.by.as_deref().is_none_or(|name| by(name).is_some());
        problems.require(is_known, "by", "must be day, week or month");
        let format = self.format.as_deref();
        let is_known = format.is_none_or(|name| self::format(name).is_some());
        problems.require(is_known, "format", "must be json or csv");
    }
}

impl MetricAsked {
    /// The days, not yet widened, and how they are put together.
    pub fn range(&self, today: Date) -> Result<(Range, By), ApiError> {
        let by = self.by.as_deref().and_then(by).unwrap_or_default();
        let to = self.to.as_deref().and_then(day).unwrap_or(today);
        let from = self.from.as_deref().and_then(day);
        let from = from.unwrap_or_else(|| to.saturating_sub((DEFAULT_DAYS - 1).days()));
        let range = Range { from, to };
        let refused = |message: String| Err(ApiError::invalid("query", "from", message));
        match range.periods(by) {
            0 => refused(format!("must not be after {to}")),
            periods if periods > MAX_PERIODS => refused(format!(
                "must be at most {MAX_PERIODS} {}s before the end, not {periods}",
                by.name()
            )),
            _ => Ok((range, by)),
        }
    }

    pub fn format(&self, headers: &HeaderMap) -> Format {
        let asked = self.format.as_deref().and_then(format);
        asked.unwrap_or_else(|| {
            let accepted = headers.get(header::ACCEPT).and_then(|it| it.to_str().ok());
            if accepted.is_some_and(wants_csv) {
                Format::Csv
            } else {
                Format::Json
            }
        })
    }
}

/// Whether CSV stands in an `Accept`, and JSON does not.
fn wants_csv(accept: &str) -> bool {
    let kinds = || {
        accept
            .split(',')
            .filter_map(|one| one.split(';').next())
            .map(str::trim)
    };
    let has = |kind: &str| kinds().any(|one| one.eq_ignore_ascii_case(kind));
    has("text/csv") && !has("application/json")
}

/// Only as it is printed.
fn day(text: &str) -> Option<Date> {
    let day: Date = text.parse().ok()?;
    (day.year() > 0 && day.to_string() == text).then_some(day)
}

fn by(name: &str) -> Option<By> {
    [By::Day, By::Week, By::Month]
        .into_iter()
        .find(|by| by.name() == name)
}

fn format(name: &str) -> Option<Format> {
    match name {
        "json" => Some(Format::Json),
        "csv" => Some(Format::Csv),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use jiff::civil::date;

    use super::*;

    fn asked(from: Option<&str>, to: Option<&str>, by: &str) -> MetricAsked {
        MetricAsked {
            from: from.map(str::to_owned),
            to: to.map(str::to_owned),
            by: Some(by.to_owned()),
            format: None,
        }
    }

    #[test]
    fn days_are_taken_only_as_they_are_printed() {
        assert_eq!(day("2026-11-21"), Some(date(2026, 11, 21)));
        for bad in [
            "2026-02-29",
            "20261121",
            "2026-11-21T00:00",
            "21.11.2026",
            "-000001-01-01",
            "0000-01-01",
            "11111-01-01",
            "오늘",
        ] {
            assert_eq!(day(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_range_has_an_end_and_a_limit() {
        let today = date(2026, 11, 21);
        let (range, by) = MetricAsked::default().range(today).unwrap();
        let expected = Range {
            from: date(2026, 10, 23),
            to: today,
        };
        assert_eq!((range, by), (expected, By::Day));
        let limit = asked(Some("2025-10-18"), None, "day");
        assert_eq!(limit.range(today).unwrap().0.periods(By::Day), MAX_PERIODS);
        for (from, to, by) in [
            (Some("2025-10-17"), None, "day"),
            (Some("2026-11-22"), None, "day"),
            (Some("2026-11-21"), Some("2026-11-20"), "month"),
            (Some("0001-01-01"), Some("9999-12-31"), "month"),
        ] {
            let refused = asked(from, to, by).range(today).unwrap_err();
            assert_eq!(refused.status.as_u16(), 422, "{from:?} {to:?}");
        }
    }

    #[test]
    fn the_form_is_what_is_asked_for_and_else_what_is_accepted() {
        let accepts = |accept: &'static str| {
            HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))])
        };
        let asked = MetricAsked::default();
        assert_eq!(asked.format(&HeaderMap::new()), Format::Json);
        assert_eq!(asked.format(&accepts("*/*")), Format::Json);
        assert_eq!(
            asked.format(&accepts("Text/CSV; header=present")),
            Format::Csv
        );
        let both = accepts("application/json, text/csv;q=0.5");
        assert_eq!(asked.format(&both), Format::Json);
        let named = MetricAsked {
            format: Some("csv".to_owned()),
            ..MetricAsked::default()
        };
        assert_eq!(named.format(&both), Format::Csv);
    }
}
