//! Artificial Korean, and what is looked for in it.

use std::fmt;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// Different words; most of what is said uses few of them.
const WORDS: u32 = 20_000;

/// Syllables that words are made of: those from 가 on, as many as common ones there are.
const SYLLABLES: u32 = 900;

/// How far apart they stand in the table of all 11,172.
const STEP: u32 = 12;

/// What no text holds.
const UNSAID: char = '쀍';

/// One message of 2 to 14 words.
pub fn text(random: &mut StdRng) -> String {
    let length = random.random_range(2..=14);
    let mut text = String::with_capacity(length * 10);
    for _ in 0..length {
        if !text.is_empty() {
            text.push(' ');
        }
        // Squared twice: the first tenth of the words is more than half of all that is said.
        let rank: f64 = random.random::<f64>().powi(4);
        push_word(within(rank, WORDS), &mut text);
    }
    text.push_str(["", "", ".", "?", "요", " ㅋㅋ", " 🙂"][random.random_range(0..7)]);
    text
}

/// A word is made from its number.
fn push_word(number: u32, text: &mut String) {
    let mut random = StdRng::seed_from_u64(number.into());
    for _ in 0..random.random_range(1..=4) {
        let rank: f64 = random.random::<f64>().powi(2);
        let syllable = u32::from('가') + within(rank, SYLLABLES) * STEP;
        text.extend(char::from_u32(syllable));
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a small number"
)]
fn within(share: f64, of: u32) -> u32 {
    ((share * f64::from(of)) as u32).min(of - 1)
}

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sought {
    /// So many characters that somebody wrote in the room, one after the other.
    Said(usize),
    /// So many characters, one of which nobody wrote.
    Unsaid(usize),
}

impl Sought {
    pub const ALL: &[Self] = &[
        Self::Said(1),
        Self::Said(2),
        Self::Said(3),
        Self::Said(6),
        Self::Unsaid(1),
        Self::Unsaid(2),
        Self::Unsaid(6),
    ];

    /// Whether something must be found.
    pub fn is_there(self) -> bool {
        matches!(self, Self::Said(_))
    }

    /// A query from what somebody wrote; none where that is too short.
    pub fn take_from(self, said: &str, random: &mut StdRng) -> Option<String> {
        let letters: Vec<char> = said.chars().collect();
        let (Self::Said(length) | Self::Unsaid(length)) = self;
        let last = letters.len().checked_sub(length)?;
        let start = random.random_range(0..=last);
        let mut query = letters[start..start + length].to_vec();
        if let Self::Unsaid(_) = self {
            query[length / 2] = UNSAID;
        }
        Some(query.into_iter().collect())
    }
}

impl fmt::Display for Sought {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Said(length) => write!(f, "{length} characters"),
            Self::Unsaid(length) => write!(f, "{length} that are nowhere"),
        }
    }
}
