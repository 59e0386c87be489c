//! One walk over the log, from its beginning to the head it had when the walk began, past what is
//! missing and what cannot be read.

use std::sync::Arc;

use event_store::{EventStore, Position, Recorded, StoreError};

use crate::progress::Progress;

/// Events in one read.
const PAGE_EVENTS: u64 = 1_000;

/// What a walk meets.
pub enum Met {
    Event(Arc<Recorded>),
    /// Nothing is at these positions, both included.
    Missing {
        from: Position,
        to: Position,
    },
    /// Something is there that the store cannot read.
    Unreadable {
        position: Position,
        reason: String,
    },
}

/// Hands everything up to the present head to `meet`, in order, and gives that head.
///
/// What a live server appends meanwhile is left for the next walk.
pub async fn scan(
    store: &dyn EventStore,
    doing: &'static str,
    meet: impl FnMut(Met),
) -> Result<Position, StoreError> {
    let head = store.head().await?;
    let progress = Progress::over(head, doing);
    let mut walk = Walk {
        store,
        head,
        after: 0,
        progress,
        meet,
    };
    while walk.after < head {
        walk.page().await?;
    }
    walk.progress.end();
    Ok(head)
}

struct Walk<'a, F> {
    store: &'a dyn EventStore,
    head: Position,
    /// Everything up to here was met.
    after: Position,
    progress: Progress,
    meet: F,
}

impl<F: FnMut(Met)> Walk<'_, F> {
    async fn page(&mut self) -> Result<(), StoreError> {
        let limit = PAGE_EVENTS.min(self.head - self.after);
        match self.read(limit).await {
            Ok(events) if events.is_empty() => {
                self.missing(self.head);
                Ok(())
            }
            Ok(events) => {
                self.events(events);
                Ok(())
            }
            Err(StoreError::Corrupt { position, reason }) => self.damage(position, reason).await,
            Err(other) => Err(other),
        }
    }

    /// Meets what stands before the damage, one by one, and then what is there instead.
    async fn damage(&mut self, position: Position, reason: String) -> Result<(), StoreError> {
        let position = position.clamp(self.after + 1, self.head);
        while self.after + 1 < position {
            match self.read(position - 1 - self.after).await {
                Ok(events) if !events.is_empty() => self.events(events),
                _ => break,
            }
        }
        let next = self.after + 1;
        match self.store.read_positions(&[next]).await {
            Ok(events) if events.is_empty() => {
                let to = self.end_of_gap(next).await;
                self.missing(to);
            }
            Ok(events) => self.events(events),
            Err(StoreError::Corrupt { .. }) => {
                (self.meet)(Met::Unreadable {
                    position: next,
                    reason,
                });
                self.after = next;
            }
            Err(other) => return Err(other),
        }
        Ok(())
    }

    /// The last position of a gap that begins at `from`.
    async fn end_of_gap(&self, from: Position) -> Position {
        let mut last = from;
        while last < self.head {
            let stretch: Vec<_> = (last + 1..=self.head.min(last + PAGE_EVENTS)).collect();
            match self.store.read_positions(&stretch).await {
                Ok(events) => match events.first() {
                    Some(event) => return event.position - 1,
                    None => last += stretch.len() as u64,
                },
                // Something unreadable ends it, at the latest where that is.
                Err(StoreError::Corrupt { position, .. }) if position > last + 1 => {
                    return self.nearest(last, position).await;
                }
                Err(_) => return last,
            }
        }
        last
    }

    /// The end of the gap, when `unreadable` is known to lie behind it.
    async fn nearest(&self, last: Position, unreadable: Position) -> Position {
        let stretch: Vec<_> = (last + 1..unreadable).collect();
        match self.store.read_positions(&stretch).await {
            Ok(events) => events.first().map_or(unreadable, |event| event.position) - 1,
            Err(_) => last,
        }
    }

    async fn read(&self, limit: u64) -> Result<Vec<Arc<Recorded>>, StoreError> {
        let limit = usize::try_from(limit.min(PAGE_EVENTS)).unwrap_or(usize::MAX);
        Ok(self.store.read_all(self.after, limit).await?.events)
    }

    fn events(&mut self, events: Vec<Arc<Recorded>>) {
        let Some(last) = events.last().map(|event| event.position) else {
            return;
        };
        self.after = last;
        self.progress.passed(events.len() as u64, last);
        for event in events {
            (self.meet)(Met::Event(event));
        }
    }

    fn missing(&mut self, to: Position) {
        (self.meet)(Met::Missing {
            from: self.after + 1,
            to,
        });
        self.after = to;
    }
}
