//! What is done to words so that a machine does not read them, undone.

/// Letters that stood alone hide from here on while a text is decomposed, so that they are not
/// taken for parts of a syllable: decomposition leaves the private use area alone.
pub(super) const STANDALONE: char = '\u{E000}';

/// Stands for weeping and laughing, such as ㅠㅠ and ㅋㅋ: marks, and no letters.
pub(super) const TEARS: char = '\u{F8FF}';

/// Korean letters that are typed one by one, as alphabet and as emoticons.
const FIRST: u32 = 0x3131;
const LAST: u32 = 0x3163;
const EMOTICONS: &str = "ㅠㅜㅋㅎㅡ";

/// Letters of other alphabets that look like Latin ones, each with what it looks like.
const LOOK_ALIKES: &str = "аaеeіiоoсcѕsуyрpкkԁdοoαaιi";

/// Digits and marks that are put for a letter within a word, each with that letter.
const WITHIN_WORDS: &str = "0o1i3e4a5s7t@a$s!i";

/// The text without what is invisible, with each trick undone.
pub(super) fn undone(text: &str) -> impl Iterator<Item = char> {
    let seen: Vec<char> = text.chars().filter(|char| !is_invisible(*char)).collect();
    (0..seen.len()).filter_map(move |at| {
        let (before, character, after) = (
            at.checked_sub(1).map(|at| seen[at]),
            seen[at],
            seen.get(at + 1).copied(),
        );
        if EMOTICONS.contains(character) && is_emoticon(&seen, at) {
            return Some(TEARS);
        }
        if is_typed_letter(character) {
            return char::from_u32(STANDALONE as u32 + (character as u32 - FIRST));
        }
        if character.is_ascii_digit() && is_syllable(before) && is_syllable(after) {
            return None;
        }
        if is_latin(before) && (character.is_ascii_digit() || is_latin(after)) {
            return Some(put_for(LOOK_ALIKES, put_for(WITHIN_WORDS, character)));
        }
        if character >= STANDALONE && character <= TEARS {
            // Of the private use area itself nothing is read.
            return Some(' ');
        }
        Some(put_for(LOOK_ALIKES, character))
    })
}

/// The letter that hid as this one.
pub(super) fn standing_alone(character: char) -> Option<char> {
    let letter = (character as u32).checked_sub(STANDALONE as u32)? + FIRST;
    char::from_u32(letter).filter(|_| letter <= LAST)
}

/// Emoticons stand in a row, or alone between syllables: ㅠㅠ, "죽ㅋ고". Beside other letters that
/// are typed one by one, spaced or not, they are letters.
fn is_emoticon(seen: &[char], at: usize) -> bool {
    let before = seen[..at].iter().rev().find(|char| !char.is_whitespace());
    let after = seen[at + 1..].iter().find(|char| !char.is_whitespace());
    let beside = [before, after].into_iter().flatten();
    let mut typed = beside.filter(|char| is_typed_letter(**char)).peekable();
    typed.peek().is_none() || typed.any(|char| EMOTICONS.contains(*char))
}

fn is_typed_letter(character: char) -> bool {
    (FIRST..=LAST).contains(&(character as u32))
}

fn is_syllable(character: Option<char>) -> bool {
    character.is_some_and(|char| matches!(char, '\u{AC00}'..='\u{D7A3}' | '\u{1100}'..='\u{11C2}'))
}

fn is_latin(character: Option<char>) -> bool {
    character.is_some_and(|char| char.is_ascii_alphabetic())
}

fn put_for(pairs: &str, character: char) -> char {
    let mut pairs = pairs.chars();
    while let (Some(put), Some(meant)) = (pairs.next(), pairs.next()) {
        if put == character.to_lowercase().next().unwrap_or(character) {
            return meant;
        }
    }
    character
}

/// Characters without a width of their own, and fillers.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
            | '\u{FFA0}' | '\u{E0000}'..='\u{E0FFF}'
    )
}
