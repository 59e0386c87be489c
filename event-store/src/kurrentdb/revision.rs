//! Revisions of KurrentDB count from 0, positions of ours from 1. Only here is one made the other.

use crate::Position;

/// The position of the event at a revision.
pub(super) fn position(revision: u64) -> Position {
    revision.saturating_add(1)
}

/// The revision of the last event of a log with so many; none of an empty one.
pub(super) fn of_last(head: Position) -> Option<u64> {
    head.checked_sub(1)
}

/// The revision that the event after a position has.
pub(super) fn of_next(after: Position) -> u64 {
    after
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_event_has_revision_0_and_position_1() {
        assert_eq!((position(0), of_last(1), of_next(0)), (1, Some(0), 0));
        assert_eq!(of_last(0), None);
        assert_eq!(of_last(position(41)), Some(41));
        assert_eq!(position(of_next(41)), 42);
    }
}
