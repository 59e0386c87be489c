//! Limits that every log keeps, each with its unit.

use std::time::Duration;

/// Events in one transaction, and so in one append.
pub const BATCH_EVENTS: usize = 512;

/// Bytes of payloads, parts and metadata in one transaction, and so in one append.
pub const BATCH_BYTES: usize = 1024 * 1024;

/// Bytes of a stream's name, and of an event's type. An index row of PostgreSQL has 2,700.
pub const NAME_BYTES: usize = 1024;

/// Appends that wait for the writer; further callers wait for a place.
pub(crate) const QUEUED_APPENDS: usize = 8_192;

/// Bytes of the appends that wait for the writer; further callers wait for room.
pub(crate) const QUEUED_BYTES: usize = 64 * BATCH_BYTES;

/// Versions of streams that the writer remembers.
pub(crate) const CACHED_HEADS: usize = 262_144;

/// Events that are kept in memory for followers.
pub(crate) const RECENT_EVENTS: usize = 16_384;

/// Bytes of the events that are kept in memory for followers.
pub(crate) const RECENT_BYTES: usize = 32 * 1024 * 1024;

/// Events that a follower who is behind reads at a time.
pub(crate) const FOLLOW_PAGE: usize = 512;

/// How often a follower looks for events of another process.
pub(crate) const POLL_EVERY: Duration = Duration::from_millis(50);
