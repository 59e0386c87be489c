//! What a timeline is of, found by whatever somebody calls it.

use std::sync::Arc;

use domain::{
    CODE_HASH, CODE_LENGTH, ConsultationEvent, ConsultationId, CounselorEvent, Event, PersonId,
    RoomId,
};
use event_store::keys::{PEPPER, keyed_hash};
use event_store::{Direction, EventStore, Recorded, StreamName};
use projections::closed_fact;
use uuid::Uuid;

use crate::arguments::{PlaceArguments, TimelineOf};
use crate::failure::Failure;
use crate::place;

/// Events of one read while a number is looked for.
const PAGE_EVENTS: usize = 1_000;

/// What a timeline is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    Consultation(ConsultationId),
    Room(RoomId),
    /// An account or a guest.
    Person(PersonId),
    Stream(StreamName),
}

impl Subject {
    /// Its id; never a code.
    pub fn name(&self) -> String {
        match self {
            Self::Consultation(id) => id.to_string(),
            Self::Room(id) => id.to_string(),
            Self::Person(id) => id.to_string(),
            Self::Stream(name) => name.to_string(),
        }
    }
}

/// What somebody means; none where the log knows nothing of that name.
pub async fn find(
    store: &dyn EventStore,
    place: &PlaceArguments,
    of: TimelineOf,
    name: &str,
) -> Result<Option<Subject>, Failure> {
    if of == TimelineOf::Stream {
        return Ok(Some(Subject::Stream(StreamName::parse(name))));
    }
    if let Ok(id) = name.parse::<Uuid>() {
        return Ok(Some(match of {
            TimelineOf::Room => Subject::Room(RoomId(id)),
            TimelineOf::Person => Subject::Person(PersonId(id)),
            TimelineOf::Consultation | TimelineOf::Stream => {
                Subject::Consultation(ConsultationId(id))
            }
        }));
    }
    if of == TimelineOf::Consultation
        && let Some(id) = by_code(store, place, name).await?
    {
        return Ok(Some(Subject::Consultation(id)));
    }
    match name.parse() {
        Ok(number) => by_number(store, of, number).await,
        Err(_) => Ok(None),
    }
}

/// The consultation of a code, if there is one.
async fn by_code(
    store: &dyn EventStore,
    place: &PlaceArguments,
    code: &str,
) -> Result<Option<ConsultationId>, Failure> {
    if code.len() != CODE_LENGTH || !code.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Ok(None);
    }
    let keys = place::keys(place).await?;
    let secret = keys.secret(PEPPER)?;
    let Some(pepper) = secret.and_then(|secret| <[u8; 32]>::try_from(secret.as_slice()).ok())
    else {
        return Ok(None);
    };
    let code = code.to_ascii_uppercase();
    let id = ConsultationId::of_code_hash(&keyed_hash(&pepper, CODE_HASH, &[code.as_bytes()]));
    let stream = StreamName::new("consultation", id);
    let first = store.read_stream(&stream, 1, Direction::Forward, 1).await?;
    Ok((!first.is_empty()).then_some(id))
}

/// What the event of a number created. In a log that was never copied that is its position.
async fn by_number(
    store: &dyn EventStore,
    of: TimelineOf,
    number: u64,
) -> Result<Option<Subject>, Failure> {
    let there = store.read_positions(&[number]).await?;
    if let Some(subject) = there.iter().find_map(|event| created(of, event, number)) {
        return Ok(Some(subject));
    }
    let mut after = 0;
    loop {
        let page = store.read_all(after, PAGE_EVENTS).await?;
        if page.events.is_empty() {
            return Ok(None);
        }
        let mut copied = page.events.iter().filter(|event| event.number.is_some());
        if let Some(subject) = copied.find_map(|event| created(of, event, number)) {
            return Ok(Some(subject));
        }
        after = page.scanned_to;
    }
}

fn created(of: TimelineOf, event: &Arc<Recorded>, number: u64) -> Option<Subject> {
    if event.number() != number {
        return None;
    }
    let fact = closed_fact(Arc::clone(event)).ok()?;
    match (of, fact.event) {
        (TimelineOf::Consultation, Event::Consultation(ConsultationEvent::Requested { .. })) => {
            Some(Subject::Consultation(ConsultationId(fact.id)))
        }
        (
            TimelineOf::Person,
            Event::Consultation(ConsultationEvent::Requested { requester, .. }),
        ) => Some(Subject::Person(requester.person())),
        (TimelineOf::Person, Event::Account(domain::AccountEvent::Registered { .. })) => {
            Some(Subject::Person(PersonId(fact.id)))
        }
        (TimelineOf::Person, Event::Counselor(CounselorEvent::Registered { account, .. })) => {
            Some(Subject::Person(account.into()))
        }
        (TimelineOf::Room, Event::Room(domain::RoomEvent::Opened { .. })) => {
            Some(Subject::Room(RoomId(fact.id)))
        }
        _ => None,
    }
}
