//! The versions of streams as the writer knows them, with a way back for a failed transaction.

use rusqlite::{Connection, OptionalExtension};

use super::limits::CACHED_HEADS;
use super::naming::Naming;
use super::stream_key::StreamKey;
use crate::generations::Generations;
use crate::{StreamName, Version};

/// A bounded cache over the index `events_by_stream`.
pub(super) struct Heads {
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

    /// The version, from the index if it is not cached.
    pub fn load(
        &mut self,
        connection: &Connection,
        naming: &mut Naming,
        stream: &StreamName,
    ) -> rusqlite::Result<Version> {
        if let Some(version) = self.cached(stream) {
            return Ok(version);
        }
        let version = match naming.find_category(connection, stream.category())? {
            None => 0,
            Some(category) => connection
                .prepare_cached(
                    "SELECT sequence FROM events WHERE category = ?1 AND key = ?2
                     ORDER BY sequence DESC LIMIT 1",
                )?
                .query_row((category, StreamKey::of(stream).column(stream)), |row| {
                    row.get::<_, i64>(0)
                })
                .optional()?
                .map_or(0, i64::cast_unsigned),
        };
        self.cache.insert(stream.clone(), version);
        Ok(version)
    }

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
