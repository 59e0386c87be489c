//! A log as a busy service leaves it: people, consultations and what was said, the same for the
//! same seed.

mod fill;
mod people;
mod talk;
mod words;

use std::ops::Range;

use domain::Event;
use event_store::{Position, StreamName};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use uuid::Uuid;

use people::Counselor;
use talk::Talk;

pub use fill::{fill, fill_whole};

/// Events that one decision led to, each with its stream.
pub type Decision = Vec<(StreamName, Event)>;

/// The history of every benchmark, so that two of them can be compared.
pub const SEED: u64 = 20_261_121;

/// Consultations that go on at the same time.
const TALKS_AT_ONCE: usize = 64;

/// How much happens.
#[derive(Debug, Clone)]
pub struct Scale {
    /// Counsellors who take calls.
    pub counselors: usize,
    /// Consultations after which none begins; none where they go on for ever.
    pub consultations: Option<usize>,
    /// How many messages a consultation has.
    pub messages: Range<usize>,
}

impl Default for Scale {
    fn default() -> Self {
        Self {
            counselors: 40,
            consultations: None,
            messages: 10..70,
        }
    }
}

/// What has happened so far, as far as it matters for what comes next.
pub struct History {
    random: StdRng,
    scale: Scale,
    counselors: Vec<Counselor>,
    talks: Vec<Talk>,
    /// Consultations that have begun.
    begun: usize,
    /// Of the last event.
    position: Position,
}

impl History {
    pub fn new(seed: u64, scale: Scale) -> Self {
        Self {
            random: StdRng::seed_from_u64(seed),
            scale,
            counselors: Vec::new(),
            talks: Vec::new(),
            begun: 0,
            position: 0,
        }
    }

    /// What happens next, in a log that holds nothing else; nothing once all consultations are over.
    pub fn next(&mut self) -> Decision {
        let decision = self.decide();
        self.position += decision.len() as u64;
        decision
    }

    fn decide(&mut self) -> Decision {
        if self.counselors.len() < self.scale.counselors {
            let (counselor, decision) = Counselor::arrives(self);
            self.counselors.push(counselor);
            return decision;
        }
        let more = self
            .scale
            .consultations
            .is_none_or(|most| self.begun < most);
        if more && self.talks.len() < TALKS_AT_ONCE {
            self.begun += 1;
            let (talk, decision) = Talk::begins(self);
            self.talks.push(talk);
            return decision;
        }
        if self.talks.is_empty() {
            return Vec::new();
        }
        let which = self.below(self.talks.len());
        let mut talk = self.talks.swap_remove(which);
        let decision = talk.goes_on(self);
        if !talk.is_over() {
            self.talks.push(talk);
        }
        decision
    }

    fn below(&mut self, limit: usize) -> usize {
        self.random.random_range(0..limit)
    }

    /// How many messages a consultation is to have.
    fn messages(&mut self) -> usize {
        let Range { start, end } = self.scale.messages;
        start + self.below(end - start)
    }

    /// True in so many cases of a hundred.
    fn in_percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// Ordered, as ids are that are made from a clock.
    fn id(&mut self) -> Uuid {
        /// A millisecond in November 2026.
        const BEGIN_MS: u64 = 1_795_000_000_000;
        let random: [u8; 10] = self.random.random();
        uuid::Builder::from_unix_timestamp_millis(BEGIN_MS + self.position, &random).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_history() {
        let mut one = History::new(SEED, Scale::default());
        let mut other = History::new(SEED, Scale::default());
        for _ in 0..2_000 {
            assert_eq!(one.next(), other.next());
        }
    }

    #[test]
    fn a_history_of_so_many_consultations_ends_with_the_last_of_them() {
        let scale = Scale {
            consultations: Some(70),
            ..Scale::default()
        };
        let mut history = History::new(SEED, scale);
        let (mut asked, mut rated) = (0, 0);
        loop {
            let decision = history.next();
            if decision.is_empty() {
                break;
            }
            for (_, event) in decision {
                asked += u32::from(event.event_type() == "consultation.requested");
                rated += u32::from(event.event_type() == "consultation.rated");
            }
        }
        assert_eq!((asked, rated), (70, 70));
    }

    #[test]
    fn most_of_what_happens_is_said_and_read_and_every_stage_is_met() {
        let mut history = History::new(SEED, Scale::default());
        let (mut types, mut said, mut all) = (BTreeSet::new(), 0, 0);
        while all < 20_000 {
            for (_, event) in history.next() {
                all += 1;
                said += usize::from(event.event_type() == "message.sent");
                types.insert(event.event_type());
            }
        }
        assert!(said * 2 > all, "{said} of {all}");
        for stage in [
            "account.registered",
            "session.opened",
            "counselor.call_released",
            "consultation.offer_withdrawn",
            "consultation.card_issued",
            "consultation.rated",
            "member.read",
            "room.closed",
        ] {
            assert!(types.contains(stage), "{stage} is not in {types:?}");
        }
    }
}
