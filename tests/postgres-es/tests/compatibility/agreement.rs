//! Whether postgres-es makes of a log what we make of it.

use std::fmt::Debug;

use cqrs_es::{Aggregate, AggregateContext, DomainEvent, EventStore};
use domain::{Decide, Event};

use crate::log::Log;

/// Calls a generic function for every aggregate of the domain: its category, and what came back.
macro_rules! of_every_aggregate {
    ($call:ident($argument:expr)) => {
        of_every_aggregate!(
            $call($argument), Access, Account, Alert, Consultation, Counselor, Email,
            EmotionSession, Erasure, Hold, Member, Message, Presence, Room, Seal, Session, Upload
        )
    };
    ($call:ident($argument:expr), $($aggregate:ident),+) => {
        std::collections::BTreeMap::from([
            $((
                <domain::$aggregate as cqrs_es::Aggregate>::TYPE.to_owned(),
                $call::<domain::$aggregate>($argument).await,
            )),+
        ])
    };
}

/// The category of the streams that an event is written to.
pub fn category(event: &Event) -> &'static str {
    match event {
        Event::Access(_) => domain::Access::TYPE,
        Event::Account(_) => domain::Account::TYPE,
        Event::Consultation(_) => domain::Consultation::TYPE,
        Event::Counselor(_) => domain::Counselor::TYPE,
        Event::Email(_) => domain::Email::TYPE,
        Event::Member(_) => domain::Member::TYPE,
        Event::Message(_) => domain::Message::TYPE,
        Event::Presence(_) => domain::Presence::TYPE,
        Event::Room(_) => domain::Room::TYPE,
        Event::Seal(_) => domain::Seal::TYPE,
        Event::Session(_) => domain::Session::TYPE,
        Event::Upload(_) => domain::Upload::TYPE,
        Event::Erasure(_) => domain::Erasure::TYPE,
        Event::Hold(_) => domain::Hold::TYPE,
        Event::Emotion(_) => domain::EmotionSession::TYPE,
        Event::Alert(_) => domain::Alert::TYPE,
    }
}

/// Loads every stream of an aggregate by postgres-es: the same events, with the same sequences,
/// types, versions and metadata, and the same state. How many events there were.
pub async fn agree<A>(log: &Log) -> usize
where
    A: Decide<Command: Send> + PartialEq + Debug,
{
    let store = postgres_es_reader::open::<A>(&log.pool);
    let mut events = 0;
    for (id, stream) in log.streams(A::TYPE).await {
        let name = format!("{}-{id}", A::TYPE);
        let loaded = store
            .load_events(&id)
            .await
            .unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(loaded.len(), stream.len(), "{name}");
        let mut state = A::default();
        for (index, (theirs, ours)) in loaded.into_iter().zip(&stream).enumerate() {
            assert_eq!(
                (theirs.aggregate_id.as_str(), theirs.sequence),
                (id.as_str(), index + 1)
            );
            assert_eq!(theirs.payload.event_type(), ours.event_type, "{name}");
            assert_eq!(theirs.payload.event_version(), ours.event_version, "{name}");
            assert_eq!(theirs.metadata, ours.metadata, "{name}");
            let event = A::event_of(ours.event.clone()).unwrap();
            assert_eq!(theirs.payload.0, event, "{name}");
            state.apply(event);
        }
        let mut context = store.load_aggregate(&id).await.unwrap();
        assert_eq!(context.aggregate().0, state, "{name}");
        assert_eq!(context.current_sequence, stream.len(), "{name}");
        events += stream.len();
    }
    events
}
