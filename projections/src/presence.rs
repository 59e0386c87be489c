//! When people were last here, by what the log knows: the end of their last live connection, and
//! their log-ins. Who is here now is not in it.

use domain::{Event, PersonId, PresenceEvent, SessionEvent};

use crate::reader::first;
use crate::value::values;
use crate::{Batch, Fact, Projection, ReadError, Reader, statements};

statements! {
    SEE = "INSERT INTO presence (person, seen_at) VALUES ($1, $2) \
           ON CONFLICT (person) DO UPDATE SET seen_at = excluded.seen_at"
        => owns person(1);
    LAST_SEEN = "SELECT seen_at FROM presence WHERE person = $1";
}

/// The projection of this file.
#[derive(Debug)]
pub struct Presence;

impl Projection for Presence {
    fn name(&self) -> &'static str {
        "presence"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [&'static str] {
        &["presence"]
    }

    fn project(&self, fact: &Fact, batch: &mut Batch) {
        let person = match &fact.event {
            Event::Presence(PresenceEvent::Left { person }) => *person,
            Event::Session(SessionEvent::Opened { account, .. }) => (*account).into(),
            Event::Session(
                SessionEvent::Rotated { .. }
                | SessionEvent::Revoked { .. }
                | SessionEvent::Forgotten {},
            )
            | Event::Account(_)
            | Event::Email(_)
            | Event::Counselor(_)
            | Event::Consultation(_)
            | Event::Room(_)
            | Event::Member(_)
            | Event::Message(_)
            | Event::Access(_)
            | Event::Seal(_)
            | Event::Upload(_)
            | Event::Erasure(_)
            | Event::Hold(_)
            | Event::Emotion(_)
            | Event::Alert(_) => return,
        };
        batch.push(SEE, values![person, fact.recorded.recorded_at]);
    }
}

/// When somebody was last here, in microseconds since the Unix epoch; none for somebody who was
/// never seen.
pub async fn last_seen(reader: &dyn Reader, person: PersonId) -> Result<Option<i64>, ReadError> {
    first(reader, LAST_SEEN, values![person], |row| row.get(0)).await
}
