//! What a counsellor is given to read of a session: texts that messages can hold.

use crate::limits;

/// What somebody said in one step, and what they were answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exchange {
    pub said: String,
    /// Empty where nothing was.
    pub answered: String,
}

/// What stands before the words of a history, in the language of the session.
#[derive(Debug, Clone, Copy)]
struct Words {
    heading: &'static str,
    said: &'static str,
    answered: &'static str,
}

const KOREAN: Words = Words {
    heading: "[감정 대화 기록]",
    said: "나: ",
    answered: "자동 응답: ",
};

const ENGLISH: Words = Words {
    heading: "[Record of an emotion session]",
    said: "Me: ",
    answered: "Automatic answer: ",
};

/// Stands where something was left out.
const LEFT_OUT: &str = "…";

/// The newest of some exchanges, oldest first, as texts of at most [`limits::TEXT_CHARS`]
/// characters, together about [`limits::HANDED_OVER_CHARS`]. Nothing of a session in which nothing
/// was said.
pub fn history(exchanges: &[Exchange]) -> Vec<String> {
    let korean = |exchange: &Exchange| exchange.said.chars().any(is_hangul);
    let words = if exchanges.iter().any(korean) {
        KOREAN
    } else {
        ENGLISH
    };
    let mut first = exchanges.len();
    let mut chars = 0;
    while first > 0 {
        chars += length(&exchanges[first - 1]);
        // The last one is told whatever it takes: it is cut into texts below.
        if chars > limits::HANDED_OVER_CHARS && first < exchanges.len() {
            break;
        }
        first -= 1;
    }
    if first == exchanges.len() {
        return Vec::new();
    }
    let mut texts = Texts::default();
    texts.add(words.heading);
    if first > 0 {
        texts.add("\n");
        texts.add(LEFT_OUT);
    }
    for exchange in &exchanges[first..] {
        for (by, text) in [
            (words.said, &exchange.said),
            (words.answered, &exchange.answered),
        ] {
            if !text.is_empty() {
                texts.keep_together(by, text);
            }
        }
    }
    texts.all
}

fn is_hangul(char: char) -> bool {
    matches!(char, '\u{AC00}'..='\u{D7A3}')
}

fn length(exchange: &Exchange) -> usize {
    exchange.said.chars().count() + exchange.answered.chars().count()
}

/// Texts that are filled one after the other.
#[derive(Default)]
struct Texts {
    all: Vec<String>,
    /// Characters of the last one.
    chars: usize,
}

impl Texts {
    /// Adds what one of the two said on a line of its own: in a new text where the last one has no
    /// room, and in several where even that has none.
    fn keep_together(&mut self, by: &str, text: &str) {
        let chars = 1 + by.chars().count() + text.chars().count();
        if self.chars + chars > limits::TEXT_CHARS {
            self.begin();
        } else {
            self.add("\n");
        }
        self.add(by);
        self.add(text);
    }

    fn begin(&mut self) {
        self.all.push(String::new());
        self.chars = 0;
    }

    fn add(&mut self, text: &str) {
        if self.all.is_empty() {
            self.begin();
        }
        for char in text.chars() {
            if self.chars == limits::TEXT_CHARS {
                self.begin();
            }
            if let Some(last) = self.all.last_mut() {
                last.push(char);
                self.chars += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(said: &str, answered: &str) -> Exchange {
        Exchange {
            said: said.to_owned(),
            answered: answered.to_owned(),
        }
    }

    #[test]
    fn who_said_what_is_told_in_order_in_the_language_of_the_session() {
        let told = history(&[
            exchange("잠이 안 와요", "그렇군요"),
            exchange("so tired", ""),
        ]);
        let expected = "[감정 대화 기록]\n나: 잠이 안 와요\n자동 응답: 그렇군요\n나: so tired";
        assert_eq!(told, [expected]);
        let told = history(&[exchange("so tired", "I see")]);
        let expected = "[Record of an emotion session]\nMe: so tired\nAutomatic answer: I see";
        assert_eq!(told, [expected]);
        assert!(history(&[]).is_empty());
    }

    #[test]
    fn a_long_session_is_told_from_its_end_in_texts_that_messages_can_hold() {
        let long: Vec<_> = (0..40)
            .map(|step| exchange(&format!("{step:02}{}", "가".repeat(4_000)), "네"))
            .collect();
        let told = history(&long);
        let chars = |text: &String| text.chars().count();
        assert!(told.iter().all(|text| chars(text) <= limits::TEXT_CHARS));
        let all: usize = told.iter().map(chars).sum();
        assert!(
            (80_000..=limits::HANDED_OVER_CHARS + 2_000).contains(&all),
            "{all}"
        );
        let all = told.join("\n");
        assert!(
            all.starts_with("[감정 대화 기록]\n…\n나: 1"),
            "{}",
            &all[..60]
        );
        assert!(all.contains("나: 39") && !all.contains("나: 00"));
    }

    #[test]
    fn no_word_of_an_exchange_that_is_longer_than_a_message_is_lost() {
        let answer: String = ('a'..='z').cycle().take(25_000).collect();
        let told = history(&[exchange("hello", &answer)]);
        assert!(told.len() > 3);
        assert!(told.concat().ends_with(&answer));
        assert!(
            told.iter()
                .all(|text| text.chars().count() <= limits::TEXT_CHARS)
        );
    }
}
