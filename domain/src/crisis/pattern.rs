//! One phrase of the rules, as it is looked for.
//!
//! Spaces in a phrase are for its reader; a text may have them anywhere or nowhere. `…` between two
//! parts stands for a few words of the same sentence. `|` before a part: a word begins there. `$`
//! behind it: the sentence ends there. `~` behind it: the word may go on (English), the syllable may
//! go on (Korean). `~` before it: the word may have begun earlier (English).

use super::letters::flag::{SENTENCE, SYLLABLE, TORN, WORD_END, WORD_START};
use super::letters::{Letter, Letters, is_korean};

/// A Korean part of at most so many syllables is too short to be found across words.
const SHORT_SYLLABLES: usize = 2;

/// A part of a phrase: letters, and what must hold where they begin and end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) letters: Vec<Letter>,
    begins: Edge,
    ends: Edge,
    ends_a_sentence: bool,
    /// Too short to be found across words.
    short: bool,
}

/// What must begin or end together with a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Edge {
    Word,
    Syllable,
    Nothing,
}

/// The parts of a phrase.
pub(super) fn parts(phrase: &str) -> Result<Vec<Part>, String> {
    phrase
        .split('…')
        .map(|text| part(text.trim(), phrase))
        .collect()
}

fn part(text: &str, phrase: &str) -> Result<Part, String> {
    let (begins_a_word, text) = cut(text, |text| text.strip_prefix('|'));
    let (begins_anywhere, text) = cut(text, |text| text.strip_prefix('~'));
    let (ends_a_sentence, text) = cut(text, |text| text.strip_suffix('$'));
    let (goes_on, text) = cut(text, |text| text.strip_suffix('~'));
    let letters = Letters::of(text);
    let Some(&first) = letters.row.first() else {
        return Err(format!("a part of {phrase:?} has no letters"));
    };
    let syllables = letters
        .flags
        .iter()
        .filter(|flags| *flags & SYLLABLE != 0)
        .count();
    let korean = is_korean(first);
    let usual = if korean { Edge::Syllable } else { Edge::Word };
    let begins = match (begins_a_word, begins_anywhere) {
        (true, _) => Edge::Word,
        (false, true) => Edge::Nothing,
        (false, false) => usual,
    };
    Ok(Part {
        short: korean && syllables <= SHORT_SYLLABLES,
        letters: letters.row,
        begins,
        ends: if goes_on { Edge::Nothing } else { usual },
        ends_a_sentence,
    })
}

fn cut<'a>(text: &'a str, mark: impl Fn(&'a str) -> Option<&'a str>) -> (bool, &'a str) {
    mark(text).map_or((false, text), |rest| (true, rest))
}

impl Part {
    /// Whether its letters, found from `start` up to `end`, are the words that it means.
    pub(super) fn fits(&self, text: &Letters, start: usize, end: usize) -> bool {
        let flags = &text.flags;
        let has = |at: usize, flag: u8| flags.get(at).is_some_and(|flags| flags & flag != 0);
        let over = end == text.row.len();
        let begins = match self.begins {
            Edge::Word => has(start, WORD_START),
            Edge::Syllable => has(start, SYLLABLE),
            Edge::Nothing => true,
        };
        let ends = match self.ends {
            Edge::Word => has(end - 1, WORD_END),
            Edge::Syllable => over || has(end, SYLLABLE),
            Edge::Nothing => true,
        };
        let stops = !self.ends_a_sentence || over || has(end, SENTENCE);
        begins && ends && stops && !(self.short && is_torn(flags, start, end))
    }
}

/// Whether a short part lies across words: it begins within one, or has a whole mark with a space
/// in it ("혼자 살고", "자, 살").
fn is_torn(flags: &[u8], start: usize, end: usize) -> bool {
    let inside = &flags[start + 1..end];
    let across = inside.iter().any(|flags| flags & WORD_START != 0);
    across && (flags[start] & WORD_START == 0 || inside.iter().any(|flags| flags & TORN != 0))
}
