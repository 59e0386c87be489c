//! Limits of the log in PostgreSQL, each with its unit.

use std::time::Duration;

/// How long an append waits for room in the queue, and in it for its turn.
pub(super) const QUEUE_WAIT: Duration = Duration::from_secs(2);

/// How long a statement waits for a lock. With [`QUEUE_WAIT`] this bounds what an append waits.
pub(super) const LOCK_WAIT: Duration = Duration::from_millis(1_500);

/// How long the writer waits for the answers to what it sent in one go, before it gives the
/// connection up. Longer than the server waits for a lock.
pub(super) const ANSWER_WAIT: Duration = Duration::from_secs(3);

/// How long a connection outside the pool may take to come about and be prepared.
pub(super) const CONNECT_WAIT: Duration = Duration::from_secs(2);

/// After a failed connection the next is tried no sooner than this; twice as long each time.
pub(super) const FIRST_BACKOFF: Duration = Duration::from_millis(50);

/// The longest time between two connections that fail.
pub(super) const LONGEST_BACKOFF: Duration = Duration::from_millis(500);

/// Events of other nodes whose streams the writer takes in under its lock. Of more it only learns
/// that its versions are stale.
pub(super) const TAKEN_IN: usize = 4_096;

/// Batches of this node that are held until those of other nodes before them have been read.
pub(super) const HELD_BATCHES: usize = 64;
