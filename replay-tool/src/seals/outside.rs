//! What is remembered of seals outside the log: in the key store, and by whoever noted a root.

use event_store::log_seal::{Hash, SealHead};
use event_store::{Position, Recorded};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::expected::{ExpectedRoot, Place};
use crate::finding::{Finding, FindingKind};

/// What is remembered, and what of it the log has shown.
pub struct Outside {
    /// Those that the walk has not come to.
    heads: Vec<SealHead>,
    expected: Vec<Awaited>,
}

struct Awaited {
    root: ExpectedRoot,
    /// The last event up to and with the day, or at the position.
    nearest: Position,
    /// The seal there, or the last one of the day.
    met: Option<(Position, String)>,
}

impl Outside {
    pub fn new(heads: Vec<SealHead>, expected: Vec<ExpectedRoot>) -> Self {
        let awaited = |root| Awaited {
            root,
            nearest: 0,
            met: None,
        };
        Self {
            heads,
            expected: expected.into_iter().map(awaited).collect(),
        }
    }

    pub fn event(&mut self, event: &Recorded, leaf: &Hash, found: &mut Vec<Finding>) {
        self.heads.retain(|head| {
            if head.position != event.position {
                return true;
            }
            if head.leaf != *leaf {
                let detail = "not the seal that the key store remembers here".to_owned();
                found.push(Finding::at(event, FindingKind::Changed, detail));
            }
            false
        });
        for awaited in &mut self.expected {
            let is_before = match awaited.root.place {
                Place::Position(position) => event.position <= position,
                Place::Day(day) => day_of(event) <= day,
            };
            if is_before {
                awaited.nearest = event.position;
            }
        }
    }

    pub fn seal(&mut self, event: &Recorded, root: &str) {
        for awaited in &mut self.expected {
            let is_there = match awaited.root.place {
                Place::Position(position) => event.position == position,
                Place::Day(day) => day_of(event) == day,
            };
            if is_there {
                awaited.met = Some((event.position, root.to_owned()));
            }
        }
    }

    pub fn end(&mut self, head: Position, found: &mut Vec<Finding>) {
        for lost in self.heads.drain(..) {
            let finding = if lost.position > head {
                let detail = format!(
                    "the log ends here, and the key store remembers a seal at position {}",
                    lost.position
                );
                Finding::nameless(head + 1, FindingKind::CutOff, detail)
            } else {
                let detail = "the seal that the key store remembers here is not to be read";
                Finding::nameless(lost.position, FindingKind::Changed, detail.to_owned())
            };
            found.push(finding);
        }
        for Awaited { root, nearest, met } in self.expected.drain(..) {
            let (position, detail) = match met {
                Some((_, met)) if met == root.root => continue,
                Some((position, met)) => (position, format!("the root is {met}")),
                None => (nearest.max(1), "there is no seal".to_owned()),
            };
            let detail = format!("{detail}; noted for {} was {}", root.place, root.root);
            found.push(Finding::nameless(
                position,
                FindingKind::RootDiffers,
                detail,
            ));
        }
    }
}

fn day_of(event: &Recorded) -> Date {
    let at = Timestamp::from_microsecond(event.recorded_at).unwrap_or(Timestamp::UNIX_EPOCH);
    at.to_zoned(TimeZone::UTC).date()
}
