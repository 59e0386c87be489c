//! Whether a text speaks of suicide or of hurting oneself: a rule, and never a model's choice.
//!
//! The rules are data, in `rules.toml`. A text is looked at as a row of letters, without the spaces,
//! marks and invisible characters that words are torn apart with, so a rule meets a word however
//! it is spaced, composed or spelt in single letters. The time it takes is linear in the text.

mod letters;
mod matcher;
mod pattern;
mod rules;
#[cfg(test)]
mod tests;
mod tricks;

use std::sync::LazyLock;

use letters::Letters;
use matcher::Matcher;

use crate::Risk;

/// That a text speaks of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// The id of the rule, as the file of rules has it.
    pub rule: &'static str,
    pub level: Risk,
}

/// The rules as they come with the program.
static RULES: LazyLock<Result<Matcher, String>> =
    LazyLock::new(|| Matcher::new(rules::read(include_str!("rules.toml"))?));

/// What is found where the rules cannot be read: then every text is taken seriously.
const UNREADABLE: Hit = Hit {
    rule: "unreadable_rules",
    level: Risk::High,
};

/// Whether a text speaks of suicide or of hurting oneself; the first rule that says so.
pub fn check(text: &str) -> Option<Hit> {
    match &*RULES {
        Ok(rules) => {
            let rule = rules.first(&Letters::of(text))?;
            let level = Risk::High;
            Some(Hit { rule, level })
        }
        Err(_) => Some(UNREADABLE),
    }
}
