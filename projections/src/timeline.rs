//! Which events concern whom, so that a client that comes back is sent what it missed and no more.
//! Messages are not in it, for their own index answers that; what was done to them later is.

use domain::{
    AlertEvent, AlertSource, ConsultationEvent, ConsultationId, CounselorId, Event, MemberEvent,
    MessageEvent, PersonId, RoomEvent, RoomId, RoomKind,
};
use event_store::Position;
use uuid::Uuid;

use crate::reader::many;
use crate::value::values;
use crate::{Batch, Fact, Projection, ReadError, Reader, Value, statements};

/// What one can follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    Consultation(ConsultationId),
    /// What a counsellor is told of requests and of their own consultations.
    Counselor(CounselorId),
    Room(RoomId),
    /// What changes somebody's list of rooms and consultations.
    Person(PersonId),
    /// Alerts that administrators are told of.
    Alerts,
}

impl From<Topic> for Value {
    fn from(topic: Topic) -> Self {
        let (kind, id) = match topic {
            Topic::Consultation(id) => (1, id.0),
            Topic::Counselor(id) => (2, id.0),
            Topic::Room(id) => (3, id.0),
            Topic::Person(id) => (4, id.0),
            Topic::Alerts => (5, Uuid::nil()),
        };
        let mut bytes = vec![kind];
        bytes.extend_from_slice(id.as_bytes());
        bytes.into()
    }
}

statements! {
    ADD = "INSERT INTO timeline (topic, position) VALUES ($1, $2)"
        => owns entry(1, 2);
    ADD_ROOM = "INSERT INTO timeline_rooms (room, topic) VALUES ($1, $2)"
        => owns room(1);
    ADD_FOR_CONSULTATION = "INSERT INTO timeline (topic, position) \
                            SELECT r.topic, CAST($2 AS BIGINT) FROM timeline_rooms r \
                            WHERE r.room = $1"
        => shares room(1);
    AFTER = "SELECT position FROM timeline WHERE topic = $1 AND position > $2 AND position <= $3 \
             ORDER BY position LIMIT $4";
}

/// The projection of this file.
#[derive(Debug)]
pub struct Timeline;

impl Projection for Timeline {
    fn name(&self) -> &'static str {
        "timeline"
    }

    fn version(&self) -> u32 {
        2
    }

    fn tables(&self) -> &'static [&'static str] {
        &["timeline", "timeline_rooms"]
    }

    fn project(&self, fact: &Fact, batch: &mut Batch) {
        match &fact.event {
            Event::Consultation(event) => consultation(fact, event, batch),
            Event::Room(event) => room(fact, event, batch),
            Event::Member(event) => member(fact, event, batch),
            Event::Message(event) => message(fact, event, batch),
            Event::Alert(event) => alert(fact, event, batch),
            Event::Account(_)
            | Event::Email(_)
            | Event::Session(_)
            | Event::Counselor(_)
            | Event::Presence(_)
            | Event::Access(_)
            | Event::Seal(_)
            | Event::Upload(_)
            | Event::Erasure(_)
            | Event::Hold(_)
            | Event::Emotion(_) => {}
        }
    }
}

fn consultation(fact: &Fact, event: &ConsultationEvent, batch: &mut Batch) {
    let itself = Topic::Consultation(ConsultationId(fact.id));
    let topics: &[Topic] = match event {
        ConsultationEvent::Requested { requester, .. } => {
            &[itself, Topic::Person(requester.person())]
        }
        ConsultationEvent::Accepted { counselor, .. }
        | ConsultationEvent::ReturnedToWaiting { counselor }
        | ConsultationEvent::Completed { counselor, .. } => &[itself, Topic::Counselor(*counselor)],
        ConsultationEvent::NicknameChanged { .. } | ConsultationEvent::Terminated { .. } => {
            &[itself]
        }
        ConsultationEvent::Offered { counselor, .. }
        | ConsultationEvent::OfferExpired { counselor, .. }
        | ConsultationEvent::OfferWithdrawn { counselor, .. } => &[Topic::Counselor(*counselor)],
        ConsultationEvent::OfferRejected { .. }
        | ConsultationEvent::NotesWritten { .. }
        | ConsultationEvent::CardIssued { .. }
        | ConsultationEvent::CardNoted { .. }
        | ConsultationEvent::Rated { .. }
        | ConsultationEvent::RiskFlagged { .. }
        | ConsultationEvent::HistoryGranted { .. }
        | ConsultationEvent::Erased {} => &[],
    };
    for topic in topics {
        add(fact, *topic, batch);
    }
}

fn room(fact: &Fact, event: &RoomEvent, batch: &mut Batch) {
    let itself = Topic::Room(RoomId(fact.id));
    match event {
        RoomEvent::Opened {
            room_kind: RoomKind::Consultation(consultation),
            ..
        } => {
            batch.push(
                ADD_ROOM,
                values![fact.id, Topic::Consultation(*consultation)],
            );
        }
        // Nobody is told of them on a live connection.
        RoomEvent::Opened {
            room_kind: RoomKind::Direct | RoomKind::Group,
            ..
        }
        | RoomEvent::Booked { .. }
        | RoomEvent::RetentionSet { .. }
        | RoomEvent::DayDestroyed { .. } => {}
        RoomEvent::MemberAdded { person, .. } | RoomEvent::MemberRemoved { person } => {
            add(fact, itself, batch);
            add(fact, Topic::Person(*person), batch);
        }
        RoomEvent::Closed {} | RoomEvent::Described { .. } => add(fact, itself, batch),
    }
}

fn member(fact: &Fact, event: &MemberEvent, batch: &mut Batch) {
    match event {
        MemberEvent::Read { room, .. } => {
            add(fact, Topic::Room(*room), batch);
            batch.push(ADD_FOR_CONSULTATION, values![*room, fact.recorded.position]);
        }
        MemberEvent::Delivered { room, .. } => add(fact, Topic::Room(*room), batch),
        // What somebody has set is nobody else's.
        MemberEvent::SettingsChanged { .. } => {}
    }
}

fn message(fact: &Fact, event: &MessageEvent, batch: &mut Batch) {
    match event {
        // The messages' own index has it.
        MessageEvent::Sent { .. } => {}
        MessageEvent::Edited { room, .. } | MessageEvent::Deleted { room, .. } => {
            add(fact, Topic::Room(*room), batch);
            batch.push(ADD_FOR_CONSULTATION, values![*room, fact.recorded.position]);
        }
    }
}

fn alert(fact: &Fact, event: &AlertEvent, batch: &mut Batch) {
    let (source, audience) = match event {
        AlertEvent::Raised {
            source, audience, ..
        }
        | AlertEvent::RaisedAgain {
            source, audience, ..
        }
        | AlertEvent::Acknowledged {
            source, audience, ..
        } => (source, audience),
    };
    for counselor in audience.counselor.iter().chain(&audience.waiting) {
        add(fact, Topic::Counselor(*counselor), batch);
    }
    if let (AlertSource::Consultation(consultation), Some(_)) = (source, audience.counselor) {
        add(fact, Topic::Consultation(*consultation), batch);
    }
    if audience.administrators {
        add(fact, Topic::Alerts, batch);
    }
}

fn add(fact: &Fact, topic: Topic, batch: &mut Batch) {
    batch.push(ADD, values![topic, fact.recorded.position]);
}

/// The positions of a topic's events after one position and up to another, in order, at most
/// `limit`.
pub async fn after(
    reader: &dyn Reader,
    topic: Topic,
    after: Position,
    up_to: Position,
    limit: u32,
) -> Result<Vec<Position>, ReadError> {
    many(reader, AFTER, values![topic, after, up_to, limit], |row| {
        row.get(0)
    })
    .await
}
