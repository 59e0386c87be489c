//! Durations and sizes as people write them: `"30s"`, `"10m"`, `"64KiB"`.

use std::time::Duration;

/// Units of time in milliseconds, the largest first.
const TIME_UNITS: [(&str, u64); 5] = [
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// Units of size in bytes, the largest first.
const SIZE_UNITS: [(&str, u64); 4] = [
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("B", 1),
];

/// Reads a whole number and a unit of time, e.g. `30s` or `500ms`.
pub fn parse_duration(text: &str) -> Option<Duration> {
    quantity(text, &TIME_UNITS).map(Duration::from_millis)
}

/// Reads a whole number of bytes, with or without a unit, e.g. `64KiB`.
pub fn parse_size(text: &str) -> Option<usize> {
    let bytes = match text.parse() {
        Ok(bytes) if text.bytes().all(|byte| byte.is_ascii_digit()) => bytes,
        _ => quantity(text, &SIZE_UNITS)?,
    };
    usize::try_from(bytes).ok()
}

/// The shortest way to write a duration; finer than a millisecond is cut off.
pub fn show_duration(duration: Duration) -> String {
    let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    if millis == 0 {
        "0s".to_owned()
    } else {
        show(millis, &TIME_UNITS)
    }
}

/// The shortest way to write a size.
pub fn show_size(bytes: usize) -> String {
    show(bytes as u64, &SIZE_UNITS)
}

fn quantity(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let (_, factor) = units
        .iter()
        .find(|(name, _)| *name == unit.trim_start_matches(' '))?;
    number.parse::<u64>().ok()?.checked_mul(*factor)
}

fn show(amount: u64, units: &[(&str, u64)]) -> String {
    let fits = units
        .iter()
        .find(|(_, factor)| amount != 0 && amount.is_multiple_of(*factor));
    let (name, factor) = fits.or(units.last()).copied().unwrap_or(("", 1));
    format!("{}{name}", amount / factor)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations_are_a_number_and_a_unit() {
        assert_eq!(parse_duration("30s"), Some(Duration::from_secs(30)));
        assert_eq!(parse_duration("10m"), Some(Duration::from_mins(10)));
        assert_eq!(parse_duration("2h"), Some(Duration::from_hours(2)));
        assert_eq!(parse_duration("30d"), Some(Duration::from_hours(720)));
        assert_eq!(parse_duration("250ms"), Some(Duration::from_millis(250)));
        assert_eq!(parse_duration("0s"), Some(Duration::ZERO));
        for bad in [
            "",
            "30",
            "s",
            "-1s",
            "1.5h",
            "30 s s",
            "1e3s",
            "99999999999999999999s",
            "+3s",
        ] {
            assert_eq!(parse_duration(bad), None, "{bad}");
        }
    }

    #[test]
    fn sizes_are_a_number_with_or_without_a_unit() {
        assert_eq!(parse_size("1048576"), Some(1_048_576));
        assert_eq!(parse_size("64KiB"), Some(65_536));
        assert_eq!(parse_size("25MiB"), Some(26_214_400));
        assert_eq!(parse_size("3 B"), Some(3));
        for bad in [
            "",
            "KiB",
            "64KB",
            "64kib",
            "-1",
            "+1",
            "1.5MiB",
            "99999999999999999GiB",
        ] {
            assert_eq!(parse_size(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_the_same(millis in 0_u64..1 << 50, bytes in 0_usize..1 << 50) {
            let duration = Duration::from_millis(millis);
            prop_assert_eq!(parse_duration(&show_duration(duration)), Some(duration));
            prop_assert_eq!(parse_size(&show_size(bytes)), Some(bytes));
        }

        #[test]
        fn no_text_breaks_the_parsers(text in any::<String>()) {
            prop_assert!(parse_duration(&text).is_none_or(|read| read <= Duration::from_millis(u64::MAX)));
            prop_assert!(parse_size(&text).is_none_or(|read| read < usize::MAX));
        }
    }
}
