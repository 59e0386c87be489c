//! Given, when, then for decisions; and the randomness of tests.

use std::fmt::Debug;

use proptest::test_runner::Config;

use crate::{AccountId, Decide, Refusal, Sealed, Subject};

/// What an aggregate is after the events.
pub fn given<A: Decide>(events: impl IntoIterator<Item = A::Event>) -> Given<A> {
    let mut state = A::default();
    for event in events {
        state.apply(event);
    }
    Given(state)
}

pub struct Given<A>(pub A);

impl<A: Decide> Given<A> {
    pub fn when(self, command: A::Command) -> Then<A> {
        Then(self.0.decide(command))
    }
}

pub struct Then<A: Decide>(pub Result<Vec<A::Event>, Refusal>);

impl<A: Decide<Event: Debug + PartialEq>> Then<A> {
    #[track_caller]
    pub fn then(self, expected: impl IntoIterator<Item = A::Event>) {
        assert_eq!(self.0, Ok(expected.into_iter().collect()));
    }

    #[track_caller]
    pub fn then_nothing(self) {
        assert_eq!(self.0, Ok(vec![]));
    }

    #[track_caller]
    pub fn then_refused(self, refusal: Refusal) {
        assert_eq!(self.0, Err(refusal));
    }
}

/// The n-th id of its kind.
pub fn id(n: u128) -> uuid::Uuid {
    uuid::Uuid::from_u128(n)
}

/// Content under the key of account 1.
pub fn sealed<T>(content: T) -> Sealed<T> {
    Sealed::of(Subject::Account(AccountId(id(1))), content)
}

/// How many cases a random test tries: many more with `MAEUM_TEST_LONG=1`. A failing case is
/// printed with its seed, and kept in `proptest-regressions`.
pub fn cases(short: u32) -> Config {
    let long = std::env::var("MAEUM_TEST_LONG").is_ok_and(|value| value == "1");
    Config::with_cases(if long { short * 400 } else { short })
}
