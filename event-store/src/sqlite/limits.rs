//! Limits of the embedded log, each with its unit.

use std::time::Duration;

/// Events in one transaction, and so in one append.
pub const BATCH_EVENTS: usize = 512;

/// Bytes of payloads, parts and metadata in one transaction, and so in one append.
pub const BATCH_BYTES: usize = 1024 * 1024;

/// Appends that wait for the writer; further callers wait for a place.
pub(super) const QUEUED_APPENDS: usize = 8_192;

/// Bytes of the appends that wait for the writer; further callers wait for room.
pub(super) const QUEUED_BYTES: usize = 64 * BATCH_BYTES;

/// Versions of streams that the writer remembers.
pub(super) const CACHED_HEADS: usize = 262_144;

/// Categories of streams, and types with their versions, that one log may hold.
pub(super) const NAMES: i64 = 16_384;

/// Events that are kept in memory for followers.
pub(super) const RECENT_EVENTS: usize = 16_384;

/// Bytes of the events that are kept in memory for followers.
pub(super) const RECENT_BYTES: usize = 32 * 1024 * 1024;

/// Events that a follower who is behind reads at a time.
pub(super) const FOLLOW_PAGE: usize = 512;

/// How often a follower looks for events of another process.
pub(super) const POLL_EVERY: Duration = Duration::from_millis(50);

/// Beyond this many bytes the WAL is made to start from its beginning again.
pub(super) const WAL_REUSE_BYTES: u64 = 16 * 1024 * 1024;

/// What is left of a WAL that had to grow beyond, e.g. during a backup.
pub(super) const WAL_KEEP_BYTES: u64 = 32 * 1024 * 1024;

/// How long the writer waits for readers to leave the WAL before it appends on.
pub(super) const WAL_RESTART_WAIT: Duration = Duration::from_millis(20);

/// Memory for pages of the writing connection, in KiB.
pub(super) const WRITER_CACHE_KIB: u32 = 32 * 1024;
