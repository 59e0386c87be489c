//! Limits of the log in KurrentDB, each with its unit.

use std::time::Duration;

/// How long an append waits for room in the queue.
pub(super) const QUEUE_WAIT: Duration = Duration::from_secs(2);

/// How long a connection to a node may take to come about.
pub(super) const CONNECT_WAIT: Duration = Duration::from_secs(2);

/// How long one answer of the server is waited for; its own limit for a commit is 2 s.
pub(super) const ANSWER_WAIT: Duration = Duration::from_secs(3);

/// How long it is tried to learn what became of an append whose answer was lost, and to reach a
/// server that is not there.
pub(super) const OUTCOME_WAIT: Duration = Duration::from_secs(5);

/// After a failure the next attempt is made no sooner than this; twice as long each time.
pub(super) const FIRST_BACKOFF: Duration = Duration::from_millis(20);

/// The longest time between two attempts.
pub(super) const LONGEST_BACKOFF: Duration = Duration::from_millis(500);

/// How often the end of the log is looked at, whatever a subscription tells.
pub(super) const LOOK_EVERY: Duration = Duration::from_millis(250);

/// How long a read waits until the copy has what the log has.
pub(super) const CATCH_UP_WAIT: Duration = Duration::from_secs(2);

/// Events that are read from the server at once.
pub(super) const PAGE: u64 = 512;

/// Bytes of events after which no more are read at once.
pub(super) const PAGE_BYTES: usize = 8 * 1024 * 1024;

/// Bytes of what one append sends to the server, whose own limit is 1 MiB unless it is set
/// otherwise. Sealed parts are text there, and so a third longer.
pub(super) const APPEND_BYTES: usize = 1_000_000;

/// Bytes of one answer that the server may send.
pub(super) const ANSWER_BYTES: usize = 32 * 1024 * 1024;

/// Appends that other nodes may overtake before the waiting caller is told to try later.
pub(super) const OVERTAKEN: usize = 64;

/// After this long without traffic the other end is asked whether it is there; and so long it may
/// take to answer.
pub(super) const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// How often one read is sent on from a node to the one that leads.
pub(super) const REFERRALS: usize = 3;
