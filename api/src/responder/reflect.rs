//! Saying back what was said.

use super::phrase::plain;

/// Characters of a sentence that is said back.
const MAX_SAID_CHARS: usize = 60;

/// English words as the other side says them.
const SWAPS: &[(&str, &str)] = &[
    ("i", "you"),
    ("i'm", "you're"),
    ("im", "you're"),
    ("i've", "you've"),
    ("ive", "you've"),
    ("i'd", "you'd"),
    ("i'll", "you'll"),
    ("me", "you"),
    ("my", "your"),
    ("mine", "yours"),
    ("myself", "yourself"),
    ("am", "are"),
    ("was", "were"),
    ("you", "I"),
    ("your", "my"),
    ("yourself", "myself"),
];

/// The last sentence of a text, shortened; none if it has no letters.
pub(super) fn last_sentence(text: &str) -> Option<String> {
    let sentence = text
        .split(['.', '!', '?', '。', '…', '\n'])
        .rev()
        .map(str::trim)
        .find(|sentence| sentence.chars().any(char::is_alphanumeric))?;
    let clean: String = sentence
        .chars()
        .filter(|char| !char.is_control() && !matches!(char, '“' | '”' | '"'))
        .collect();
    Some(shortened(clean.trim()))
}

/// What follows in the sentence, from the other side's point of view; none if there is nothing.
pub(super) fn turned(rest: &str) -> Option<String> {
    let sentence = rest.split(['.', '!', '?', ';', '\n']).next()?;
    let words: Vec<String> = plain(sentence)
        .split_whitespace()
        .map(|word| {
            let bare = word.trim_matches(|char: char| !char.is_alphanumeric() && char != '\'');
            match SWAPS.iter().find(|(own, _)| *own == bare) {
                Some((own, other)) => word.replacen(own, other, 1),
                None => word.to_owned(),
            }
        })
        .collect();
    let turned = words.join(" ");
    let turned = turned.trim_end_matches([',', ':', '-']);
    (!turned.is_empty()).then(|| shortened(turned))
}

/// Cut between words where possible.
fn shortened(text: &str) -> String {
    if text.chars().count() <= MAX_SAID_CHARS {
        return text.to_owned();
    }
    let cut: String = text.chars().take(MAX_SAID_CHARS).collect();
    let kept = match cut.rfind(' ') {
        Some(at) if at > 0 => &cut[..at],
        _ => &cut,
    };
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_sentence_with_words_is_said_back() {
        assert_eq!(
            last_sentence("처음이에요. 너무 힘들어요!!! ").as_deref(),
            Some("너무 힘들어요")
        );
        assert_eq!(last_sentence("…?!"), None);
        let long = last_sentence(&"word ".repeat(100)).unwrap();
        assert!(
            long.ends_with('…') && long.chars().count() <= MAX_SAID_CHARS + 1,
            "{long}"
        );
        assert_eq!(
            last_sentence(&"가".repeat(500)).unwrap().chars().count(),
            MAX_SAID_CHARS + 1
        );
    }

    #[test]
    fn what_i_say_of_me_is_said_back_of_you() {
        assert_eq!(
            turned("my job is killing me, and I'm tired. Yes.").as_deref(),
            Some("your job is killing you, and you're tired")
        );
        assert_eq!(turned("  . more"), None);
    }
}
