//! What stands behind the newest seal, while events go by.

use std::collections::VecDeque;
use std::sync::Arc;

use domain::{Event, SealEvent};
use event_store::log_seal::{Hash, NO_ROOT, SealedRange, leaf_of, read_hex};
use event_store::{Position, Recorded};
use projections::closed_fact;

/// Leaves that no seal covers.
pub struct Tail {
    sealed_to: Position,
    root: Hash,
    leaves: VecDeque<Hash>,
}

impl Default for Tail {
    fn default() -> Self {
        Self {
            sealed_to: 0,
            root: NO_ROOT,
            leaves: VecDeque::new(),
        }
    }
}

impl Tail {
    /// The event at the next position.
    pub fn event(&mut self, event: &Arc<Recorded>) {
        self.leaves.push_back(leaf_of(event));
        // Another event costs no decoding. One that does not decode is for `verify` to find.
        if &*event.event_type != "log.sealed" {
            return;
        }
        if let Ok(fact) = closed_fact(Arc::clone(event))
            && let Event::Seal(SealEvent::Sealed { to, root, .. }) = fact.event
            && let Some(root) = read_hex(&root)
            && (self.sealed_to..event.position).contains(&to)
        {
            for _ in self.sealed_to..to {
                self.leaves.pop_front();
            }
            (self.sealed_to, self.root) = (to, root);
        }
    }

    /// The stretch that a seal at the end would cover.
    pub fn range(&self) -> SealedRange {
        let mut range = SealedRange::after(self.sealed_to, self.root);
        for leaf in &self.leaves {
            range.push(*leaf);
        }
        range
    }
}
