//! What was recorded since the newest seal, gathered event by event in bounded memory.

use std::collections::VecDeque;

use domain::limits::SEALED_EVENTS;
use event_store::log_seal::{SealedRange, leaf_of};
use event_store::{EventStore, Position, Recorded, StoreError};

use super::newest::Newest;

/// Ranges that wait at once; each holds some 32 KiB.
const MAX_RANGES: usize = 64;

/// Events in one read.
const PAGE_EVENTS: usize = 1_000;

/// Types that are no cause for a seal: or each seal would be cause for the next one, and each look
/// at the log as well.
const SEALS: &str = "log.sealed";
const ACCESS: &str = "access.";

/// What came of an event that was handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pushed {
    Taken,
    /// It was there already.
    Known,
    /// Others should come before it.
    Ahead,
    /// No more can wait.
    Full,
}

/// Ranges on their way to seals.
pub(super) struct Gathering {
    full: VecDeque<SealedRange>,
    open: SealedRange,
    since: Option<i64>,
}

impl Gathering {
    /// Nothing yet, after the newest seal.
    pub fn after(newest: &Newest) -> Self {
        Self {
            full: VecDeque::new(),
            open: SealedRange::after(newest.to, newest.root),
            since: None,
        }
    }

    /// When the oldest event in it that is a cause for a seal was recorded, in microseconds since
    /// the Unix epoch.
    pub fn since(&self) -> Option<i64> {
        self.since
    }

    fn next_position(&self) -> Position {
        self.open.to() + 1
    }

    /// Takes the next event; events have to come in their order.
    pub fn push(&mut self, event: &Recorded) -> Pushed {
        if event.position < self.next_position() {
            return Pushed::Known;
        }
        if event.position > self.next_position() {
            return Pushed::Ahead;
        }
        if self.full.len() >= MAX_RANGES {
            return Pushed::Full;
        }
        self.open.push(leaf_of(event));
        if self.open.events() == SEALED_EVENTS {
            let next = SealedRange::after(self.open.to(), self.open.root());
            self.full.push_back(std::mem::replace(&mut self.open, next));
        }
        if is_cause(&event.event_type) {
            self.since.get_or_insert(event.recorded_at);
        }
        Pushed::Taken
    }

    /// Reads what it lacks from the log. False where more is there than can wait.
    pub async fn catch_up(&mut self, store: &dyn EventStore) -> Result<bool, StoreError> {
        loop {
            let after = self.next_position() - 1;
            let page = store.read_all(after, PAGE_EVENTS).await?;
            for event in &page.events {
                if self.push(event) == Pushed::Full {
                    return Ok(false);
                }
            }
            if page.events.len() < PAGE_EVENTS {
                return Ok(true);
            }
        }
    }

    /// The next range to seal. After the last one it is spent.
    pub fn take(&mut self) -> Option<SealedRange> {
        if let Some(range) = self.full.pop_front() {
            return Some(range);
        }
        let spent = SealedRange::after(self.open.to(), self.open.root());
        let last = std::mem::replace(&mut self.open, spent);
        (last.events() > 0).then_some(last)
    }
}

fn is_cause(event_type: &str) -> bool {
    event_type != SEALS && !event_type.starts_with(ACCESS)
}

#[cfg(test)]
mod tests {
    use event_store::{Metadata, StreamName};
    use uuid::Uuid;

    use super::*;

    fn event(position: Position, event_type: &str) -> Recorded {
        Recorded {
            position,
            number: None,
            stream: StreamName::parse("room-a"),
            sequence: position,
            event_id: Uuid::from_u128(position.into()),
            dedupe: None,
            event_type: event_type.into(),
            event_version: "1.0.0".into(),
            recorded_at: 1_000 + position.cast_signed(),
            metadata: Metadata {
                actor: None,
                role: "system".into(),
                address: None,
                causation_id: None,
                correlation_id: Uuid::nil(),
                fingerprint: None,
            },
            payload: "{}".into(),
            parts: vec![],
        }
    }

    fn empty() -> Gathering {
        Gathering::after(&Newest::none())
    }

    #[test]
    fn events_are_taken_in_their_order_and_once() {
        let mut gathering = empty();
        assert_eq!(gathering.push(&event(2, "room.closed")), Pushed::Ahead);
        assert_eq!(gathering.push(&event(1, "room.closed")), Pushed::Taken);
        assert_eq!(gathering.push(&event(1, "room.closed")), Pushed::Known);
        assert_eq!(gathering.push(&event(2, "room.closed")), Pushed::Taken);
        let range = gathering.take().unwrap();
        assert_eq!((range.from(), range.to()), (1, 2));
        assert!(gathering.take().is_none());
    }

    #[test]
    fn seals_and_access_records_are_covered_but_no_cause() {
        let mut gathering = empty();
        gathering.push(&event(1, "log.sealed"));
        gathering.push(&event(2, "access.granted"));
        assert_eq!(gathering.since(), None);
        gathering.push(&event(3, "message.sent"));
        gathering.push(&event(4, "message.sent"));
        assert_eq!(gathering.since(), Some(1_003));
        assert_eq!(gathering.take().unwrap().events(), 4);
    }

    #[test]
    fn long_stretches_become_several_ranges_that_follow_one_another() {
        let mut gathering = empty();
        for position in 1..=2 * SEALED_EVENTS + 1 {
            gathering.push(&event(position, "message.sent"));
        }
        let ranges: Vec<_> = std::iter::from_fn(|| gathering.take()).collect();
        let bounds: Vec<_> = ranges
            .iter()
            .map(|range| (range.from(), range.to()))
            .collect();
        assert_eq!(bounds, [(1, 4_096), (4_097, 8_192), (8_193, 8_193)]);
        for pair in ranges.windows(2) {
            assert_eq!(pair[1].previous(), pair[0].root());
        }
    }

    #[test]
    fn no_more_is_held_than_may_wait() {
        let mut gathering = empty();
        let most = SEALED_EVENTS * MAX_RANGES as u64;
        for position in 1..=most {
            assert_eq!(gathering.push(&event(position, "a")), Pushed::Taken);
        }
        assert_eq!(gathering.push(&event(most + 1, "a")), Pushed::Full);
        assert!(gathering.take().is_some());
        assert_eq!(gathering.push(&event(most + 1, "a")), Pushed::Taken);
    }
}
