//! What a text sounds like, by a lexicon.

use serde::Deserialize;

use super::Emotion;
use super::phrase::{has, places, plain};
use crate::catalogue::{line, source};
use crate::settings::{Settings, SettingsError};

/// How strong a word of each list is.
const STRONG: f32 = 0.9;
const PLAIN: f32 = 0.6;
const MILD: f32 = 0.35;

/// What a modifier moves an intensity by, and each further word of the same emotion.
const MODIFIED: f32 = 0.15;
const REPEATED: f32 = 0.05;

/// Between a word and what negates or modifies it, in characters.
const CLOSE_CHARS: usize = 14;

/// Characters of one label.
const MAX_LABEL_CHARS: usize = 50;

/// Words by emotion.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lexicon {
    /// The label of a text that sounds like nothing.
    neutral: String,
    modifiers: Modifiers,
    emotion: Vec<Words>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Modifiers {
    more: Vec<String>,
    less: Vec<String>,
    negations_after: Vec<String>,
    negations_before: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    label: String,
    #[serde(default)]
    strong: Vec<String>,
    #[serde(default)]
    plain: Vec<String>,
    #[serde(default)]
    mild: Vec<String>,
    /// What its opposite tells of.
    #[serde(default)]
    negated: Option<String>,
}

/// What was found of one emotion.
#[derive(Default)]
struct Found {
    strongest: f32,
    words: u8,
}

impl Found {
    fn add(&mut self, weight: f32) {
        self.strongest = self.strongest.max(weight);
        self.words = self.words.saturating_add(1);
    }

    /// The strongest word counts, and each further one a little.
    fn intensity(&self) -> f32 {
        (self.strongest + f32::from(self.words.saturating_sub(1)) * REPEATED).clamp(0.0, 1.0)
    }
}

impl Lexicon {
    /// The file that the settings name, else the built-in one.
    pub(super) fn load(settings: &Settings) -> Result<Self, SettingsError> {
        source(
            settings,
            "emotion.lexicon_file",
            settings.emotion.lexicon_file.as_deref(),
            include_str!("../../catalogue/emotions.toml"),
            |text| {
                let lexicon: Self = toml::from_str(text).map_err(|error| line(&error))?;
                lexicon.check().map(|()| lexicon)
            },
        )
    }

    fn check(&self) -> Result<(), String> {
        let mut labels: Vec<&str> = self.labels().collect();
        if labels
            .iter()
            .any(|label| label.trim().is_empty() || label.chars().count() > MAX_LABEL_CHARS)
        {
            return Err(format!(
                "a label must have 1 to {MAX_LABEL_CHARS} characters"
            ));
        }
        labels.sort_unstable();
        if let Some([twice, _]) = labels.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(format!("{twice:?} is there twice"));
        }
        let unknown = |label: &&str| !labels.contains(label);
        if let Some(label) = self
            .emotion
            .iter()
            .filter_map(|words| words.negated.as_deref())
            .find(unknown)
        {
            return Err(format!("{label:?} is no label of the file"));
        }
        let phrases = self
            .emotion
            .iter()
            .flat_map(|words| words.weighed().map(|(word, _)| word));
        let modifiers = &self.modifiers;
        let all = phrases
            .chain(&modifiers.more)
            .chain(&modifiers.less)
            .chain(&modifiers.negations_after)
            .chain(&modifiers.negations_before);
        match all
            .map(|phrase| phrase.trim_end_matches('*'))
            .find(|phrase| phrase.trim().is_empty())
        {
            Some(_) => Err("a word must not be empty".to_owned()),
            None => Ok(()),
        }
    }

    /// Every label that a text may get.
    pub(super) fn labels(&self) -> impl Iterator<Item = &str> {
        let emotions = self.emotion.iter().map(|words| &*words.label);
        std::iter::once(&*self.neutral).chain(emotions)
    }

    /// The emotion with the most weight; of several, the one that the file names first.
    pub(super) fn emotion_of(&self, text: &str) -> Emotion {
        let text = plain(text);
        let mut found: Vec<(&str, Found)> = self
            .emotion
            .iter()
            .map(|words| (&*words.label, Found::default()))
            .collect();
        let mut note = |label: &str, weight: f32| {
            if let Some((_, found)) = found.iter_mut().find(|(of, _)| *of == label) {
                found.add(weight);
            }
        };
        for words in &self.emotion {
            for (word, weight) in words.weighed() {
                for (start, end) in places(&text, word) {
                    if !self.is_negated(&text, start, end) {
                        note(&words.label, weight + self.modified(&text, start));
                    } else if let Some(opposite) = &words.negated {
                        note(opposite, MILD);
                    }
                }
            }
        }
        let neutral = Emotion {
            label: self.neutral.clone(),
            intensity: 0.0,
        };
        found.into_iter().filter(|(_, found)| found.words > 0).fold(
            neutral,
            |best, (label, found)| {
                let intensity = found.intensity();
                if intensity > best.intensity {
                    Emotion {
                        label: label.to_owned(),
                        intensity,
                    }
                } else {
                    best
                }
            },
        )
    }

    fn is_negated(&self, text: &str, start: usize, end: usize) -> bool {
        let after: String = text[end..].chars().take(CLOSE_CHARS / 2).collect();
        let before = before(text, start, CLOSE_CHARS / 2);
        self.modifiers
            .negations_after
            .iter()
            .any(|negation| after.contains(&**negation))
            || self.modifiers.negations_before.iter().any(|negation| {
                // A Korean one is a word of its own here: 안 행복해, and not 불안 행복.
                places(before, negation)
                    .any(|(at, _)| at == 0 || before[..at].ends_with([' ', ',', '.']))
            })
    }

    fn modified(&self, text: &str, start: usize) -> f32 {
        let before = before(text, start, CLOSE_CHARS);
        if self.modifiers.more.iter().any(|more| has(before, more)) {
            MODIFIED
        } else if self.modifiers.less.iter().any(|less| has(before, less)) {
            -MODIFIED
        } else {
            0.0
        }
    }
}

impl Words {
    fn weighed(&self) -> impl Iterator<Item = (&String, f32)> {
        self.strong
            .iter()
            .map(|word| (word, STRONG))
            .chain(self.plain.iter().map(|word| (word, PLAIN)))
            .chain(self.mild.iter().map(|word| (word, MILD)))
    }
}

/// So many characters before a place, within the sentence.
fn before(text: &str, start: usize, chars: usize) -> &str {
    let head = &text[..start];
    let from = head
        .char_indices()
        .rev()
        .take(chars)
        .last()
        .map_or(start, |(at, _)| at);
    let near = &head[from..];
    near.rfind(['.', '!', '?'])
        .map_or(near, |at| &near[at + 1..])
}
