//! Our aggregates and events as cqrs-es takes them, with what is personal left closed.

use cqrs_es::event_sink::EventSink;
use cqrs_es::{Aggregate, DomainEvent};
use domain::sealed::PartContent;
use domain::{Decide, Event, Refusal};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::tag::Tagged;

/// How many personal parts one event has at the most. A payload that names a further one does
/// not decode.
const PARTS: usize = 64;

/// One of our aggregates.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Read<A>(pub A);

impl<A: Decide<Command: Send>> Aggregate for Read<A> {
    const TYPE: &'static str = A::TYPE;
    type Command = A::Command;
    type Event = ReadEvent<A::Event>;
    type Error = Refusal;
    type Services = ();

    async fn handle(
        &mut self,
        command: A::Command,
        (): &(),
        sink: &EventSink<Self>,
    ) -> Result<(), Refusal> {
        for event in self.0.decide(command)? {
            sink.write(ReadEvent(event), self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: Self::Event) {
        self.0.apply(event.0);
    }
}

/// One of our events. Its personal parts are in a column that postgres-es does not read, and
/// under keys that it does not have: they are as if erased.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadEvent<E>(pub E);

impl<'de, E: TryFrom<Event>> Deserialize<'de> for ReadEvent<E> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = Tagged::deserialize(deserializer)?;
        let payload = serde_json::to_vec(&stored.payload).map_err(D::Error::custom)?;
        let payload = domain::upcast(&stored.event_type, &stored.event_version, &payload)
            .map_err(D::Error::custom)?;
        let closed = vec![PartContent::Erased; PARTS];
        let event =
            Event::decode(&stored.event_type, &payload, closed).map_err(D::Error::custom)?;
        let of_another = || D::Error::custom(format!("{} is of another type", stored.event_type));
        E::try_from(event).map(Self).map_err(|_| of_another())
    }
}

/// The plain payload; an event with personal parts refuses.
impl<E: Serialize> Serialize for ReadEvent<E> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<E: DomainEvent + TryFrom<Event>> DomainEvent for ReadEvent<E> {
    fn event_type(&self) -> String {
        self.0.event_type()
    }

    fn event_version(&self) -> String {
        self.0.event_version()
    }
}
