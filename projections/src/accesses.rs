//! Which readings of the log concern whom: where the records stand, and nothing of what they say.

use domain::{AccessEvent, AccountId, Event};
use event_store::Position;
use uuid::Uuid;

use crate::reader::many;
use crate::value::values;
use crate::{Batch, Fact, Projection, ReadError, Reader, statements};

statements! {
    ADD = "INSERT INTO accesses (subject, position) VALUES ($1, $2)"
        => owns access(1, 2);
    CONCERNING = "SELECT a.position FROM accesses a \
                  WHERE a.subject = $1 AND a.position < $2 \
                  UNION SELECT a.position FROM consultations c \
                  JOIN accesses a ON a.subject = c.uuid AND a.position < $2 \
                  WHERE c.requester = $1 ORDER BY 1 DESC LIMIT $3";
}

/// The projection of this file.
#[derive(Debug)]
pub struct Accesses;

impl Projection for Accesses {
    fn name(&self) -> &'static str {
        "accesses"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [&'static str] {
        &["accesses"]
    }

    fn project(&self, fact: &Fact, batch: &mut Batch) {
        match &fact.event {
            Event::Access(AccessEvent::Recorded { concerned, .. }) => {
                let people = concerned.people.iter().map(|person| person.0);
                let talks = concerned.consultations.iter().map(|talk| talk.0);
                for subject in people.chain(talks) {
                    add(fact, subject, batch);
                }
            }
            Event::Account(_)
            | Event::Email(_)
            | Event::Session(_)
            | Event::Counselor(_)
            | Event::Consultation(_)
            | Event::Room(_)
            | Event::Member(_)
            | Event::Message(_)
            | Event::Presence(_)
            | Event::Seal(_)
            | Event::Upload(_)
            | Event::Erasure(_)
            | Event::Hold(_)
            | Event::Emotion(_)
            | Event::Alert(_) => {}
        }
    }
}

fn add(fact: &Fact, subject: Uuid, batch: &mut Batch) {
    batch.push(ADD, values![subject, fact.recorded.position]);
}

/// Where readings of what concerns an account or its consultations are recorded, before a
/// position, newest first, at most `limit`.
pub async fn concerning(
    reader: &dyn Reader,
    account: AccountId,
    before: Position,
    limit: u32,
) -> Result<Vec<Position>, ReadError> {
    let values = values![account, before, limit];
    many(reader, CONCERNING, values, |row| row.get(0)).await
}
