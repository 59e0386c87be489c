//! How much of a session the model is given, in tokens.
//!
//! Every model counts its own tokens, and none tells before. They are estimated here, and the
//! estimate is corrected upwards whenever a server says that a prompt took more.

use std::sync::atomic::{AtomicU32, Ordering};

use super::wire::{Message, Role};
use crate::responder::{ResponderError, Turn};

/// Bytes of one token: about four for English, and one Korean syllable of three.
const BYTES_PER_TOKEN: usize = 3;

/// What a message takes besides its text.
const TOKENS_PER_MESSAGE: usize = 8;

/// Where a prompt leaves less to an input that is longer, it is not answered.
const LEAST_INPUT_TOKENS: u32 = 200;

/// Shorter prompts tell too little to correct by.
const TELLING_TOKENS: u32 = 100;

/// Estimates are corrected by at most this much, in thousandths.
const CORRECTION: std::ops::RangeInclusive<u32> = 1_000..=3_000;

/// Estimates tokens.
pub(super) struct Context {
    /// By how much prompts were longer than estimated at worst, in thousandths.
    correction: AtomicU32,
}

impl Default for Context {
    fn default() -> Self {
        Self {
            correction: AtomicU32::new(*CORRECTION.start()),
        }
    }
}

impl Context {
    /// The prompt, as many of the newest turns as fit, and the input: of one that does not fit alone
    /// the end, which tells enough to be answered.
    pub(super) fn fit(
        &self,
        system: String,
        turns: &[Turn],
        input: &str,
        most: u32,
    ) -> Result<Vec<Message>, ResponderError> {
        let room = most.saturating_sub(self.tokens(&system));
        if room < LEAST_INPUT_TOKENS.min(self.tokens(input)) {
            return Err(ResponderError::TooLong);
        }
        let input = self.tail(input, most, &system);
        let mut left = room.saturating_sub(self.tokens(input));
        let mut first = turns.len();
        while let Some(turn) = first.checked_sub(1).map(|before| &turns[before]) {
            let both = self
                .tokens(&turn.user)
                .saturating_add(self.tokens(&turn.answer));
            let Some(rest) = left.checked_sub(both) else {
                break;
            };
            left = rest;
            first -= 1;
        }
        let mut messages = vec![Message::new(Role::System, system)];
        for turn in &turns[first..] {
            say(&mut messages, Role::User, &turn.user);
            say(&mut messages, Role::Assistant, &turn.answer);
        }
        say(&mut messages, Role::User, input);
        Ok(messages)
    }

    /// The end of a text that fits beside a prompt.
    pub(super) fn tail<'a>(&self, text: &'a str, most: u32, system: &str) -> &'a str {
        let left = most.saturating_sub(self.tokens(system)) as usize;
        let bytes = left.saturating_sub(TOKENS_PER_MESSAGE) * BYTES_PER_TOKEN * 1_000
            / self.correction.load(Ordering::Relaxed) as usize;
        let from = text.len().saturating_sub(bytes);
        let from = (from..=text.len()).find(|at| text.is_char_boundary(*at));
        &text[from.unwrap_or(text.len())..]
    }

    /// About how many tokens a message takes.
    pub(super) fn tokens(&self, text: &str) -> u32 {
        let plain = text.len().div_ceil(BYTES_PER_TOKEN) + TOKENS_PER_MESSAGE;
        let correction = self.correction.load(Ordering::Relaxed) as usize;
        u32::try_from(plain.saturating_mul(correction) / 1_000).unwrap_or(u32::MAX)
    }

    /// What the server counted for these messages.
    pub(super) fn learn(&self, messages: &[Message], counted: u32) {
        let plain: usize = messages
            .iter()
            .map(|message| message.content.len().div_ceil(BYTES_PER_TOKEN) + TOKENS_PER_MESSAGE)
            .sum();
        let plain = u32::try_from(plain).unwrap_or(u32::MAX);
        if plain >= TELLING_TOKENS {
            let seen = counted.saturating_mul(1_000) / plain;
            let seen = seen.clamp(*CORRECTION.start(), *CORRECTION.end());
            self.correction.fetch_max(seen, Ordering::Relaxed);
        }
    }
}

/// Adds what somebody said; the same one twice in a row is one message, as models expect it.
fn say(messages: &mut Vec<Message>, role: Role, text: &str) {
    if text.is_empty() {
        return;
    }
    match messages.last_mut() {
        Some(last) if last.role == role => {
            last.content.push_str("\n\n");
            last.content.push_str(text);
        }
        _ => messages.push(Message::new(role, text)),
    }
}

#[cfg(test)]
mod tests {
    use domain::limits;

    use super::*;

    fn turns(count: usize) -> Vec<Turn> {
        (0..count)
            .map(|turn| Turn {
                user: format!("질문 {turn}"),
                answer: format!("답 {turn}"),
            })
            .collect()
    }

    #[test]
    fn the_oldest_turns_are_left_out_first() {
        let context = Context::default();
        let said = |most: u32| {
            let messages = context
                .fit("system".into(), &turns(50), "input", most)
                .unwrap();
            messages
                .into_iter()
                .map(|message| message.content)
                .collect::<Vec<_>>()
        };
        assert_eq!(said(100_000).len(), 102);
        let few = said(100);
        assert!(few.len() < 12 && few.len() > 2, "{few:?}");
        assert_eq!(few.first().map(String::as_str), Some("system"));
        assert_eq!(few.last().map(String::as_str), Some("input"));
        assert_eq!(few[few.len() - 2], "답 49");
    }

    #[test]
    fn of_an_input_that_does_not_fit_alone_the_model_is_given_the_end() {
        let context = Context::default();
        let long = format!("{}끝", "가".repeat(limits::USER_INPUT_CHARS - 1));
        let messages = context.fit("s".into(), &turns(3), &long, 7_000).unwrap();
        let told: u32 = messages
            .iter()
            .map(|message| context.tokens(&message.content))
            .sum();
        assert_eq!(messages.len(), 2);
        assert!((6_900..=7_000).contains(&told), "{told}");
        assert!(messages[1].content.ends_with("가가끝"));
        // What fits is told whole.
        let fits = context.fit("s".into(), &[], "가나다", 40).unwrap();
        assert_eq!(fits[1].content, "가나다");
    }

    #[test]
    fn a_prompt_that_leaves_no_room_for_the_input_is_refused() {
        let context = Context::default();
        let fitted = context.fit("가".repeat(400), &[], &"나".repeat(300), 500);
        assert_eq!(fitted, Err(ResponderError::TooLong));
    }

    #[test]
    fn estimates_follow_what_the_server_counts_and_never_fall() {
        let context = Context::default();
        let before = context.tokens(&"a".repeat(3_000));
        let messages = [Message::new(Role::User, "a".repeat(3_000))];
        context.learn(&messages, before * 2);
        let after = context.tokens(&"a".repeat(3_000));
        assert!(after >= before * 2 - 20, "{before} {after}");
        context.learn(&messages, 1);
        assert_eq!(context.tokens(&"a".repeat(3_000)), after);
        let tail = context.tail("가나다라", 2_000, "");
        assert_eq!(tail, "가나다라");
        let long = "가".repeat(10_000);
        assert!(context.tokens(context.tail(&long, 500, "")) <= 500);
    }

    #[test]
    fn who_was_not_answered_has_said_it_all_in_one() {
        let context = Context::default();
        let mut turns = turns(1);
        turns[0].answer = String::new();
        let messages = context.fit("s".into(), &turns, "input", 1_000).unwrap();
        assert_eq!(messages.len(), 2);
        assert_eq!(messages[1].content, "질문 0\n\ninput");
    }
}
