//! A summary made of the conversation's own words: its most telling sentences and its key terms.

mod sentences;
mod terms;

use std::collections::{BTreeMap, BTreeSet};

use sentences::split;
use terms::{Term, terms};

/// Sentences looked at; of a longer conversation the beginning and the end.
const MAX_SENTENCES: usize = 2_000;

/// Sentences in a summary.
const SUMMARY_SENTENCES: usize = 4;

/// Key terms in a summary.
pub const KEY_TERMS: usize = 5;

/// Characters of one sentence that a summary shows.
const MAX_SENTENCE_CHARS: usize = 300;

/// Sentences that share more of their terms than this say the same.
const SAME_SHARE: f64 = 0.6;

/// What the person seeking help says counts for more than what is answered.
const SEEKER_WEIGHT: f64 = 1.25;

/// Where a conversation begins people say why they came, where it ends what they take along.
const OPENING_WEIGHT: f64 = 1.3;
const CLOSING_WEIGHT: f64 = 1.15;

/// Shares of the conversation that count as its opening and its closing.
const OPENING: f64 = 0.15;
const CLOSING: f64 = 0.85;

/// Terms below this number make a sentence too thin to tell anything.
const MIN_TERMS: usize = 2;

/// Who said something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    Seeker,
    Counselor,
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub by: Speaker,
    pub text: String,
}

/// What a conversation was about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    pub key_points: Vec<String>,
    pub notes: String,
}

struct Sentence {
    by: Speaker,
    text: String,
    terms: Vec<Term>,
}

/// Summarises a conversation. Says nothing of one in which nothing was said.
pub fn summarise(conversation: &[Said]) -> Summary {
    let sentences = sentences_of(conversation);
    let weights = weights(&sentences);
    Summary {
        key_points: key_points(&sentences, &weights),
        notes: notes(&sentences, &weights),
    }
}

fn sentences_of(conversation: &[Said]) -> Vec<Sentence> {
    let mut all: Vec<(Speaker, String)> = conversation
        .iter()
        .flat_map(|said| split(&said.text).into_iter().map(|text| (said.by, text)))
        .collect();
    if all.len() > MAX_SENTENCES {
        let half = MAX_SENTENCES / 2;
        all.drain(half..all.len() - half);
    }
    all.into_iter()
        .map(|(by, text)| {
            let terms = terms(&text);
            Sentence { by, text, terms }
        })
        .collect()
}

/// How much each term tells: how often it comes, dampened, so that one word does not drown all.
fn weights(sentences: &[Sentence]) -> BTreeMap<&str, f64> {
    let mut counts: BTreeMap<&str, f64> = BTreeMap::new();
    for term in sentences.iter().flat_map(|sentence| &sentence.terms) {
        *counts.entry(&term.stem).or_default() += 1.0;
    }
    for count in counts.values_mut() {
        *count = count.ln_1p();
    }
    counts
}

fn notes(sentences: &[Sentence], weights: &BTreeMap<&str, f64>) -> String {
    let mut ranked: Vec<(f64, usize)> = sentences
        .iter()
        .enumerate()
        .map(|(index, sentence)| (score(sentence, index, sentences.len(), weights), index))
        .filter(|(score, _)| *score > 0.0)
        .collect();
    ranked.sort_by(|(a, at_a), (b, at_b)| b.total_cmp(a).then(at_a.cmp(at_b)));
    let mut picked: Vec<usize> = Vec::new();
    for (_, index) in ranked {
        if picked.len() == SUMMARY_SENTENCES {
            break;
        }
        let says_the_same = picked
            .iter()
            .any(|&other| overlap(&sentences[other], &sentences[index]) > SAME_SHARE);
        if !says_the_same {
            picked.push(index);
        }
    }
    picked.sort_unstable();
    let shown: Vec<_> = picked
        .into_iter()
        .map(|index| shown(&sentences[index].text))
        .collect();
    shown.join(" ")
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of sentences and terms are small"
)]
fn score(sentence: &Sentence, index: usize, of: usize, weights: &BTreeMap<&str, f64>) -> f64 {
    // In order: a sum of floats depends on it, and the same conversation has one summary.
    let distinct: BTreeSet<&str> = sentence.terms.iter().map(|term| &*term.stem).collect();
    if distinct.len() < MIN_TERMS {
        return 0.0;
    }
    let told: f64 = distinct.iter().filter_map(|stem| weights.get(stem)).sum();
    let place = index as f64 / of as f64;
    let by_place = match place {
        place if place <= OPENING => OPENING_WEIGHT,
        place if place >= CLOSING => CLOSING_WEIGHT,
        _ => 1.0,
    };
    let by_speaker = if sentence.by == Speaker::Seeker {
        SEEKER_WEIGHT
    } else {
        1.0
    };
    told / (sentence.terms.len() as f64).sqrt() * by_place * by_speaker
}

/// The share of the shorter sentence's terms that the other one has too.
#[expect(clippy::cast_precision_loss, reason = "counts of terms are small")]
fn overlap(a: &Sentence, b: &Sentence) -> f64 {
    let a: BTreeSet<&str> = a.terms.iter().map(|term| &*term.stem).collect();
    let b: BTreeSet<&str> = b.terms.iter().map(|term| &*term.stem).collect();
    let shared = a.intersection(&b).count();
    shared as f64 / a.len().min(b.len()).max(1) as f64
}

fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(MAX_SENTENCE_CHARS).collect();
    if shown.len() < text.len() {
        shown.push('…');
    } else if !shown.ends_with(sentences::ends_a_sentence) {
        shown.push('.');
    }
    shown
}

/// Nouns and pairs of nouns by weight. A pair that comes twice says more than its two words.
fn key_points(sentences: &[Sentence], weights: &BTreeMap<&str, f64>) -> Vec<String> {
    let mut found: BTreeMap<String, (f64, usize)> = BTreeMap::new();
    let mut place = 0;
    for sentence in sentences {
        for (index, term) in sentence.terms.iter().enumerate() {
            place += 1;
            if !term.nominal {
                continue;
            }
            let weight = weights.get(&*term.stem).copied().unwrap_or_default();
            let single = found.entry(term.shown.clone()).or_insert((0.0, place));
            single.0 += weight;
            let next = sentence
                .terms
                .get(index + 1)
                .filter(|next| next.nominal && next.adjacent);
            if let Some(next) = next.filter(|_| term.bare) {
                let both = weight + weights.get(&*next.stem).copied().unwrap_or_default();
                let pair = format!("{} {}", term.shown, next.shown);
                found.entry(pair).or_insert((0.0, place)).0 += both;
            }
        }
    }
    let mut ranked: Vec<_> = found.into_iter().collect();
    ranked.sort_by(|(_, (a, at_a)), (_, (b, at_b))| b.total_cmp(a).then(at_a.cmp(at_b)));
    let mut points: Vec<String> = Vec::new();
    for (candidate, _) in ranked {
        if points.len() == KEY_TERMS {
            break;
        }
        let told = |point: &String| {
            let has = |whole: &str, part: &str| whole.split(' ').any(|word| word == part);
            candidate.split(' ').all(|word| has(point, word))
                || point.split(' ').all(|word| has(&candidate, word))
        };
        match points.iter().position(told) {
            // The pair takes the place of its word.
            Some(at) if candidate.len() > points[at].len() => points[at] = candidate,
            Some(_) => {}
            None => points.push(candidate),
        }
    }
    points
}

#[cfg(test)]
mod tests;
