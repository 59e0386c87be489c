//! Leaving is recorded at most once a minute.

use super::*;
use crate::testing::given;
use crate::{PersonId, limits};

const ALICE: PersonId = PersonId(uuid::Uuid::from_u128(1));
const NOW: i64 = 1_900_000_000_000_000;

fn leave(before: Option<i64>) -> PresenceCommand {
    PresenceCommand::Leave {
        person: ALICE,
        now: NOW,
        before,
    }
}

fn left() -> PresenceEvent {
    PresenceEvent::Left { person: ALICE }
}

#[test]
fn whoever_was_never_gone_is_recorded_as_gone() {
    given::<Presence>([]).when(leave(None)).then([left()]);
}

#[test]
fn leaving_again_is_recorded_after_a_minute_only() {
    let minute = limits::LEAVE_INTERVAL_US;
    given::<Presence>([left()])
        .when(leave(Some(NOW - minute)))
        .then([left()]);
    given::<Presence>([left()])
        .when(leave(Some(NOW - minute + 1)))
        .then_nothing();
}

#[test]
fn a_clock_that_stepped_back_records_nothing() {
    given::<Presence>([left()])
        .when(leave(Some(NOW + 1)))
        .then_nothing();
}
