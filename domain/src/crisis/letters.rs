//! A text as a row of letters: composed or not, spaced or not, in whatever width and case.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::tricks::{self, STANDALONE, TEARS};

/// A letter of the row: `a` to `z` and `0` to `9` as they are, the Korean alphabet from
/// [`KOREAN`] on, any other letter as [`OTHER`].
pub(super) type Letter = u8;

/// Where the Korean alphabet begins: its consonants and vowels in the order of U+3131.
const KOREAN: Letter = 0x80;

/// A letter that no rule has.
const OTHER: Letter = 1;

/// What a letter begins and ends, and what stands before it.
pub(super) mod flag {
    pub const WORD_START: u8 = 1;
    pub const WORD_END: u8 = 2;
    /// The first letter of a Korean syllable, or any letter that is not of one.
    pub const SYLLABLE: u8 = 4;
    /// A sentence ended before it.
    pub const SENTENCE: u8 = 8;
    /// More than one kind of mark tears it from the letter before.
    pub const TORN: u8 = 16;
}
use flag::{SENTENCE, SYLLABLE, TORN, WORD_END, WORD_START};

/// The Korean alphabet as it is typed letter by letter.
const ALPHABET: std::ops::RangeInclusive<char> = '\u{3131}'..='\u{3163}';

/// The letters of a syllable's parts, in Unicode's order of them.
const INITIALS: &str = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ";
const FINALS: [&str; 27] = [
    "ㄱ", "ㄲ", "ㄱㅅ", "ㄴ", "ㄴㅈ", "ㄴㅎ", "ㄷ", "ㄹ", "ㄹㄱ", "ㄹㅁ", "ㄹㅂ", "ㄹㅅ", "ㄹㅌ",
    "ㄹㅍ", "ㄹㅎ", "ㅁ", "ㅂ", "ㅂㅅ", "ㅅ", "ㅆ", "ㅇ", "ㅈ", "ㅊ", "ㅋ", "ㅌ", "ㅍ", "ㅎ",
];
/// The first vowel; they are in the same order in both blocks.
const FIRST_VOWEL: char = 'ㅏ';

/// The clusters among the letters that are typed, and what they are made of.
const CLUSTERS: &str = "ㄳㄵㄶㄺㄻㄼㄽㄾㄿㅀㅄ";
const CLUSTER_PARTS: [&str; 11] = [
    "ㄱㅅ", "ㄴㅈ", "ㄴㅎ", "ㄹㄱ", "ㄹㅁ", "ㄹㅂ", "ㄹㅅ", "ㄹㅌ", "ㄹㅍ", "ㄹㅎ", "ㅂㅅ",
];

/// A text as rules look at it.
#[derive(Default)]
pub(super) struct Letters {
    pub(super) row: Vec<Letter>,
    pub(super) flags: Vec<u8>,
    /// In which sentence each letter is.
    pub(super) sentence: Vec<u32>,
    before: Before,
    /// The letter before is the initial of a syllable that a vowel may go on with.
    open: bool,
}

/// What stands before the next letter.
#[derive(Default)]
struct Before {
    mark: Option<char>,
    torn: bool,
    sentence_ended: bool,
}

/// What a word does not change within.
#[derive(PartialEq, Eq)]
enum Script {
    Korean,
    Latin,
    Other,
}

impl Letters {
    /// The row of a text's letters.
    pub(super) fn of(text: &str) -> Self {
        let mut letters = Self::default();
        for character in tricks::undone(text).nfkd() {
            letters.add(character);
        }
        if let Some(last) = letters.flags.last_mut() {
            *last |= WORD_END;
        }
        letters
    }

    fn add(&mut self, character: char) {
        match character {
            'a'..='z' | '0'..='9' => self.latin(character as u8),
            'A'..='Z' => self.latin(character.to_ascii_lowercase() as u8),
            '\u{1100}'..='\u{1112}' => {
                let initial = INITIALS.chars().nth(character as usize - 0x1100);
                self.korean(initial.unwrap_or('ㅇ'), SYLLABLE);
                self.open = true;
            }
            '\u{1161}'..='\u{1175}' => {
                let goes_on = self.open && self.before.mark.is_none();
                let vowel = FIRST_VOWEL as u32 + (character as u32 - 0x1161);
                let flags = if goes_on { 0 } else { SYLLABLE };
                self.korean(char::from_u32(vowel).unwrap_or(FIRST_VOWEL), flags);
            }
            '\u{11A8}'..='\u{11C2}' => {
                for part in FINALS[character as usize - 0x11A8].chars() {
                    self.korean(part, 0);
                }
            }
            STANDALONE.. if let Some(letter) = tricks::standing_alone(character) => {
                match CLUSTERS.chars().position(|cluster| cluster == letter) {
                    Some(at) => {
                        for part in CLUSTER_PARTS[at].chars() {
                            self.korean(part, SYLLABLE);
                        }
                    }
                    None => self.korean(letter, SYLLABLE),
                }
            }
            mark if is_combining_mark(mark) => {}
            other if other.is_alphanumeric() => self.push(OTHER, SYLLABLE, &Script::Other),
            mark => self.tear(mark),
        }
    }

    /// A Latin letter that repeats the one before says no more: "kil myself", "diiie".
    fn latin(&mut self, letter: Letter) {
        if letter.is_ascii_alphabetic() && self.row.last() == Some(&letter) {
            if self.before.mark.is_some() {
                let again = self.row.len() - 1;
                self.flags[again] |= WORD_END | WORD_START;
                self.before = Before::default();
            }
            return;
        }
        self.push(letter, SYLLABLE, &Script::Latin);
    }

    fn korean(&mut self, letter: char, flags: u8) {
        let offset = letter as u32 - *ALPHABET.start() as u32;
        let letter = u8::try_from(offset).map_or(OTHER, |offset| KOREAN + offset);
        self.push(letter, flags, &Script::Korean);
    }

    fn push(&mut self, letter: Letter, mut flags: u8, script: &Script) {
        let before = std::mem::take(&mut self.before);
        let mut sentence = self.sentence.last().copied().unwrap_or(0);
        match self.row.last() {
            None => flags |= WORD_START,
            Some(&last) if before.mark.is_some() || script_of(last) != *script => {
                if let Some(last) = self.flags.last_mut() {
                    *last |= WORD_END;
                }
                flags |= WORD_START;
            }
            Some(_) => {}
        }
        if before.torn {
            flags |= TORN;
        }
        if before.sentence_ended {
            flags |= SENTENCE;
            sentence += 1;
        }
        self.open = false;
        self.row.push(letter);
        self.flags.push(flags);
        self.sentence.push(sentence);
    }

    fn tear(&mut self, mark: char) {
        let before = &mut self.before;
        before.torn |= before.mark.is_some_and(|other| other != mark);
        before.mark = Some(mark);
        before.sentence_ended |= matches!(mark, '.' | '!' | '?' | '\n' | '。' | TEARS);
    }
}

fn script_of(letter: Letter) -> Script {
    match letter {
        KOREAN.. => Script::Korean,
        OTHER => Script::Other,
        _ => Script::Latin,
    }
}

/// Whether a letter of the row is Korean.
pub(super) fn is_korean(letter: Letter) -> bool {
    script_of(letter) == Script::Korean
}
