//! Where one sentence ends and the next begins, in Korean and in English chat.

/// Characters of a message that are looked at.
const MAX_CHARS: usize = 10_000;

/// Whether a sentence ends with this character.
pub(super) fn ends_a_sentence(character: char) -> bool {
    matches!(character, '.' | '!' | '?' | '…' | '。' | '！' | '？')
}

/// The sentences of a message. A line is a sentence too: in chat few people write full stops.
pub(super) fn split(text: &str) -> Vec<String> {
    let mut sentences = Vec::new();
    let mut sentence = String::new();
    let mut characters = text.chars().take(MAX_CHARS).peekable();
    while let Some(character) = characters.next() {
        if character.is_control() {
            finish(&mut sentence, &mut sentences);
            continue;
        }
        sentence.push(character);
        // `3.5` and `e.g.` go on; `?!` is one end.
        let at_an_end = characters.peek().is_none_or(|next| next.is_whitespace());
        let wide = matches!(character, '。' | '！' | '？');
        if ends_a_sentence(character) && (at_an_end || wide) {
            finish(&mut sentence, &mut sentences);
        }
    }
    finish(&mut sentence, &mut sentences);
    sentences
}

fn finish(sentence: &mut String, sentences: &mut Vec<String>) {
    let trimmed = sentence.trim();
    if trimmed.chars().any(char::is_alphanumeric) {
        sentences.push(trimmed.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    sentence.clear();
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn full_stops_and_lines_end_sentences() {
        assert_eq!(
            split("잠을 못 자요. 왜 그럴까요?!\n회사 때문인 것 같아요"),
            ["잠을 못 자요.", "왜 그럴까요?!", "회사 때문인 것 같아요"]
        );
    }

    #[test]
    fn a_point_inside_a_number_ends_nothing() {
        assert_eq!(
            split("I slept 3.5 hours. Again."),
            ["I slept 3.5 hours.", "Again."]
        );
    }

    #[test]
    fn what_has_no_letter_is_no_sentence() {
        assert!(split("… !!! ^^ 🙂").is_empty());
    }
}
