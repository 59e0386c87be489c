//! What every text must be: of bounded length, and without NUL, which not every store can hold.

use std::ops::RangeInclusive;

use crate::{Refusal, Sealed};

/// Refuses a text whose characters are not as many as they may be, or with a NUL among them.
pub(crate) fn check(
    text: &str,
    chars: RangeInclusive<usize>,
    refusal: Refusal,
) -> Result<(), Refusal> {
    if text.contains('\0') {
        return Err(Refusal::NotAText);
    }
    // A character has 1 to 4 bytes: most texts need no counting.
    let counted = if text.len() <= *chars.end() && *chars.start() <= 1 {
        text.len()
    } else {
        text.chars().count()
    };
    if chars.contains(&counted) {
        Ok(())
    } else {
        Err(refusal)
    }
}

/// The content of a part that a command brings; erased content cannot be brought.
pub(crate) fn content<T>(part: &Sealed<T>) -> Result<&T, Refusal> {
    part.get().ok_or(Refusal::NotAText)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_counted_and_not_bytes() {
        let check = |text: &str| check(text, 1..=3, Refusal::TextTooLong);
        assert_eq!(check("가나다"), Ok(()));
        assert_eq!(check("가나다라"), Err(Refusal::TextTooLong));
        assert_eq!(check("abcd"), Err(Refusal::TextTooLong));
        assert_eq!(check(""), Err(Refusal::TextTooLong));
        assert_eq!(check("a\0"), Err(Refusal::NotAText));
    }
}
