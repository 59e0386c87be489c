//! Answering a query: the index names candidates, and their texts decide.

use std::sync::Arc;

use domain::{MessageBody, RoomId};
use event_store::keys::KeyStore;
use event_store::seal::OpenError;

use super::fold;
use super::index::CANDIDATES;
use super::query::Query;
use super::tokens::{self, Tokens};
use crate::messages::{self, MessageRow};
use crate::reader::{Page, many};
use crate::value::values;
use crate::{ReadError, Reader};

/// Hits that are counted, and that pages can show.
pub const COUNTED_HITS: u64 = 1_000;

/// Candidates whose texts are looked at for one query. More than the hits that are counted, for
/// texts that have all pieces of a query and not the query.
pub const CANDIDATES_LOOKED_AT: usize = 5_000;

/// Above every message's number.
const NEWEST: u64 = i64::MAX.unsigned_abs();

/// Candidates that are taken at once: few at first, since most words are rare.
const FIRST_CANDIDATES: usize = 64;
const MORE_CANDIDATES: usize = 512;

/// A message that says what was looked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    pub message: MessageRow,
    /// What the message says.
    pub body: MessageBody,
    /// The first match, as it stands in the message.
    pub highlight: String,
}

/// The answer to a query.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// One page, newest first.
    pub hits: Vec<Hit>,
    /// How many there are, counted up to [`COUNTED_HITS`].
    pub total: u64,
    /// Whether there is another page of those that are counted.
    pub has_more: bool,
}

/// A room, as events and as clients know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoomKey {
    pub id: RoomId,
    pub number: u64,
}

/// Where an answer comes from.
pub struct Finder {
    /// The store of the index.
    pub index: Arc<dyn Reader>,
    /// The read models.
    pub messages: Arc<dyn Reader>,
    pub keys: Arc<dyn KeyStore>,
    pub tokens: Arc<Tokens>,
}

impl Finder {
    /// One page of a room's messages that say what is looked for, newest first.
    pub async fn find(&self, room: RoomKey, query: &Query, page: Page) -> Result<Found, ReadError> {
        let wanted = tokens::text(&self.tokens.of_room(room.id).of_query(&query.folded));
        if tokens::is_piece(&query.folded) {
            self.find_piece(room, query, &wanted, page).await
        } else {
            self.find_text(room, query, &wanted, page).await
        }
    }

    /// The index alone knows which messages have one of its pieces: no texts are looked at but
    /// those of the page.
    async fn find_piece(
        &self,
        room: RoomKey,
        query: &Query,
        wanted: &str,
        page: Page,
    ) -> Result<Found, ReadError> {
        let all = self.candidates(wanted, NEWEST, COUNTED_HITS).await?;
        let skipped = usize::try_from(page.offset()).unwrap_or(usize::MAX);
        let size = usize::try_from(page.size).unwrap_or(usize::MAX);
        let rest = all.get(skipped..).unwrap_or_default();
        let shown = &rest[..size.min(rest.len())];
        let hits = self.confirmed(room, query, shown).await?;
        // Those that were changed since the index was written, or share a hash by chance.
        let others = shown.len() - hits.len();
        Ok(Found {
            hits,
            total: (all.len() - others) as u64,
            has_more: rest.len() > shown.len(),
        })
    }

    /// Messages that have all pieces of a query may still not say it: their texts decide.
    async fn find_text(
        &self,
        room: RoomKey,
        query: &Query,
        wanted: &str,
        page: Page,
    ) -> Result<Found, ReadError> {
        let shown = page.offset()..page.offset() + u64::from(page.size);
        let mut found = Found::default();
        let (mut before, mut left) = (NEWEST, CANDIDATES_LOOKED_AT);
        let mut at_once = FIRST_CANDIDATES;
        while left > 0 && found.total < COUNTED_HITS {
            let limit = at_once.min(left);
            let candidates = self.candidates(wanted, before, limit as u64).await?;
            for hit in self.confirmed(room, query, &candidates).await? {
                if shown.contains(&found.total) {
                    found.hits.push(hit);
                }
                found.total += 1;
                if found.total == COUNTED_HITS {
                    break;
                }
            }
            let Some(last) = candidates.last().filter(|_| candidates.len() == limit) else {
                break;
            };
            before = *last;
            left -= limit;
            at_once = MORE_CANDIDATES;
        }
        found.has_more = shown.end < found.total;
        Ok(found)
    }

    /// Numbers of messages that have all of some tokens, newest first, those before a number.
    async fn candidates(
        &self,
        wanted: &str,
        before: u64,
        limit: u64,
    ) -> Result<Vec<u64>, ReadError> {
        let asked = values![wanted, before, limit];
        many(&*self.index, CANDIDATES, asked, |row| row.get(0)).await
    }

    /// Those of some candidates whose text says it, newest first.
    async fn confirmed(
        &self,
        room: RoomKey,
        query: &Query,
        candidates: &[u64],
    ) -> Result<Vec<Hit>, ReadError> {
        if candidates.is_empty() {
            return Ok(Vec::new());
        }
        let mut rows = messages::by_numbers(&*self.messages, candidates).await?;
        // Two rooms may share a token by chance, and no room may show what another one says.
        rows.retain(|row| row.room == room.number);
        rows.sort_unstable_by_key(|row| std::cmp::Reverse(row.number));
        let keys = Arc::clone(&self.keys);
        let query = query.clone();
        // Reading a key that is not in memory blocks.
        tokio::task::spawn_blocking(move || open_all(rows, &query, &*keys))
            .await
            .map_err(|cause| ReadError::Unavailable(cause.to_string()))?
            .map_err(|cause| ReadError::Unavailable(cause.to_string()))
    }
}

fn open_all(
    rows: Vec<MessageRow>,
    query: &Query,
    keys: &dyn KeyStore,
) -> Result<Vec<Hit>, OpenError> {
    let bodies = rows.iter().filter_map(|row| row.body.as_ref());
    keys.warm(&mut bodies.flat_map(|body| {
        let keys = body.keys();
        std::iter::once(&keys.subject).chain(&keys.bucket)
    }));
    let mut hits = Vec::new();
    for message in rows {
        // What was deleted meanwhile says nothing any more.
        let Some(body) = &message.body else { continue };
        let Some(body) = body.open::<MessageBody>(keys)? else {
            continue;
        };
        if let Some(highlight) = fold::find(&body.text, &query.folded) {
            let highlight = highlight.to_owned();
            hits.push(Hit {
                message,
                body,
                highlight,
            });
        }
    }
    Ok(hits)
}
