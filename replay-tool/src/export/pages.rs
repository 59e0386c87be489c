//! The stretch of the log that is exported, a page at a time.

use std::sync::Arc;

use event_store::{Direction, EventStore, Position, Recorded, StoreError, StreamName, Version};

use crate::arguments::ExportArguments;

/// Events in one read.
const PAGE_EVENTS: usize = 512;

/// Where the next page begins.
enum Next {
    After(Position),
    OfStream(StreamName, Version),
}

pub struct Pages<'a> {
    store: &'a dyn EventStore,
    next: Option<Next>,
    after: Position,
    until: Position,
}

impl<'a> Pages<'a> {
    /// Up to `until`, which must not be behind the head.
    pub fn new(store: &'a dyn EventStore, options: &ExportArguments, until: Position) -> Self {
        let next = match &options.stream {
            Some(name) => Next::OfStream(StreamName::parse(name), 1),
            None => Next::After(options.after),
        };
        Self {
            store,
            next: (options.after < until).then_some(next),
            after: options.after,
            until,
        }
    }

    /// None at the end. A page may be empty. Damage is an error, so that what is exported is all
    /// there is.
    pub async fn next(&mut self) -> Result<Option<Vec<Arc<Recorded>>>, StoreError> {
        let mut events = match &self.next {
            None => return Ok(None),
            Some(Next::After(after)) => {
                let left = usize::try_from(self.until - after).unwrap_or(PAGE_EVENTS);
                let limit = PAGE_EVENTS.min(left);
                let events = self.store.read_all(*after, limit).await?.events;
                let last = events.last().ok_or_else(|| StoreError::Corrupt {
                    position: after + 1,
                    reason: "nothing is here although the log goes on".to_owned(),
                })?;
                self.next = (last.position < self.until).then_some(Next::After(last.position));
                events
            }
            Some(Next::OfStream(stream, from)) => {
                let (stream, from) = (stream.clone(), *from);
                let events = self
                    .store
                    .read_stream(&stream, from, Direction::Forward, PAGE_EVENTS)
                    .await?;
                if let Some(first) = events.first().filter(|first| first.sequence != from) {
                    return Err(StoreError::Corrupt {
                        position: first.position,
                        reason: format!("{stream} has no event at sequence {from}"),
                    });
                }
                self.next = events
                    .last()
                    .filter(|last| last.position < self.until)
                    .map(|last| Next::OfStream(stream, last.sequence + 1));
                events
            }
        };
        events.retain(|event| (self.after + 1..=self.until).contains(&event.position));
        Ok(Some(events))
    }
}
