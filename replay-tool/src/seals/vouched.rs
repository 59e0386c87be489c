//! The events that a seal vouches for, by their leaves: which of them are not what they were.

use std::collections::VecDeque;

use domain::SealStatement;
use event_store::Position;
use event_store::log_seal::{Hash, SealedRange, ShortLeaf, read_hex, read_leaves, short};

use crate::finding::{Finding, FindingKind};

/// What a seal says of the events that it covers.
pub struct Claim {
    pub from: Position,
    pub root: Hash,
    pub previous: Hash,
    /// Of each position from the first on.
    pub leaves: Vec<ShortLeaf>,
}

impl Claim {
    /// What a statement says; none where it is not of the shape of one. Of the end of a bundle it
    /// may be about no event at all.
    pub fn read(statement: &SealStatement<'_>) -> Option<Self> {
        let leaves = read_leaves(statement.leaves)?;
        let events = statement.to.checked_add(1)?.checked_sub(statement.from)?;
        (statement.from > 0 && leaves.len() as u64 == events).then_some(Self {
            from: statement.from,
            root: read_hex(statement.root)?,
            previous: read_hex(statement.previous)?,
            leaves,
        })
    }

    fn to(&self) -> Position {
        self.from + self.leaves.len() as u64 - 1
    }
}

/// Leaves of events that no seal has vouched for yet, in the order of their positions.
#[derive(Debug, Default)]
pub struct Leaves(VecDeque<(Position, Hash)>);

impl Leaves {
    pub fn add(&mut self, position: Position, leaf: Hash) {
        self.0.push_back((position, leaf));
    }

    /// Forgets what a seal was compared with.
    pub fn drop_up_to(&mut self, to: Position) {
        while self.0.front().is_some_and(|(position, _)| *position <= to) {
            self.0.pop_front();
        }
    }

    /// Names each stretch of events that are not those of the claim, made by the seal at
    /// `sealed_at`. What is missing is for others to name.
    pub fn compare(&self, claim: &Claim, sealed_at: Position, found: &mut Vec<Finding>) {
        let (from, to) = (claim.from, claim.to());
        let there = || {
            let events = self.0.iter();
            events.filter(move |(position, _)| (from..=to).contains(position))
        };
        let is_complete = there().count() == claim.leaves.len();
        let mut range = SealedRange::after(from - 1, claim.previous);
        there().for_each(|(_, leaf)| range.push(*leaf));
        if is_complete && range.root() == claim.root {
            return;
        }
        let mut stretches: Vec<(Position, Position)> = Vec::new();
        for (position, leaf) in there() {
            let place = usize::try_from(position - from).unwrap_or(usize::MAX);
            if claim.leaves.get(place) == Some(&short(leaf)) {
                continue;
            }
            match stretches.last_mut() {
                Some((_, last)) if *last + 1 == *position => *last = *position,
                _ => stretches.push((*position, *position)),
            }
        }
        if stretches.is_empty() && is_complete {
            let detail = format!(
                "one of the events from here to position {to} is not the one that was sealed at \
                 position {sealed_at}"
            );
            found.push(Finding::nameless(from, FindingKind::Changed, detail));
        }
        for (first, last) in stretches {
            let detail = match last - first {
                0 => format!("not the event that was sealed at position {sealed_at}"),
                more => format!(
                    "not the event that was sealed at position {sealed_at}, and neither are the \
                     {more} after it"
                ),
            };
            found.push(Finding::nameless(first, FindingKind::Changed, detail));
        }
    }
}
