//! What every aggregate of the domain can do: decide. The glue to cqrs-es has no logic.

use crate::{Event, Refusal};

/// An aggregate whose decisions are synchronous and pure.
///
/// Its stream is [`cqrs_es::Aggregate::TYPE`], a hyphen and its id; the type alone for a thing of
/// which there is only one. What is already so is
/// `Ok(vec![])`; what is not allowed is a [`Refusal`]; a given event that the state does not
/// expect changes nothing.
pub trait Decide:
    cqrs_es::Aggregate<Error = Refusal, Services = (), Event: Into<Event> + TryFrom<Event>> + Clone
{
    /// What happens if the command is carried out now.
    fn decide(&self, command: Self::Command) -> Result<Vec<Self::Event>, Refusal>;

    /// An event of the catalogue as one of this aggregate; none if it is another's.
    fn event_of(event: Event) -> Option<Self::Event> {
        Self::Event::try_from(event).ok()
    }
}

/// Makes a type with `decide` and `evolve(&mut self, event)` an aggregate of cqrs-es.
macro_rules! aggregate {
    ($name:ident, $stream_type:literal, $command:ty, $event:ty) => {
        impl cqrs_es::Aggregate for $name {
            const TYPE: &'static str = $stream_type;
            type Command = $command;
            type Event = $event;
            type Error = $crate::Refusal;
            type Services = ();

            async fn handle(
                &mut self,
                command: Self::Command,
                (): &(),
                sink: &cqrs_es::event_sink::EventSink<Self>,
            ) -> Result<(), $crate::Refusal> {
                for event in $crate::Decide::decide(self, command)? {
                    sink.write(event, self).await;
                }
                Ok(())
            }

            fn apply(&mut self, event: Self::Event) {
                self.evolve(event);
            }
        }
    };
}
pub(crate) use aggregate;
