//! When each event was acknowledged and when each follower had it.

use std::time::{Duration, Instant};

use crate::failure::Failure;
use crate::latency::Latencies;

/// A position, and how long after the beginning something happened to it.
pub type Seen = (u64, Duration);

/// Notes down positions with the time since one beginning.
#[derive(Debug, Clone)]
pub struct Notes {
    begin: Instant,
    notes: Vec<Seen>,
}

impl Notes {
    pub fn since(begin: Instant) -> Self {
        Self {
            begin,
            notes: Vec::new(),
        }
    }

    pub fn note(&mut self, position: u64) {
        self.notes.push((position, self.begin.elapsed()));
    }

    pub fn len(&self) -> usize {
        self.notes.len()
    }
}

/// From every acknowledgement to every follower that had the event; 0 where it was earlier, since
/// followers are told before callers are answered. `followed` holds the last position of every
/// batch, of every follower.
pub fn latencies(acknowledged: Vec<Notes>, followed: Vec<Notes>) -> Result<Latencies, Failure> {
    let mut by_position: Vec<Seen> = acknowledged.into_iter().flat_map(|one| one.notes).collect();
    by_position.sort_unstable();
    let mut latencies = Latencies::new()?;
    for follower in followed {
        let mut events = by_position.iter().peekable();
        for (last, heard) in follower.notes {
            while let Some((_, acknowledged)) = events.next_if(|(position, _)| *position <= last) {
                latencies.record(heard.saturating_sub(*acknowledged));
            }
        }
        if let Some((position, _)) = events.next() {
            return Err(Failure::Wrong(format!(
                "event {position} was acknowledged and not followed"
            )));
        }
    }
    Ok(latencies)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notes(notes: &[(u64, u64)]) -> Notes {
        let notes = notes.iter();
        Notes {
            begin: Instant::now(),
            notes: notes
                .map(|(position, ms)| (*position, Duration::from_millis(*ms)))
                .collect(),
        }
    }

    #[test]
    fn a_batch_is_heard_at_once_and_earlier_than_an_answer_counts_as_nothing() {
        let acknowledged = vec![notes(&[(1, 10), (3, 30)]), notes(&[(2, 10)])];
        let heard = latencies(acknowledged, vec![notes(&[(2, 12), (3, 20)])]).unwrap();
        assert_eq!(heard.count(), 3);
        assert!((heard.percentile(50.0) - 2.0).abs() < 0.01);
    }

    #[test]
    fn what_was_not_followed_is_a_failure() {
        let lost = latencies(vec![notes(&[(1, 1), (2, 1)])], vec![notes(&[(1, 2)])]);
        assert!(lost.is_err());
    }
}
