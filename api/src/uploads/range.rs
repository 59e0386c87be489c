//! Which bytes of a file are asked for (RFC 9110, 14).

use std::ops::Range;

/// What a `Range` header asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asked {
    /// There is none, or one that is to be ignored: another unit, several ranges, nonsense.
    Whole,
    /// Not empty, and within the file.
    Part(Range<u64>),
    /// It begins behind the end.
    Beyond,
}

/// Reads the header of a request for a file of so many bytes, at least 1.
pub(super) fn asked(header: Option<&str>, size: u64) -> Asked {
    match header.and_then(parse) {
        None | Some((None, None)) => Asked::Whole,
        Some((None, Some(0))) => Asked::Beyond,
        Some((None, Some(last))) => Asked::Part(size.saturating_sub(last)..size),
        Some((Some(from), _)) if from >= size => Asked::Beyond,
        Some((Some(from), to)) => {
            let end = to.map_or(size, |to| to.saturating_add(1).min(size));
            Asked::Part(from..end)
        }
    }
}

/// First and last byte; the last alone is a count from the end.
fn parse(header: &str) -> Option<(Option<u64>, Option<u64>)> {
    let (unit, range) = header.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let (from, to) = range.trim().split_once('-')?;
    match (number(from).ok()?, number(to).ok()?) {
        (Some(from), Some(to)) if from > to => None,
        both => Some(both),
    }
}

/// An empty text is none.
fn number(text: &str) -> Result<Option<u64>, NotANumber> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NotANumber);
    }
    // More than a u64 holds is behind the end of every file.
    Ok(Some(text.parse().unwrap_or(u64::MAX)))
}

struct NotANumber;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_range_of_bytes_is_understood() {
        for (header, expected) in [
            ("bytes=0-0", Asked::Part(0..1)),
            ("bytes=0-99", Asked::Part(0..10)),
            ("bytes=3-", Asked::Part(3..10)),
            ("bytes=-3", Asked::Part(7..10)),
            ("bytes=-99", Asked::Part(0..10)),
            ("Bytes = 2-4 ", Asked::Part(2..5)),
            ("bytes=9-99999999999999999999999", Asked::Part(9..10)),
            ("bytes=10-", Asked::Beyond),
            ("bytes=99999999999999999999999-", Asked::Beyond),
            ("bytes=-0", Asked::Beyond),
            ("bytes=4-2", Asked::Whole),
            ("bytes=-", Asked::Whole),
            ("bytes=0-1,3-4", Asked::Whole),
            ("lines=0-1", Asked::Whole),
            ("bytes=a-b", Asked::Whole),
            ("bytes=+1-2", Asked::Whole),
            ("", Asked::Whole),
        ] {
            assert_eq!(asked(Some(header), 10), expected, "{header}");
        }
        assert_eq!(asked(None, 10), Asked::Whole);
    }

    proptest! {
        #[test]
        fn a_part_is_never_empty_and_never_beyond_the_file(
            header in "bytes=[0-9]{0,21}-[0-9]{0,21}",
            size in 1_u64..1 << 40,
        ) {
            if let Asked::Part(part) = asked(Some(&header), size) {
                prop_assert!(part.start < part.end && part.end <= size);
            }
        }
    }
}
