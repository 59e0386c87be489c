//! How many of those who were woken have not yet looked at their queues: with many of them, what
//! comes meanwhile is better sent together with what comes next.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// Connections that may have been woken and not yet run.
const MAX_OUTSTANDING: usize = 64;

/// So few of them that more are worth the trouble.
const EBB: usize = MAX_OUTSTANDING / 2;

/// Connections that were woken and have not yet run.
#[derive(Debug, Default)]
pub struct Wave {
    outstanding: AtomicUsize,
    ebbed: Notify,
}

impl Wave {
    pub(super) fn woken(&self) {
        self.outstanding.fetch_add(1, Ordering::AcqRel);
    }

    pub(super) fn ran(&self) {
        if self.outstanding.fetch_sub(1, Ordering::AcqRel) == EBB + 1 {
            self.ebbed.notify_one();
        }
    }

    /// Whether more may be woken.
    pub fn has_room(&self) -> bool {
        self.outstanding.load(Ordering::Acquire) < MAX_OUTSTANDING
    }

    /// Waits until a good part of those who may be woken have run. For one who waits at a time.
    pub async fn ebbs(&self) {
        while self.outstanding.load(Ordering::Acquire) > EBB {
            self.ebbed.notified().await;
        }
    }

    #[cfg(test)]
    pub fn outstanding(&self) -> usize {
        self.outstanding.load(Ordering::Acquire)
    }
}
