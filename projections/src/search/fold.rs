//! Texts as they are compared: without case and in one normal form, and where in the text as it
//! was written a match stands.

use caseless::Caseless;
use unicode_normalization::char::{canonical_combining_class, decompose_canonical};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// A text without case (full case folding of Unicode) in normal form C. White space, punctuation
/// and emoji stay as they are.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for cluster in Clusters(text) {
        fold_cluster(cluster, &mut folded);
    }
    folded
}

/// The first place where a text says what was looked for, as it stands in the text; none if it
/// does not. What is looked for is given folded.
///
/// Where a part of a character matches, such as one of the two letters that `ß` folds to, the
/// whole character is given.
pub fn find<'t>(text: &'t str, folded: &str) -> Option<&'t str> {
    let start = fold(text).find(folded)?;
    let end = start + folded.len();
    let (mut seen, mut written) = (0, 0);
    let mut first = None;
    let mut one = String::new();
    for cluster in Clusters(text) {
        one.clear();
        fold_cluster(cluster, &mut one);
        seen += one.len();
        if seen > start && first.is_none() {
            first = Some(written);
        }
        written += cluster.len();
        if seen >= end {
            break;
        }
    }
    text.get(first?..written)
}

/// The shortest pieces of a text that fold each by itself as they do in the text: a character
/// with all that may be composed with it or change places behind it.
struct Clusters<'t>(&'t str);

impl<'t> Iterator for Clusters<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        if self.0.is_empty() {
            return None;
        }
        let mut later = self.0.char_indices().skip(1);
        let end = later.find(|(_, letter)| begins_a_cluster(*letter));
        let (cluster, rest) = self.0.split_at(end.map_or(self.0.len(), |(at, _)| at));
        self.0 = rest;
        Some(cluster)
    }
}

/// Whether nothing before it can be composed with it.
fn begins_a_cluster(letter: char) -> bool {
    if is_plain(letter) {
        return true;
    }
    let mut first = None;
    decompose_canonical(letter, |part| {
        first.get_or_insert(part);
    });
    first.is_some_and(|first| {
        canonical_combining_class(first) == 0
            && is_nfc_quick(std::iter::once(first)) == IsNormalized::Yes
    })
}

/// Most of what is written: ASCII, syllables of Hangul, Chinese characters.
fn is_plain(letter: char) -> bool {
    matches!(letter, '\0'..='\u{7f}' | '\u{ac00}'..='\u{d7a3}' | '\u{4e00}'..='\u{9fff}')
}

fn fold_cluster(cluster: &str, folded: &mut String) {
    let mut letters = cluster.chars();
    match (letters.next(), letters.next()) {
        (Some(letter), None) if is_plain(letter) => folded.push(letter.to_ascii_lowercase()),
        // Decomposed first, since folding takes the iota from under a Greek vowel.
        _ => folded.extend(cluster.nfd().default_case_fold().nfc()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn case_and_normal_form_make_no_difference() {
        for (one, other) in [
            ("MAEUM", "maeum"),
            ("Straße", "STRASSE"),
            ("ẞ", "ss"),
            ("ΣΊΣΥΦΟΣ", "σίσυφος"),
            ("İ", "i\u{307}"),
            ("\u{1112}\u{1161}\u{11ab}글", "한글"),
            ("cafe\u{301}", "CAFÉ"),
            ("\u{212b}ngström", "ångström"),
            // Marks that come in another order.
            ("a\u{301}\u{323}", "a\u{323}\u{301}"),
        ] {
            assert_eq!(fold(one), fold(other), "{one} {other}");
        }
    }

    #[test]
    fn white_space_punctuation_and_emoji_stay() {
        for text in ["  두 칸 ", "100%_*\"'", "👩‍👩‍👧", "\n\t", "\u{feff}"] {
            assert_eq!(fold(text), text);
        }
    }

    #[test]
    fn a_match_is_given_as_it_stands_in_the_text() {
        for (text, sought, expected) in [
            ("안녕하세요! 반갑습니다", "안녕하세요", "안녕하세요"),
            ("Hello World", "LO W", "lo W"),
            ("die Straße hier", "strasse", "Straße"),
            ("die Straße hier", "s h", ""),
            ("die Straße hier", "SE H", "ße h"),
            ("İstanbul", "i\u{307}s", "İs"),
            ("İstanbul", "I", "İ"),
            (
                "아 \u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af} 네",
                "한글",
                "\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}",
            ),
            ("한글", "하", ""),
            ("x👍🏽y", "👍🏽", "👍🏽"),
            ("ΟΔΟΣ", "οδος", "ΟΔΟΣ"),
        ] {
            let found = find(text, &fold(sought)).unwrap_or_default();
            assert_eq!(found, expected, "{sought} in {text}");
        }
    }

    /// Letters that are composed, decomposed, reordered or folded to several.
    fn tricky() -> impl Strategy<Value = String> {
        let letter = prop_oneof![
            any::<char>(),
            proptest::char::range('\u{300}', '\u{370}'),
            proptest::char::range('\u{1100}', '\u{11ff}'),
            proptest::char::range('\u{ac00}', '\u{ac40}'),
            proptest::char::range('\u{1f00}', '\u{1fff}'),
            proptest::sample::select(
                "aAßẞİıIŉǰΐΰﬀﬃſKÅ각가 \u{345}\u{f73}\u{f71}\u{9be}"
                    .chars()
                    .collect::<Vec<_>>()
            ),
        ];
        proptest::collection::vec(letter, 1..20).prop_map(|letters| letters.into_iter().collect())
    }

    proptest! {
        #[test]
        fn folding_piece_by_piece_is_folding_the_whole(text in tricky()) {
            let whole: String = text.nfd().default_case_fold().nfc().collect();
            prop_assert_eq!(fold(&text), whole);
        }

        #[test]
        fn what_is_found_folds_to_what_was_looked_for(text in tricky(), sought in tricky()) {
            let sought = fold(&sought);
            let found = find(&text, &sought);
            prop_assert_eq!(found.is_some(), fold(&text).contains(&sought));
            if let Some(found) = found {
                prop_assert!(fold(found).contains(&sought));
                prop_assert!(text.contains(found));
            }
        }
    }
}
