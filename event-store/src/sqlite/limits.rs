//! Limits of the embedded log, each with its unit.

use std::time::Duration;

/// Categories of streams, and types with their versions, that one log may hold.
pub(super) const NAMES: i64 = 16_384;

/// Beyond this many bytes the WAL is made to start from its beginning again.
pub(super) const WAL_REUSE_BYTES: u64 = 16 * 1024 * 1024;

/// What is left of a WAL that had to grow beyond, e.g. during a backup.
pub(super) const WAL_KEEP_BYTES: u64 = 32 * 1024 * 1024;

/// How long the writer waits for readers to leave the WAL before it appends on.
pub(super) const WAL_RESTART_WAIT: Duration = Duration::from_millis(20);

/// Memory for pages of the writing connection, in KiB.
pub(super) const WRITER_CACHE_KIB: u32 = 32 * 1024;
