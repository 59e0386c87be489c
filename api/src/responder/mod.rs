//! What answers in emotion sessions: a language model where one is set up, else rules.

mod answer;
mod builtin;
mod emotions;
mod error;
mod language;
mod model;
mod phrase;
mod prompt;
mod reflect;
mod rules;
mod summary;

pub use answer::{Answer, Piece};
use builtin::Builtin;
use emotions::Lexicon;
pub use error::ResponderError;
use model::Model;

use crate::settings::{Settings, SettingsError};

/// One exchange of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    pub user: String,
    /// What was answered, or as much as had arrived; without the crisis lines.
    pub answer: String,
}

/// What is to be answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ask {
    /// The message's own prompt, or else the user's; empty for that of the settings. The safety
    /// preamble always stands before it.
    pub system_prompt: String,
    /// What was said before, the oldest first.
    pub turns: Vec<Turn>,
    pub input: String,
}

/// What an answer took, in tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    pub prompt_tokens: u32,
    pub answer_tokens: u32,
}

/// What an input sounds like.
#[derive(Debug, Clone, PartialEq)]
pub struct Emotion {
    /// One of the lexicon's labels.
    pub label: String,
    /// 0 to 1.
    pub intensity: f32,
}

/// How an answer ended that was not broken off.
#[derive(Debug, Clone, PartialEq)]
pub struct Finished {
    pub usage: Usage,
    pub emotion: Emotion,
    /// Whether the answer was cut because it had grown too long.
    pub truncated: bool,
}

/// Answers what people write in emotion sessions.
pub struct Responder {
    lexicon: Lexicon,
    builtin: Builtin,
    model: Option<Model>,
}

impl Responder {
    /// By the settings: with a language model where `llm.base_url` names one.
    pub fn new(settings: &Settings) -> Result<Self, SettingsError> {
        let lexicon = Lexicon::load(settings)?;
        Ok(Self {
            builtin: Builtin::load(settings)?,
            model: Model::open(settings, lexicon.labels().map(str::to_owned))?,
            lexicon,
        })
    }

    /// Whether a language model answers; else it is rules.
    pub fn is_language_model(&self) -> bool {
        self.model.is_some()
    }

    /// What answers, as `/health` says it: `language_model` or `rules`.
    pub fn name(&self) -> &'static str {
        if self.is_language_model() {
            "language_model"
        } else {
            "rules"
        }
    }

    /// What is said before any answer to somebody who speaks of suicide or of hurting themselves:
    /// a sentence in the language of the input, and the lines of the settings.
    pub fn crisis_notice(&self, input: &str) -> String {
        self.builtin.notice(input)
    }

    /// What a text sounds like by the lexicon, as a failed or cancelled step has it.
    pub fn emotion_of(&self, text: &str) -> Emotion {
        self.lexicon.emotion_of(text)
    }

    /// Answers, a piece at a time: tokens, then one [`Piece::Finished`], or an error as the last
    /// item. Dropping the answer ends the work on it.
    pub async fn answer(&self, ask: Ask) -> Result<Answer, ResponderError> {
        let emotion = self.lexicon.emotion_of(&ask.input);
        match &self.model {
            Some(model) => model.answer(&ask, emotion).await,
            None => Ok(self.builtin.answer(&ask, emotion)),
        }
    }
}

#[cfg(test)]
mod tests;
