//! Which keys were to be destroyed, and where the log says so. Nothing that a key opens is in it.

use std::sync::Arc;

use domain::{
    AccountEvent, AccountId, Bucket, ConsultationEvent, ConsultationId, EmotionEvent, Event,
    RoomEvent, RoomId, Subject, UploadEvent,
};
use event_store::Position;

use crate::reader::many;
use crate::value::values;
use crate::{Batch, Fact, Projection, ReadError, Reader, statements};

/// A key that is to be destroyed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destruction {
    /// Where the log says so.
    pub position: Position,
    /// The key's name in the key store.
    pub key: Arc<str>,
}

statements! {
    ADD = "INSERT INTO destructions (position, key) VALUES ($1, $2)"
        => owns destruction(1);
    AFTER = "SELECT position, key FROM destructions WHERE position > $1 ORDER BY position LIMIT $2";
}

/// The projection of this file.
#[derive(Debug)]
pub struct Destructions;

impl Projection for Destructions {
    fn name(&self) -> &'static str {
        "destructions"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [&'static str] {
        &["destructions"]
    }

    fn project(&self, fact: &Fact, batch: &mut Batch) {
        let Some(key) = destroyed_by(fact) else {
            return;
        };
        batch.push(ADD, values![fact.recorded.position, key]);
    }
}

/// The key that is to be destroyed because of what happened; none where all keys stay.
fn destroyed_by(fact: &Fact) -> Option<String> {
    let bucket = match &fact.event {
        Event::Account(AccountEvent::Erased {}) => {
            return Some(Subject::Account(AccountId(fact.id)).to_string());
        }
        Event::Consultation(ConsultationEvent::Erased {}) => {
            return Some(Subject::Consultation(ConsultationId(fact.id)).to_string());
        }
        Event::Room(event) => match event {
            RoomEvent::DayDestroyed { day } => Some(Bucket::RoomDay(RoomId(fact.id), *day)),
            RoomEvent::Opened { .. }
            | RoomEvent::MemberAdded { .. }
            | RoomEvent::MemberRemoved { .. }
            | RoomEvent::Closed {}
            | RoomEvent::Described { .. }
            | RoomEvent::Booked { .. }
            | RoomEvent::RetentionSet { .. } => None,
        },
        Event::Upload(event) => match event {
            UploadEvent::Erased { upload, .. } => Some(Bucket::Upload(upload.0)),
            UploadEvent::Stored { .. } | UploadEvent::Attached { .. } => None,
        },
        Event::Emotion(EmotionEvent::Erased { .. }) => Some(Bucket::EmotionSession(fact.id)),
        Event::Account(_)
        | Event::Email(_)
        | Event::Session(_)
        | Event::Counselor(_)
        | Event::Consultation(_)
        | Event::Member(_)
        | Event::Message(_)
        | Event::Presence(_)
        | Event::Access(_)
        | Event::Seal(_)
        | Event::Erasure(_)
        | Event::Hold(_)
        | Event::Emotion(_)
        | Event::Alert(_) => None,
    };
    bucket.map(|bucket| bucket.to_string())
}

/// What was to be destroyed after a position, in the order of the log, at most `limit`.
pub async fn after(
    reader: &dyn Reader,
    after: Position,
    limit: u32,
) -> Result<Vec<Destruction>, ReadError> {
    many(reader, AFTER, values![after, limit], |row| {
        let mut columns = row.columns();
        Ok(Destruction {
            position: columns.take()?,
            key: columns.take::<String>()?.into(),
        })
    })
    .await
}
