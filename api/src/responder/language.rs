//! Which of its two languages the built-in responder answers in.

use serde::Deserialize;

/// A language that the built-in responder knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum Language {
    #[serde(rename = "ko")]
    Korean,
    #[serde(rename = "en")]
    English,
}

impl Language {
    /// The language of a text, none if it has no letters of either. Korean texts have English
    /// words in them, English texts hardly ever Korean ones.
    pub(super) fn of(text: &str) -> Option<Self> {
        let hangul = text.chars().filter(|char| is_hangul(*char)).count();
        let latin = text.chars().filter(char::is_ascii_alphabetic).count();
        if hangul == 0 && latin == 0 {
            None
        } else if hangul * 4 >= latin {
            Some(Self::Korean)
        } else {
            Some(Self::English)
        }
    }
}

/// Whether a character is of the Korean alphabet.
pub(super) fn is_hangul(character: char) -> bool {
    matches!(character, '\u{AC00}'..='\u{D7A3}' | '\u{1100}'..='\u{11FF}' | '\u{3130}'..='\u{318F}')
}
