//! Finding what a reader asked for, without opening anything and in bounded time and memory.

use std::ops::ControlFlow;
use std::sync::Arc;

use domain::{AccountId, Concerned, ConsultationId, Event, PersonId, limits};
use event_store::{Direction, EventStore, Position, Recorded, StoreError, StreamName, Version};
use projections::closed_fact;

use super::asked::Selection;

/// Events that one request looks at; one that finds less than it asked for says how far it came.
const MAX_LOOKED_AT: u64 = 10_000;

/// Events of one read.
const PAGE_EVENTS: usize = 1_000;

/// An event with what it says, none where this program cannot read it.
pub(super) struct Shown {
    pub recorded: Arc<Recorded>,
    pub event: Option<Event>,
}

/// What was found.
pub(super) struct Found {
    pub events: Vec<Shown>,
    /// Whose data it is.
    pub concerned: Concerned,
    /// Nothing up to here is left out.
    pub scanned_to: Position,
    /// The last position of the log when the search began.
    pub head: Position,
}

/// Looks for what is selected.
pub(super) async fn search(
    store: &dyn EventStore,
    selection: &Selection,
) -> Result<Found, StoreError> {
    let head = store.head().await?;
    let mut gathering = Gathering {
        selection,
        stored_bytes: 0,
        looked_at: 0,
        found: Found {
            events: Vec::new(),
            concerned: Concerned::default(),
            scanned_to: selection.after,
            head,
        },
    };
    let complete = if !selection.positions.is_empty() {
        at_positions(store, &mut gathering).await?
    } else if let Some(stream) = &selection.stream
        // What is behind by less is found sooner by looking at all of it.
        && head.saturating_sub(selection.after) > MAX_LOOKED_AT
    {
        in_stream(store, stream, &mut gathering).await?
    } else {
        in_log(store, &mut gathering).await?
    };
    let mut found = gathering.found;
    if complete {
        found.scanned_to = found.scanned_to.max(head);
    }
    Ok(found)
}

async fn at_positions(
    store: &dyn EventStore,
    gathering: &mut Gathering<'_>,
) -> Result<bool, StoreError> {
    let positions = &gathering.selection.positions;
    let rest = positions.partition_point(|position| *position <= gathering.selection.after);
    let events = store.read_positions(&positions[rest..]).await?;
    Ok(gathering.take(events))
}

async fn in_stream(
    store: &dyn EventStore,
    stream: &StreamName,
    gathering: &mut Gathering<'_>,
) -> Result<bool, StoreError> {
    let mut from = first_after(store, stream, gathering.selection.after).await?;
    while gathering.looked_at < MAX_LOOKED_AT {
        let events = store
            .read_stream(stream, from, Direction::Forward, PAGE_EVENTS)
            .await?;
        let Some(last) = events.last().map(|event| event.sequence) else {
            return Ok(true);
        };
        from = last + 1;
        if !gathering.take(events) {
            break;
        }
    }
    Ok(false)
}

/// The sequence of the first event of a stream after a position, by halving.
async fn first_after(
    store: &dyn EventStore,
    stream: &StreamName,
    after: Position,
) -> Result<Version, StoreError> {
    if after == 0 {
        return Ok(1);
    }
    let last = store
        .read_stream(stream, Version::MAX, Direction::Backward, 1)
        .await?;
    let (mut low, mut high) = (1, last.first().map_or(1, |event| event.sequence + 1));
    while low < high {
        let middle = low + (high - low) / 2;
        let event = store
            .read_stream(stream, middle, Direction::Forward, 1)
            .await?;
        match event.first() {
            Some(event) if event.position <= after => low = middle + 1,
            _ => high = middle,
        }
    }
    Ok(low)
}

async fn in_log(store: &dyn EventStore, gathering: &mut Gathering<'_>) -> Result<bool, StoreError> {
    let mut after = gathering.selection.after;
    while gathering.looked_at < MAX_LOOKED_AT {
        let page = store.read_all(after, PAGE_EVENTS).await?;
        if page.events.is_empty() {
            return Ok(true);
        }
        after = page.scanned_to;
        if !gathering.take(page.events) {
            break;
        }
    }
    Ok(false)
}

/// What was found so far.
struct Gathering<'a> {
    selection: &'a Selection,
    stored_bytes: usize,
    looked_at: u64,
    found: Found,
}

impl Gathering<'_> {
    /// Takes what is selected of some events; false once there is enough.
    fn take(&mut self, events: Vec<Arc<Recorded>>) -> bool {
        for event in events {
            let position = event.position;
            self.looked_at += 1;
            if self.is_late(&event) {
                self.found.scanned_to = self.found.head.max(self.found.scanned_to);
                return false;
            }
            if self.selects(&event) && self.add(event).is_break() {
                return false;
            }
            self.found.scanned_to = self.found.scanned_to.max(position);
            if self.found.events.len() == self.selection.limit {
                return false;
            }
        }
        true
    }

    /// Whether it, and so all that follow, are too late to be selected.
    fn is_late(&self, event: &Recorded) -> bool {
        let until_us = self.selection.until_us;
        until_us.is_some_and(|until_us| event.recorded_at >= until_us)
    }

    fn selects(&self, event: &Recorded) -> bool {
        let selection = self.selection;
        selection
            .stream
            .as_ref()
            .is_none_or(|stream| event.stream == *stream)
            && selection
                .event_type
                .as_deref()
                .is_none_or(|name| &*event.event_type == name)
            && selection
                .actor
                .is_none_or(|actor| event.metadata.actor == Some(actor))
    }

    /// Breaks off before an event that would be too much.
    fn add(&mut self, recorded: Arc<Recorded>) -> ControlFlow<()> {
        let (event, concerned) = read(&recorded);
        let stored_bytes = self.stored_bytes + stored_bytes(&recorded);
        let fits = stored_bytes <= self.selection.max_bytes && self.can_name(&concerned);
        if !fits && !self.found.events.is_empty() {
            return ControlFlow::Break(());
        }
        self.stored_bytes = stored_bytes;
        self.found.concerned.add(concerned);
        self.found.events.push(Shown { recorded, event });
        ControlFlow::Continue(())
    }

    /// Whether one record can name these as well.
    fn can_name(&self, more: &Concerned) -> bool {
        if self.found.concerned.len() + more.len() <= limits::CONCERNED {
            return true;
        }
        let mut together = self.found.concerned.clone();
        together.add(more.clone());
        together.len() <= limits::CONCERNED
    }
}

fn stored_bytes(event: &Recorded) -> usize {
    let parts = event.parts.iter().map(|part| part.ciphertext.len());
    event.payload.len() + parts.sum::<usize>()
}

/// What an event says, and whose data it is: of those whom it is about or mentions, of whoever
/// acted, and of those under whose keys its parts are sealed.
fn read(recorded: &Arc<Recorded>) -> (Option<Event>, Concerned) {
    let mut concerned = Concerned::default();
    let event = match closed_fact(Arc::clone(recorded)) {
        Ok(fact) => {
            concerned.note(&fact.event, fact.id);
            concerned.note_mentioned(&fact.event);
            Some(fact.event)
        }
        // Poison stops the read models, loudly; an auditor has to see it all the same.
        Err(_) => None,
    };
    if !matches!(event, Some(Event::Access(_))) {
        concerned
            .people
            .extend(recorded.metadata.actor.map(PersonId));
    }
    for part in &recorded.parts {
        note_subject(&mut concerned, &part.keys.subject);
    }
    (event, concerned)
}

fn note_subject(concerned: &mut Concerned, subject: &str) {
    match subject.split_once(':') {
        Some(("account", id)) => {
            let account = id.parse().ok().map(AccountId);
            concerned.people.extend(account.map(PersonId::from));
        }
        Some(("consultation", id)) => {
            let consultation = id.parse().ok().map(ConsultationId);
            concerned.consultations.extend(consultation);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
