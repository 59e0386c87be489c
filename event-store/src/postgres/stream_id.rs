//! The column `aggregate_id`: a stream's name without its category, so that it can be put back.

use std::borrow::Cow;

use crate::StreamName;

/// Empty for a name without a hyphen. So that a name that ends in its hyphen differs from it, a
/// key that is nothing but hyphens, or empty, has one more.
pub(super) fn aggregate_id(stream: &StreamName) -> Cow<'_, str> {
    let key = stream.key();
    if !stream.as_str().contains('-') || key.bytes().any(|byte| byte != b'-') {
        return Cow::Borrowed(key);
    }
    Cow::Owned(format!("{key}-"))
}

/// The name of which these are the columns.
pub(super) fn stream_name(aggregate_type: &str, aggregate_id: &str) -> StreamName {
    match aggregate_id.strip_suffix('-') {
        _ if aggregate_id.is_empty() => StreamName::parse(aggregate_type),
        Some(hyphens) if hyphens.bytes().all(|byte| byte == b'-') => {
            StreamName::new(aggregate_type, hyphens)
        }
        _ => StreamName::new(aggregate_type, aggregate_id),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn round_trip(name: &str) -> String {
        let stream = StreamName::parse(name);
        let column = aggregate_id(&stream);
        assert_eq!(stream_name(stream.category(), &column), stream);
        column.into_owned()
    }

    #[test]
    fn a_key_is_kept_as_it_is_but_for_hyphens_alone() {
        for (name, column) in [
            ("room-0190", "0190"),
            ("member-a-b", "a-b"),
            ("member-a-", "a-"),
            ("seal", ""),
            ("seal-", "-"),
            ("seal--", "--"),
            ("", ""),
            ("-", "-"),
        ] {
            assert_eq!(round_trip(name), column, "{name:?}");
        }
    }

    proptest! {
        #[test]
        fn any_name_comes_back_as_it_was(name in "[a가-]{0,6}") {
            round_trip(&name);
        }
    }
}
