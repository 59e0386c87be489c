//! Finding messages by any part of what they say: an index that follows the log by itself, in a
//! store of its own, and holds no text.

mod find;
mod fold;
mod index;
mod query;
mod tokens;

use std::sync::Arc;
use std::time::Duration;

use event_store::Position;

use crate::{
    Page, Projector, ProjectorHandle, ProjectorStatus, ReadError, ReadStore, Reader, StartError,
    Tail,
};

pub use find::{CANDIDATES_LOOKED_AT, COUNTED_HITS, Finder, Found, Hit, RoomKey};
pub use fold::fold;
pub use index::Index;
pub(crate) use index::STATEMENTS;
pub use query::{QUERY_CHARS, Query, QueryRefusal};
pub use tokens::Tokens;

/// The schema of the index in PostgreSQL.
pub const SCHEMA: &str = "search";

/// How long events gather before they are indexed together, unless somebody searches.
const GATHERING: Duration = Duration::from_millis(100);

/// How long a search waits for the index; then it answers from what there is.
pub const INDEX_WITHIN: Duration = Duration::from_secs(1);

/// The index, and all that answers take.
pub struct Search {
    finder: Finder,
    projector: ProjectorHandle,
}

impl Search {
    /// Starts to follow the log; does not wait until the index has caught up. `messages` is where
    /// the read models are.
    pub async fn start(
        tail: &Tail,
        index: Arc<dyn ReadStore>,
        messages: Arc<dyn Reader>,
        tokens: Tokens,
    ) -> Result<Self, StartError> {
        let tokens = Arc::new(tokens);
        let projection = Box::new(Index::new(Arc::clone(&tokens)));
        let projector =
            Projector::start_with_pauses(tail, Arc::clone(&index), vec![projection], GATHERING)
                .await?;
        Ok(Self {
            finder: Finder {
                index,
                messages,
                keys: Arc::clone(tail.keys()),
                tokens,
            },
            projector,
        })
    }

    /// One page of the messages of a room that say what is looked for, newest first. Waits until
    /// the index has passed `published`, at most [`INDEX_WITHIN`].
    pub async fn find(
        &self,
        room: RoomKey,
        query: &Query,
        page: Page,
        published: Position,
    ) -> Result<Found, ReadError> {
        // What comes late is found a moment later.
        let _passed = self.projector.wait_for(published, INDEX_WITHIN).await;
        self.finder.find(room, query, page).await
    }

    /// Waits until the index has passed a position; false if that takes too long.
    pub async fn passes(&self, position: Position, within: Duration) -> bool {
        self.projector.wait_for(position, within).await
    }

    /// How the index stands.
    pub fn status(&self) -> ProjectorStatus {
        self.projector.status()
    }

    /// The last event in the index.
    pub fn position(&self) -> Position {
        self.projector.position()
    }

    /// Follows the log no further; the store is closed by whoever opened it.
    pub async fn stop(&self) {
        self.projector.stop().await;
    }
}
