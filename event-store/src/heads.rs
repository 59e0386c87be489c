//! The versions of streams as a writer knows them, with a way back for a failed transaction.

use crate::generations::Generations;
use crate::limits::CACHED_HEADS;
use crate::{StoreError, StreamName, Version};

/// A bounded cache over what the log holds.
pub(crate) struct Heads {
    cache: Generations<StreamName, Version>,
    /// What stood there before each change since the transaction began; none for what was not
    /// cached.
    undo: Vec<(StreamName, Option<Version>)>,
}

impl Heads {
    pub fn new() -> Self {
        Self {
            cache: Generations::new(CACHED_HEADS),
            undo: Vec::new(),
        }
    }

    pub fn cached(&mut self, stream: &StreamName) -> Option<Version> {
        self.cache.touch(stream).copied()
    }

    /// Takes in what the log holds, which no failed transaction changes.
    pub fn learn(&mut self, stream: StreamName, version: Version) {
        self.cache.insert(stream, version);
    }

    /// Changes a version within the transaction.
    pub fn set(&mut self, stream: &StreamName, version: Version) {
        let before = self.cached(stream);
        self.undo.push((stream.clone(), before));
        self.cache.insert(stream.clone(), version);
    }

    /// A mark to go back to.
    pub fn mark(&self) -> usize {
        self.undo.len()
    }

    pub fn back_to(&mut self, mark: usize) {
        for (stream, before) in self.undo.drain(mark..).rev() {
            match before {
                Some(version) => self.cache.insert(stream, version),
                None => self.cache.remove(&stream),
            }
        }
    }

    pub fn committed(&mut self) {
        self.undo.clear();
    }
}

/// Whether a stream has the version that a decision was made on.
pub(crate) fn check(
    stream: &StreamName,
    expected: Version,
    actual: Version,
) -> Result<(), StoreError> {
    if expected == actual {
        return Ok(());
    }
    Err(StoreError::Conflict {
        stream: stream.clone(),
        actual,
    })
}
