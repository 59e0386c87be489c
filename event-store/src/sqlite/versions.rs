//! The version of a stream, as the index `events_by_stream` knows it.

use rusqlite::{Connection, OptionalExtension};

use super::naming::Naming;
use super::stream_key::StreamKey;
use crate::heads::Heads;
use crate::{StreamName, Version};

/// From the cache, else from the index.
pub(super) fn version(
    connection: &Connection,
    naming: &mut Naming,
    heads: &mut Heads,
    stream: &StreamName,
) -> rusqlite::Result<Version> {
    if let Some(version) = heads.cached(stream) {
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
    heads.learn(stream.clone(), version);
    Ok(version)
}
