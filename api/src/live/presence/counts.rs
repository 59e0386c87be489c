//! How many connections there are of something: at this node, and how many other nodes have some.

use std::collections::HashMap;
use std::hash::Hash;

/// Connections at this node, and other nodes that have any.
#[derive(Default)]
struct Count {
    ours: usize,
    others: usize,
}

/// By what they are connections of.
pub(super) struct Counts<K>(HashMap<K, Count>);

/// Whether a change was that of the first or the last connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Came {
    /// Of this node.
    pub of_ours: bool,
    /// Of all nodes.
    pub of_all: bool,
}

impl<K> Default for Counts<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Copy + Eq + Hash> Counts<K> {
    pub fn has(&self, key: &K) -> bool {
        self.0.contains_key(key)
    }

    /// A connection at this node came.
    pub fn one_more(&mut self, key: K) -> Came {
        let count = self.0.entry(key).or_default();
        count.ours += 1;
        let of_ours = count.ours == 1;
        Came {
            of_ours,
            of_all: of_ours && count.others == 0,
        }
    }

    /// A connection at this node went.
    pub fn one_less(&mut self, key: &K) -> Came {
        let Some(count) = self.0.get_mut(key).filter(|count| count.ours > 0) else {
            return Came::default();
        };
        count.ours -= 1;
        let of_ours = count.ours == 0;
        Came {
            of_ours,
            of_all: of_ours && self.removed(key),
        }
    }

    /// Another node has the first connection of its own. Whether it is the first of all.
    pub fn another_node(&mut self, key: K) -> bool {
        let count = self.0.entry(key).or_default();
        count.others += 1;
        count.ours == 0 && count.others == 1
    }

    /// Another node has none any more. Whether nobody has.
    pub fn one_node_less(&mut self, key: &K) -> bool {
        let Some(count) = self.0.get_mut(key).filter(|count| count.others > 0) else {
            return false;
        };
        count.others -= 1;
        self.removed(key)
    }

    /// What this node has connections of.
    pub fn ours(&self) -> impl Iterator<Item = K> + '_ {
        let ours = self.0.iter().filter(|(_, count)| count.ours > 0);
        ours.map(|(key, _)| *key)
    }

    fn removed(&mut self, key: &K) -> bool {
        let is_gone = self
            .0
            .get(key)
            .is_some_and(|count| count.ours == 0 && count.others == 0);
        if is_gone {
            self.0.remove(key);
        }
        is_gone
    }
}
