//! Finding the phrases of the data files in a text.

use unicode_normalization::UnicodeNormalization;

use super::language::is_hangul;

/// Of a longer text only so many characters at its end are looked at.
const MAX_CHARS: usize = 20_000;

/// A text as phrases are looked for in it: composed, in lower case, with plain apostrophes and
/// single spaces.
pub(super) fn plain(text: &str) -> String {
    let skipped = text.chars().count().saturating_sub(MAX_CHARS);
    let mut plain = String::with_capacity(text.len());
    for character in text
        .chars()
        .skip(skipped)
        .nfc()
        .flat_map(char::to_lowercase)
    {
        let character = match character {
            '’' | '‘' => '\'',
            white if white.is_whitespace() => ' ',
            other => other,
        };
        if character != ' ' || !plain.ends_with(' ') {
            plain.push(character);
        }
    }
    plain
}

/// Where a phrase ends in a plain text, at each of its places. A Korean phrase may stand within a
/// word; any other stands by itself, or with a `*` at its end begins a word.
pub(super) fn places<'a>(
    text: &'a str,
    phrase: &'a str,
) -> impl Iterator<Item = (usize, usize)> + 'a {
    let (phrase, open) = match phrase.strip_suffix('*') {
        Some(stem) => (stem, true),
        None => (phrase, false),
    };
    let within = phrase.chars().any(is_hangul);
    text.match_indices(phrase)
        .map(|(start, found)| (start, start + found.len()))
        .filter(move |&(start, end)| {
            let letter = |character: Option<char>| {
                character.is_some_and(|c| c.is_alphanumeric() || c == '\'')
            };
            within
                || (!letter(text[..start].chars().next_back())
                    && (open || !letter(text[end..].chars().next())))
        })
}

/// Whether a phrase is in a plain text.
pub(super) fn has(text: &str, phrase: &str) -> bool {
    places(text, phrase).next().is_some()
}
