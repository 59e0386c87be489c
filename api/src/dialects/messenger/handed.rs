//! What was handed to a connection, and since when: what it has received for certain moves the
//! mark of a room.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use domain::RoomId;
use event_store::Position;
use parking_lot::Mutex;
use tokio::time::Instant;

/// What was handed over within such a time counts as handed over at once.
const GRAIN: Duration = Duration::from_secs(1);

/// What waits to be counted as received.
#[derive(Default)]
pub(super) struct Handed(Mutex<HashMap<RoomId, VecDeque<(Instant, Position)>>>);

impl Handed {
    /// A message of a room went out.
    pub fn note(&self, room: RoomId, position: Position, now: Instant) {
        let mut rooms = self.0.lock();
        let waiting = rooms.entry(room).or_default();
        match waiting.back_mut() {
            // Whoever reads the times is told the end of the grain: nothing counts too early.
            Some(last) if now <= last.0 => last.1 = last.1.max(position),
            _ => waiting.push_back((now + GRAIN, position)),
        }
    }

    /// What went out at `limit` or before, a position for each room. It waits no longer.
    pub fn until(&self, limit: Instant) -> Vec<(RoomId, Position)> {
        let mut due = Vec::new();
        self.0.lock().retain(|room, waiting| {
            let mut last = None;
            while let Some((at, position)) = waiting.front().copied()
                && at <= limit
            {
                waiting.pop_front();
                last = last.max(Some(position));
            }
            due.extend(last.map(|position| (*room, position)));
            !waiting.is_empty()
        });
        due
    }

    /// All of it.
    pub fn all(&self) -> Vec<(RoomId, Position)> {
        let last = |(room, waiting): (RoomId, VecDeque<(Instant, Position)>)| {
            waiting.back().map(|(_, position)| (room, *position))
        };
        std::mem::take(&mut *self.0.lock())
            .into_iter()
            .filter_map(last)
            .collect()
    }

    pub fn is_empty(&self) -> bool {
        self.0.lock().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_went_out_long_enough_ago_counts_once() {
        let handed = Handed::default();
        let room = RoomId(uuid::Uuid::from_u128(1));
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        handed.note(room, 4, at(0));
        handed.note(room, 5, at(1));
        handed.note(room, 6, at(3));
        handed.note(room, 7, at(9));
        assert_eq!(handed.until(at(0)), []);
        assert_eq!(handed.until(at(1)), [(room, 5)]);
        assert_eq!(handed.until(at(1)), []);
        assert_eq!(handed.until(at(8)), [(room, 6)]);
        assert!(!handed.is_empty());
        assert_eq!(handed.all(), [(room, 7)]);
        assert!(handed.is_empty());
    }
}
