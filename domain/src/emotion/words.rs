//! What is personal of a session: what it is about, what was said, and what was answered.

use serde::{Deserialize, Serialize};

use crate::{Refusal, limits, text};

/// What a session is about, as its owner says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SessionOpening {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub emotion_label: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub topic: Option<String>,
}

impl SessionOpening {
    pub(super) fn check(&self) -> Result<(), Refusal> {
        let limits = [
            (&self.emotion_label, limits::EMOTION_LABEL_CHARS),
            (&self.topic, limits::TOPIC_CHARS),
        ];
        for (field, chars) in limits {
            if let Some(field) = field {
                text::check(field, 0..=chars, Refusal::OpeningTooLong)?;
            }
        }
        Ok(())
    }
}

/// What somebody says in a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepInput {
    pub user_input: String,
    /// As whom this one step is to be answered; none where the owner's own prompt holds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub system_prompt: Option<String>,
}

impl StepInput {
    pub(super) fn check(&self) -> Result<(), Refusal> {
        let input = 1..=limits::USER_INPUT_CHARS;
        text::check(&self.user_input, input, Refusal::InputLength)?;
        if self.user_input.trim().is_empty() {
            return Err(Refusal::InputLength);
        }
        match &self.system_prompt {
            Some(prompt) => check_prompt(prompt),
            None => Ok(()),
        }
    }
}

/// Refuses a system prompt that is too long.
pub(crate) fn check_prompt(prompt: &str) -> Result<(), Refusal> {
    let chars = 0..=limits::SYSTEM_PROMPT_CHARS;
    text::check(prompt, chars, Refusal::PromptTooLong)
}

/// What was answered, in the tokens in which it came.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Answer {
    text: String,
    /// Of each token, in bytes of UTF-8: from any of them a client can go on.
    token_bytes: Vec<u32>,
}

impl Answer {
    /// Adds a token. An empty one is none.
    pub fn push(&mut self, token: &str) {
        if !token.is_empty() {
            self.text.push_str(token);
            let bytes = u32::try_from(token.len()).unwrap_or(u32::MAX);
            self.token_bytes.push(bytes);
        }
    }

    /// Adds another one's tokens.
    pub fn append(&mut self, other: &Self) {
        for token in other.tokens() {
            self.push(token);
        }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// How many tokens it has.
    pub fn len(&self) -> usize {
        self.token_bytes.len()
    }

    /// The tokens, in order. Together they are the text.
    pub fn tokens(&self) -> impl Iterator<Item = &str> {
        let mut rest = self.text.as_str();
        self.token_bytes.iter().map_while(move |&bytes| {
            let (token, after) = rest.split_at_checked(bytes as usize)?;
            rest = after;
            Some(token)
        })
    }

    /// Whether the tokens are the text, and it is not too long.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        let bytes: usize = self.tokens().map(str::len).sum();
        if bytes != self.text.len() || self.tokens().count() != self.len() {
            return Err(Refusal::NotAText);
        }
        if bytes > limits::ANSWER_BYTES {
            return Err(Refusal::AnswerTooLong);
        }
        text::check(&self.text, 0..=limits::ANSWER_BYTES, Refusal::AnswerTooLong)
    }
}

impl<'t> FromIterator<&'t str> for Answer {
    fn from_iter<I: IntoIterator<Item = &'t str>>(tokens: I) -> Self {
        let mut answer = Self::default();
        for token in tokens {
            answer.push(token);
        }
        answer
    }
}

/// The words of a session's card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmotionCardText {
    pub summary: String,
}

impl EmotionCardText {
    pub(super) fn check(&self) -> Result<(), Refusal> {
        let chars = 0..=limits::NOTES_CHARS;
        text::check(&self.summary, chars, Refusal::NotesTooLong)
    }
}
