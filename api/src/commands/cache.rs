//! Aggregates kept by stream and version. A stale one costs a conflict, never a wrong event.

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

use event_store::{StreamName, Version};
use parking_lot::Mutex;

/// Aggregates kept in memory at most; the older half goes when it is full.
const MAX_CACHED_AGGREGATES: usize = 20_000;

/// An aggregate of any type at a version of its stream.
type Cached = (Version, Arc<dyn Any + Send + Sync>);

/// Two generations: what is used moves to the young one; the old one is dropped when it is full.
#[derive(Default)]
struct Generations {
    young: HashMap<StreamName, Cached>,
    old: HashMap<StreamName, Cached>,
}

#[derive(Default)]
pub(super) struct Cache(Mutex<Generations>);

impl Cache {
    pub(super) fn get<A: Send + Sync + 'static>(
        &self,
        stream: &StreamName,
    ) -> Option<(Version, Arc<A>)> {
        let mut generations = self.0.lock();
        let cached = if let Some(cached) = generations.young.get(stream) {
            cached.clone()
        } else {
            let cached = generations.old.remove(stream)?;
            generations.insert(stream.clone(), cached.clone());
            cached
        };
        cached.1.downcast().ok().map(|state| (cached.0, state))
    }

    /// Keeps an aggregate unless a newer version of it is there.
    pub(super) fn put(
        &self,
        stream: StreamName,
        version: Version,
        state: Arc<dyn Any + Send + Sync>,
    ) {
        let mut generations = self.0.lock();
        let newer = generations
            .young
            .get(&stream)
            .is_some_and(|(known, _)| *known > version)
            || generations
                .old
                .get(&stream)
                .is_some_and(|(known, _)| *known > version);
        if !newer {
            generations.old.remove(&stream);
            generations.insert(stream, (version, state));
        }
    }
}

impl Generations {
    fn insert(&mut self, stream: StreamName, cached: Cached) {
        if self.young.len() >= MAX_CACHED_AGGREGATES / 2 {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(stream, cached);
    }
}
