//! The events: what the target holds already is compared, the rest is imported and read back.

use std::sync::Arc;

use event_store::log_seal::leaf_of;
use event_store::{EventStore, Position, Recorded, StoreError};
use sha2::{Digest, Sha256};

use super::ends::Ends;
use crate::failure::Failure;
use crate::hex::hex;
use crate::progress::Progress;

/// Events in one read, and in one import.
const PAGE_EVENTS: usize = 512;

/// What the target held before.
pub struct Prefix {
    pub head: Position,
    /// Over its leaf hashes, and those of the source.
    pub hash: Sha256,
}

pub struct Copied {
    pub copied: u64,
    /// Over the leaf hashes of all events.
    pub sha256: String,
}

/// Fails where the target holds anything but the first events of the source.
pub async fn compare_prefix(ends: &Ends) -> Result<Prefix, Failure> {
    let head = ends.target.head().await?;
    let source_head = ends.source.head().await?;
    if head > source_head {
        let reason = format!("it holds {head} events, the source {source_head}");
        return Err(Failure::Target(reason));
    }
    let mut hash = Sha256::new();
    let mut progress = Progress::over(head, "comparing");
    let mut after = 0;
    while after < head {
        let there = page(&*ends.target, after, head).await?;
        let last = there.last().map_or(after, |event| event.position);
        let source = page(&*ends.source, after, last).await?;
        for (there, source) in there.iter().zip(&source) {
            let leaf = leaf_of(source);
            if leaf != leaf_of(there) {
                let position = there.position;
                let reason = format!("at position {position} it holds another event");
                return Err(Failure::Target(reason));
            }
            hash.update(leaf);
        }
        progress.passed(source.len() as u64, last);
        after = last;
    }
    progress.end();
    Ok(Prefix { head, hash })
}

/// Imports what is behind `head`, up to `until`, and reads it back.
pub async fn copy_rest(
    ends: &Ends,
    Prefix { head, hash }: Prefix,
    until: Position,
) -> Result<Copied, Failure> {
    let mut imported = hash.clone();
    let mut progress = Progress::over(until - head, "copying");
    let mut events = Vec::new();
    if head < until {
        events = page(&*ends.source, head, until).await?;
    }
    while let Some(last) = events.last().map(|event| event.position) {
        let next = async {
            if last < until {
                page(&*ends.source, last, until).await
            } else {
                Ok(Vec::new())
            }
        };
        let (position, next) = tokio::join!(ends.import.import(&events), next);
        let position = position.map_err(Failure::Import)?;
        if position != last {
            let reason =
                format!("the event of position {last} is at {position}: does another one write?");
            return Err(Failure::Target(reason));
        }
        for event in &events {
            imported.update(leaf_of(event));
        }
        progress.passed(events.len() as u64, last - head);
        events = next?;
    }
    progress.end();

    let mut read_back = hash;
    let mut progress = Progress::over(until - head, "reading back");
    let mut after = head;
    while after < until {
        let events = page(&*ends.target, after, until).await?;
        for event in &events {
            read_back.update(leaf_of(event));
        }
        after = events.last().map_or(after, |event| event.position);
        progress.passed(events.len() as u64, after - head);
    }
    progress.end();
    let (imported, read_back) = (hex(&imported.finalize()), hex(&read_back.finalize()));
    let there = ends.target.head().await?;
    if (there, &read_back) != (until, &imported) {
        return Err(Failure::NotTheSame {
            until,
            there,
            source_sha256: imported,
            target_sha256: read_back,
        });
    }
    Ok(Copied {
        copied: until - head,
        sha256: imported,
    })
}

/// Events behind `after` and not behind `until`; at least one.
async fn page(
    store: &dyn EventStore,
    after: Position,
    until: Position,
) -> Result<Vec<Arc<Recorded>>, StoreError> {
    let limit = usize::try_from(until - after).map_or(PAGE_EVENTS, |left| left.min(PAGE_EVENTS));
    let events = store.read_all(after, limit).await?.events;
    if events.is_empty() {
        return Err(StoreError::Corrupt {
            position: after + 1,
            reason: "nothing is here although the log goes on".to_owned(),
        });
    }
    Ok(events)
}
