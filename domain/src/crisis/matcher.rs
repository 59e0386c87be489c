//! All rules at once over a text: one pass, whatever the number of rules.

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::letters::{Letter, Letters};
use super::pattern::Part;
use super::rules::Rule;

/// What `…` stands for at most, in letters: about ten syllables.
const MAX_BETWEEN: usize = 32;

/// Looks for all rules at once.
pub(super) struct Matcher {
    ids: Vec<String>,
    phrases: Vec<Phrase>,
    automaton: AhoCorasick,
    /// For each row of letters the phrases, and the parts of them, that it is.
    uses: Vec<Vec<(usize, usize)>>,
}

struct Phrase {
    rule: usize,
    parts: Vec<Part>,
    /// It takes the meaning from what begins within it.
    harmless: bool,
}

/// Where something was found.
#[derive(Clone, Copy)]
struct Span {
    rule: usize,
    start: usize,
    end: usize,
}

impl Matcher {
    pub(super) fn new(rules: Vec<Rule>) -> Result<Self, String> {
        let mut ids = Vec::new();
        let mut phrases = Vec::new();
        for (index, rule) in rules.into_iter().enumerate() {
            ids.push(rule.id);
            let any = rule.any.into_iter().map(|parts| (parts, false));
            let all = any.chain(rule.unless.into_iter().map(|parts| (parts, true)));
            phrases.extend(all.map(|(parts, harmless)| Phrase {
                rule: index,
                parts,
                harmless,
            }));
        }
        let mut rows: BTreeMap<&[Letter], Vec<(usize, usize)>> = BTreeMap::new();
        for (index, phrase) in phrases.iter().enumerate() {
            for (step, part) in phrase.parts.iter().enumerate() {
                rows.entry(&part.letters).or_default().push((index, step));
            }
        }
        let automaton = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(rows.keys())
            .map_err(|error| error.to_string())?;
        let uses = rows.into_values().collect();
        Ok(Self {
            ids,
            phrases,
            automaton,
            uses,
        })
    }

    /// The id of the rule whose phrase comes first in a text.
    pub(super) fn first(&self, text: &Letters) -> Option<&str> {
        let (mut hits, mut harmless) = (Vec::new(), Vec::new());
        // Of each phrase the last place of each part, with where the phrase began.
        let mut reached: Vec<Vec<Option<(usize, usize)>>> = self
            .phrases
            .iter()
            .map(|phrase| vec![None; phrase.parts.len() - 1])
            .collect();
        for found in self.automaton.find_overlapping_iter(&text.row) {
            let (start, end) = (found.start(), found.end());
            for &(index, step) in &self.uses[found.pattern().as_usize()] {
                let phrase = &self.phrases[index];
                if !phrase.parts[step].fits(text, start, end) {
                    continue;
                }
                let began = match step.checked_sub(1).map(|before| reached[index][before]) {
                    None => start,
                    Some(Some((began, until))) if follows(text, until, start) => began,
                    Some(_) => continue,
                };
                if step < phrase.parts.len() - 1 {
                    reached[index][step] = Some((began, end));
                } else {
                    let span = Span {
                        rule: phrase.rule,
                        start: began,
                        end,
                    };
                    if phrase.harmless {
                        &mut harmless
                    } else {
                        &mut hits
                    }
                    .push(span);
                }
            }
        }
        hits.sort_by_key(|hit: &Span| (hit.rule, hit.start));
        let left = not_covered(&hits, harmless);
        left.min_by_key(|hit| hit.start)
            .map(|hit| &*self.ids[hit.rule])
    }
}

/// Whether a part that starts here goes on with what ended there.
fn follows(text: &Letters, until: usize, start: usize) -> bool {
    start >= until
        && start - until <= MAX_BETWEEN
        && text.sentence[until - 1] == text.sentence[start]
}

/// The hits that begin within no harmless phrase of their rule; hits come by rule and start.
fn not_covered(hits: &[Span], mut harmless: Vec<Span>) -> impl Iterator<Item = &Span> {
    harmless.sort_by_key(|span| (span.rule, span.start));
    let mut covers = harmless.into_iter().peekable();
    // Of the rule at hand, up to where the phrases reach that began no later than the hit.
    let mut reach = (0, 0);
    hits.iter().filter(move |hit| {
        while let Some(cover) =
            covers.next_if(|cover| (cover.rule, cover.start) <= (hit.rule, hit.start))
        {
            reach = if cover.rule == reach.0 {
                (cover.rule, reach.1.max(cover.end))
            } else {
                (cover.rule, cover.end)
            };
        }
        !(reach.0 == hit.rule && reach.1 > hit.start)
    })
}
