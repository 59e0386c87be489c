//! Rooms full of talk, written through the projections as if a log had told of it.

use std::sync::Arc;

use domain::{
    AccountId, Bucket, Event, MessageBody, MessageEvent, MessageId, MessageKind, PersonId,
    RoomEvent, RoomId, RoomKind, Sealed, Subject,
};
use event_store::{Metadata, OpenPart, Position, Recorded, SealKeys, StreamName, seal};
use projections::messages::Messages;
use projections::search::{Index, RoomKey};
use projections::{Batch, Executor, Fact, Projection, Turn};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use uuid::Uuid;

use super::stores::Stores;
use super::words;
use crate::failure::Failure;
use crate::meter::{Meter, Spent};
use crate::report::{Measured, Run};

/// Events that one transaction takes.
const EVENTS_AT_ONCE: usize = 2_048;

/// Who writes.
const PEOPLE: u64 = 100;

/// A room, by its place among all.
#[derive(Debug, Clone, Copy)]
pub struct Room(u64);

impl Room {
    pub fn key(self) -> RoomKey {
        RoomKey {
            id: RoomId(uuid(1, self.0)),
            number: self.0 + 1,
        }
    }
}

/// What was said: everything can be told again from its number.
pub struct Talk {
    rooms: u64,
    messages: u64,
}

impl Talk {
    pub fn new(rooms: u64) -> Self {
        Self { rooms, messages: 0 }
    }

    pub fn rooms(&self) -> u64 {
        self.rooms
    }

    pub fn room(&self, which: u64) -> Room {
        Room(which % self.rooms)
    }

    /// What somebody said in a room.
    pub fn text_in(&self, room: Room, random: &mut StdRng) -> String {
        let in_room = (self.messages - room.0).div_ceil(self.rooms);
        let which = random.random_range(0..in_room.max(1));
        text_of(which * self.rooms + room.0)
    }

    /// Opens the rooms and says so many things, in one room after the other.
    pub async fn fill(&mut self, stores: &Stores, messages: u64) -> Result<Run, Failure> {
        if messages < self.rooms {
            let reason = "fewer messages than rooms".to_owned();
            return Err(Failure::Asked(reason));
        }
        let index = Index::new(Arc::clone(&stores.tokens));
        reset(&*stores.read, &Messages).await?;
        reset(&*stores.index, &index).await?;
        let (mut indexing, mut position) = (Spent::default(), 0);
        let mut facts = Vec::with_capacity(EVENTS_AT_ONCE);
        let events = self.rooms + messages;
        while position < events {
            let before = position;
            while position < events && facts.len() < EVENTS_AT_ONCE {
                position += 1;
                facts.push(self.fact(stores, position)?);
            }
            advance(&*stores.read, &Messages, &facts, before).await?;
            let meter = Meter::start()?;
            advance(&*stores.index, &index, &facts, before).await?;
            indexing += meter.read()?;
            facts.clear();
        }
        self.messages = messages;
        Ok(Run {
            ours: Measured::of(messages, indexing),
            beside: Vec::new(),
            also: vec![(
                "bytes of index a message",
                stores.bytes_each(messages).await?,
            )],
        })
    }

    fn fact(&self, stores: &Stores, position: Position) -> Result<Fact, Failure> {
        let (stream, event) = if position <= self.rooms {
            opened(Room(position - 1))
        } else {
            let which = position - self.rooms - 1;
            said(which, self.room(which))
        };
        let unwritable = |cause: &dyn std::fmt::Display| Failure::Wrong(cause.to_string());
        let (payload, parts) = event.encode().map_err(|cause| unwritable(&cause))?;
        let parts = parts.into_iter().map(|part| {
            let keys = SealKeys {
                subject: part.keys.subject.to_string().into(),
                bucket: part.keys.bucket.map(|bucket| bucket.to_string().into()),
            };
            let content = part.content;
            seal::seal(&*stores.keys, &stream, 1, OpenPart { keys, content })
        });
        let parts = parts.collect::<Result<_, _>>()?;
        let recorded = Recorded {
            position,
            number: None,
            stream: stream.clone(),
            sequence: 1,
            event_id: uuid(4, position),
            dedupe: None,
            event_type: event.event_type().into(),
            event_version: event.event_version().into(),
            recorded_at: i64::try_from(position).unwrap_or(i64::MAX),
            metadata: Metadata {
                actor: None,
                role: "user".into(),
                address: None,
                causation_id: None,
                correlation_id: Uuid::nil(),
                fingerprint: None,
            },
            payload: payload.into(),
            parts,
        };
        projections::fact(Arc::new(recorded), &*stores.keys).map_err(|cause| unwritable(&cause))
    }
}

async fn reset(store: &dyn Executor, projection: &dyn Projection) -> Result<(), Failure> {
    store.lead().await?;
    Ok(store.reset(projection.name(), projection.tables()).await?)
}

async fn advance(
    store: &dyn Executor,
    projection: &dyn Projection,
    facts: &[Fact],
    from: Position,
) -> Result<(), Failure> {
    let Some(last) = facts.last() else {
        return Ok(());
    };
    let mut batch = Batch::default();
    for fact in facts {
        batch.add(projection, fact);
    }
    let turn = Turn {
        projection: projection.name(),
        version: projection.version(),
        from,
        to: last.recorded.position,
        event_id: last.recorded.event_id,
        batch,
    };
    // The server ends a session that leads and was silent for long.
    store.lead().await?;
    match store.execute(vec![turn]).await?.first() {
        None => Ok(()),
        Some(failure) => Err(Failure::Wrong(failure.reason.clone())),
    }
}

fn opened(room: Room) -> (StreamName, Event) {
    let id = room.key().id;
    let opened = RoomEvent::Opened {
        room_kind: RoomKind::Group,
        creator: PersonId(uuid(3, 0)),
        max_participants: 100,
    };
    (StreamName::new("room", id), opened.into())
}

fn said(which: u64, room: Room) -> (StreamName, Event) {
    let (message, sender) = (MessageId(uuid(2, which)), uuid(3, which % PEOPLE));
    let room = room.key().id;
    let body = MessageBody {
        text: text_of(which),
        ..MessageBody::default()
    };
    let sent = MessageEvent::Sent {
        message,
        room,
        sender: PersonId(sender),
        message_kind: MessageKind::Text,
        reply_to: None,
        reply_number: None,
        file: None,
        body: Sealed::within(
            Subject::Account(AccountId(sender)),
            Bucket::Room(room),
            body,
        ),
    };
    (StreamName::new("message", message), sent.into())
}

fn text_of(which: u64) -> String {
    words::text(&mut StdRng::seed_from_u64(which))
}

fn uuid(kind: u64, number: u64) -> Uuid {
    Uuid::from_u64_pair(kind, number)
}
