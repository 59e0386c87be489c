//! Reflective listening by rules: what answers where there is no language model.

use super::answer::{Answer, Piece};
use super::language::Language;
use super::phrase::{has, places, plain};
use super::reflect::{last_sentence, turned};
use super::rules::{Pattern, Rules};
use super::{Ask, Emotion, Finished, Turn, Usage};
use crate::catalogue::source;
use crate::settings::{CrisisSettings, Settings, SettingsError};

/// What was said in so many answers before is not said again.
const REMEMBERED: usize = 3;

/// An input is short with at most so many characters besides the phrase.
const SHORT_CHARS: usize = 12;

/// What follows a phrase, in the files.
const REST: &str = "…";

/// Answers by rules.
pub(super) struct Builtin {
    rules: Rules,
    crisis: CrisisSettings,
}

impl Builtin {
    /// The file that the settings name, else the built-in one.
    pub(super) fn load(settings: &Settings) -> Result<Self, SettingsError> {
        let rules = source(
            settings,
            "emotion.responder_file",
            settings.emotion.responder_file.as_deref(),
            include_str!("../../catalogue/responder.toml"),
            Rules::read,
        )?;
        let crisis = settings.crisis.clone();
        Ok(Self { rules, crisis })
    }

    /// The crisis lines, in the language of the input.
    pub(super) fn notice(&self, input: &str) -> String {
        let language = Language::of(input).unwrap_or(Language::Korean);
        let notice = self.rules.notice(language);
        let lines: String = self
            .crisis
            .lines
            .iter()
            .flat_map(|line| ["- ", line, "\n"])
            .collect();
        format!("{}\n{lines}{}\n\n", notice.before, notice.after)
    }

    /// The whole answer at once, in words as a model would send them.
    pub(super) fn answer(&self, ask: &Ask, emotion: Emotion) -> Answer {
        let text = self.text(ask, &emotion.label);
        let mut pieces: Vec<Piece> = text
            .split_inclusive(' ')
            .map(|word| Piece::Token(word.to_owned()))
            .collect();
        pieces.push(Piece::Finished(Finished {
            usage: Usage::default(),
            emotion,
            truncated: false,
        }));
        Answer::ready(pieces)
    }

    fn text(&self, ask: &Ask, label: &str) -> String {
        let language = Language::of(&ask.input)
            .or_else(|| {
                ask.turns
                    .iter()
                    .rev()
                    .find_map(|turn| Language::of(&turn.user))
            })
            .unwrap_or(Language::Korean);
        let input = plain(&ask.input);
        let found = self.pattern(&input, &ask.input, language);
        let said = last_sentence(&ask.input);
        let (mut reflections, alone) = match &found {
            Some((pattern, rest)) => (ways(&pattern.say, said.as_deref(), rest), pattern.alone),
            None => (Vec::new(), false),
        };
        if reflections.is_empty() {
            reflections = ways(self.rules.feeling(label, language), said.as_deref(), "");
        }
        let reflection = next(&reflections, &ask.turns);
        if alone {
            return reflection.to_owned();
        }
        let question = next(self.rules.questions(language), &ask.turns);
        format!("{reflection} {question}")
    }

    /// The first pattern that the input has, with what follows its phrase.
    fn pattern(
        &self,
        input: &str,
        original: &str,
        language: Language,
    ) -> Option<(&Pattern, String)> {
        let crisis = domain::crisis::check(original).is_some();
        self.rules
            .pattern
            .iter()
            .filter(|pattern| pattern.language == language)
            .find_map(|pattern| {
                if pattern.crisis {
                    return crisis.then(|| (pattern, String::new()));
                }
                pattern
                    .when
                    .iter()
                    .find_map(|phrase| fits(input, phrase, pattern.short))
                    .map(|rest| (pattern, rest))
            })
    }
}

/// Whether a phrase is in the input, and what follows it where it asks for that.
/// Empty where it does not ask.
fn fits(input: &str, phrase: &str, short: bool) -> Option<String> {
    if let Some(phrase) = phrase.strip_suffix(REST) {
        let (_, end) = places(input, phrase.trim_end()).last()?;
        return turned(&input[end..]);
    }
    let long = input.chars().count() > phrase.chars().count() + SHORT_CHARS;
    (has(input, phrase) && !(short && long)).then(String::new)
}

/// The ways to say it that can be said: those with nothing left open.
fn ways(say: &[String], said: Option<&str>, rest: &str) -> Vec<String> {
    say.iter()
        .filter(|way| said.is_some() || !way.contains("{said}"))
        .filter(|way| !rest.is_empty() || !way.contains("{rest}"))
        .map(|way| {
            // One after the other, so that what was said is never taken for a mark.
            way.split("{said}")
                .map(|part| part.replace("{rest}", rest))
                .collect::<Vec<_>>()
                .join(said.unwrap_or_default())
        })
        .collect()
}

/// The next way, in turn, that was not said lately.
fn next<'a>(ways: &'a [String], turns: &[Turn]) -> &'a str {
    let in_turn = (0..ways.len()).map(|step| &ways[(turns.len() + step) % ways.len()]);
    let lately = &turns[turns.len().saturating_sub(REMEMBERED)..];
    let fresh = in_turn
        .clone()
        .find(|way| !lately.iter().any(|turn| turn.answer.contains(&***way)));
    fresh
        .or_else(|| in_turn.clone().next())
        .map_or("", String::as_str)
}
