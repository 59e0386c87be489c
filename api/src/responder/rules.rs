//! The file of what the built-in responder says.

use serde::Deserialize;

use super::language::Language;

/// What the built-in responder says, as its file has it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rules {
    notice: Both<Notice>,
    pub(super) pattern: Vec<Pattern>,
    feeling: Vec<Feeling>,
    question: Both<Vec<String>>,
}

/// One for each language.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Both<T> {
    ko: T,
    en: T,
}

/// What stands around the crisis lines.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Notice {
    pub(super) before: String,
    pub(super) after: String,
}

/// Phrases, and what is said where an input has one of them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pattern {
    pub(super) language: Language,
    #[serde(default)]
    pub(super) when: Vec<String>,
    /// Where the input raises the crisis lines, whatever its phrases.
    #[serde(default)]
    pub(super) crisis: bool,
    /// Only where the input has hardly more than the phrase.
    #[serde(default)]
    pub(super) short: bool,
    /// No question follows.
    #[serde(default)]
    pub(super) alone: bool,
    pub(super) say: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Feeling {
    label: String,
    ko: Vec<String>,
    en: Vec<String>,
}

impl<T> Both<T> {
    fn of(&self, language: Language) -> &T {
        match language {
            Language::Korean => &self.ko,
            Language::English => &self.en,
        }
    }
}

impl Rules {
    /// Reads and checks a file.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let rules: Self = toml::from_str(text).map_err(|error| crate::catalogue::line(&error))?;
        for pattern in &rules.pattern {
            if pattern.when.is_empty() != pattern.crisis {
                return Err("a pattern must have `when`, or `crisis = true`".to_owned());
            }
            if pattern.when.iter().any(|phrase| phrase.trim().is_empty()) {
                return Err("a phrase must not be empty".to_owned());
            }
            if pattern.say.is_empty() {
                return Err(format!("the pattern of {:?} says nothing", pattern.when));
            }
        }
        let questions = [&rules.question.ko, &rules.question.en];
        let feelings = rules
            .feeling
            .iter()
            .flat_map(|feeling| [&feeling.ko, &feeling.en]);
        if questions.into_iter().chain(feelings).any(Vec::is_empty) {
            return Err("a question or feeling says nothing in one of the languages".to_owned());
        }
        if rules.feeling.is_empty() {
            return Err("there must be a feeling".to_owned());
        }
        Ok(rules)
    }

    pub(super) fn notice(&self, language: Language) -> &Notice {
        self.notice.of(language)
    }

    pub(super) fn questions(&self, language: Language) -> &[String] {
        self.question.of(language)
    }

    /// What is said of an emotion; of one that the file does not know, what it says of its last.
    pub(super) fn feeling(&self, label: &str, language: Language) -> &[String] {
        let known = self.feeling.iter().find(|feeling| feeling.label == label);
        known
            .or(self.feeling.last())
            .map_or(&[], |feeling| match language {
                Language::Korean => &feeling.ko,
                Language::English => &feeling.en,
            })
    }
}
