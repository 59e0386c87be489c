//! The log as it was: nothing behind a position is there.

use std::sync::Arc;

use async_trait::async_trait;
use event_store::{
    Append, Capabilities, Dedupe, Direction, EventStore, Follow, Page, Position, Recorded,
    StoreError, StreamName, Version,
};

use crate::arguments::When;
use crate::failure::Failure;

/// A log up to a position.
pub struct Past {
    store: Arc<dyn EventStore>,
    until: Position,
    /// The end of the log, when it was asked.
    pub present: Position,
}

impl Past {
    /// The log as it was then; fails for a position that it has not reached.
    pub async fn of(store: Arc<dyn EventStore>, when: When) -> Result<Self, Failure> {
        let head = store.head().await?;
        let until = match when {
            When::Position(position) if position > head => {
                return Err(Failure::Beyond { position, head });
            }
            When::Position(position) => position,
            When::Time(at) => last_at(&*store, at, head).await?,
        };
        Ok(Self {
            store,
            until,
            present: head,
        })
    }

    /// The last position that there was.
    pub fn until(&self) -> Position {
        self.until
    }
}

/// The last position recorded at a time or before it, by halving: what comes later was recorded
/// later.
async fn last_at(store: &dyn EventStore, at: i64, head: Position) -> Result<Position, StoreError> {
    let (mut low, mut high) = (0, head);
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        let page = store.read_all(middle - 1, 1).await?;
        match page.events.first() {
            Some(event) if event.recorded_at <= at => low = event.position,
            _ => high = middle - 1,
        }
    }
    Ok(low)
}

#[async_trait]
impl EventStore for Past {
    async fn append(&self, _: Append) -> Result<Vec<Arc<Recorded>>, StoreError> {
        Err(StoreError::Invalid("the past takes no events".to_owned()))
    }

    async fn read_stream(
        &self,
        stream: &StreamName,
        from: Version,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<Arc<Recorded>>, StoreError> {
        let mut events = self
            .store
            .read_stream(stream, from, direction, limit)
            .await?;
        events.retain(|event| event.position <= self.until);
        Ok(events)
    }

    async fn read_all(&self, after: Position, limit: usize) -> Result<Page, StoreError> {
        if after >= self.until {
            return Ok(Page {
                events: Vec::new(),
                scanned_to: after,
            });
        }
        let mut page = self.store.read_all(after, limit).await?;
        page.events.retain(|event| event.position <= self.until);
        page.scanned_to = page.scanned_to.min(self.until);
        Ok(page)
    }

    async fn read_positions(
        &self,
        positions: &[Position],
    ) -> Result<Vec<Arc<Recorded>>, StoreError> {
        let mut events = self.store.read_positions(positions).await?;
        events.retain(|event| event.position <= self.until);
        Ok(events)
    }

    async fn find_outcome(
        &self,
        stream: &StreamName,
        dedupe: Dedupe,
    ) -> Result<Option<Arc<Recorded>>, StoreError> {
        let found = self.store.find_outcome(stream, dedupe).await?;
        Ok(found.filter(|event| event.position <= self.until))
    }

    fn follow(&self, after: Position) -> Box<dyn Follow> {
        self.store.follow(after)
    }

    async fn head(&self) -> Result<Position, StoreError> {
        Ok(self.until)
    }

    fn capabilities(&self) -> Capabilities {
        self.store.capabilities()
    }
}
