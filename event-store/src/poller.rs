//! Following a log that another process writes: looking for new events again and again.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::time::MissedTickBehavior;

use crate::feed::Pages;
use crate::limits::{FOLLOW_PAGE, POLL_EVERY};
use crate::{Follow, Position, Recorded, StoreError};

/// Reads pages as they come to be, since nobody tells of them.
pub(crate) struct Poller<P> {
    pub pages: P,
    pub after: Position,
}

#[async_trait]
impl<P: Pages> Follow for Poller<P> {
    async fn next(&mut self) -> Result<Arc<[Arc<Recorded>]>, StoreError> {
        let mut ticks = tokio::time::interval(POLL_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let page = self.pages.page(self.after, FOLLOW_PAGE).await?;
            if let Some(last) = page.events.last() {
                self.after = last.position;
                return Ok(page.events.into());
            }
        }
    }
}
