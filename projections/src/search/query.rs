//! What is looked for.

use unicode_normalization::UnicodeNormalization;

use super::fold::fold;

/// The longest query, in characters of normal form C.
pub const QUERY_CHARS: usize = 200;

/// A query that can be answered: every character of it is looked for as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    pub(super) folded: String,
}

/// Why a query cannot be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QueryRefusal {
    #[error("a search needs at least one character")]
    Empty,
    #[error("a search takes at most {QUERY_CHARS} characters")]
    TooLong,
}

impl Query {
    /// A query of 1 to [`QUERY_CHARS`] characters.
    pub fn parse(text: &str) -> Result<Self, QueryRefusal> {
        if text.is_empty() {
            return Err(QueryRefusal::Empty);
        }
        if text.nfc().nth(QUERY_CHARS).is_some() {
            return Err(QueryRefusal::TooLong);
        }
        Ok(Self { folded: fold(text) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_has_1_to_200_characters_however_they_are_written() {
        assert_eq!(Query::parse(""), Err(QueryRefusal::Empty));
        for letter in ["a", " ", "ß", "한", "\u{1112}\u{1161}\u{11ab}", "🙂"] {
            assert!(Query::parse(letter).is_ok());
            assert!(Query::parse(&letter.repeat(QUERY_CHARS)).is_ok());
            let long = letter.repeat(QUERY_CHARS + 1);
            assert_eq!(Query::parse(&long), Err(QueryRefusal::TooLong));
        }
    }
}
