//! The stretch of the log that one seal covers, gathered event by event.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::merkle::{self, Hash, MerkleTree};
use crate::Position;

/// What stands for the root before the first one.
pub const NO_ROOT: Hash = [0; 32];

/// The beginning of an event's leaf hash: enough to tell which event of a range was changed.
pub type ShortLeaf = [u8; SHORT];
const SHORT: usize = 8;

/// The beginning of a leaf hash.
pub fn short(leaf: &Hash) -> ShortLeaf {
    let mut short = [0; SHORT];
    short.copy_from_slice(&leaf[..SHORT]);
    short
}

/// The text of a seal's `leaves` as what it stands for; none if it is anything else.
pub fn read_leaves(text: &str) -> Option<Vec<ShortLeaf>> {
    let bytes = STANDARD.decode(text).ok()?;
    let (leaves, rest) = bytes.as_chunks::<SHORT>();
    rest.is_empty().then(|| leaves.to_vec())
}

/// A stretch of the log on its way to a seal. The first leaf of its tree is the root before it, so
/// that each root stands for the whole log up to its end.
#[derive(Debug, Clone)]
pub struct SealedRange {
    from: Position,
    previous: Hash,
    tree: MerkleTree,
    leaves: Vec<u8>,
}

impl SealedRange {
    /// An empty range after the position that is sealed already, and its root.
    pub fn after(sealed_to: Position, previous: Hash) -> Self {
        let mut tree = MerkleTree::default();
        tree.push(merkle::leaf_hash(&previous));
        Self {
            from: sealed_to + 1,
            previous,
            tree,
            leaves: Vec::new(),
        }
    }

    /// Adds the event at the next position, by its leaf.
    pub fn push(&mut self, leaf: Hash) {
        self.tree.push(leaf);
        self.leaves.extend_from_slice(&short(&leaf));
    }

    /// How many events are in it.
    pub fn events(&self) -> u64 {
        self.tree.leaves() - 1
    }

    pub fn from(&self) -> Position {
        self.from
    }

    /// The last position in it; of an empty one the position before it.
    pub fn to(&self) -> Position {
        self.from - 1 + self.events()
    }

    /// The root before it.
    pub fn previous(&self) -> Hash {
        self.previous
    }

    pub fn root(&self) -> Hash {
        self.tree.root()
    }

    /// The short leaves, one after the other, in base64.
    pub fn leaves(&self) -> String {
        STANDARD.encode(&self.leaves)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_knows_its_positions_and_its_leaves() {
        let mut range = SealedRange::after(40, NO_ROOT);
        assert_eq!((range.from(), range.to(), range.events()), (41, 40, 0));
        for leaf in 1..=3 {
            range.push([leaf; 32]);
        }
        assert_eq!((range.from(), range.to(), range.events()), (41, 43, 3));
        assert_eq!(
            read_leaves(&range.leaves()).unwrap(),
            [[1; 8], [2; 8], [3; 8]]
        );
    }

    #[test]
    fn the_root_stands_for_the_one_before_as_well() {
        let root = |previous: Hash| {
            let mut range = SealedRange::after(40, previous);
            range.push([1; 32]);
            range.root()
        };
        assert_ne!(root(NO_ROOT), root([1; 32]));
        assert_ne!(root(NO_ROOT), MerkleTree::default().root());
    }

    #[test]
    fn only_whole_leaves_are_read() {
        assert_eq!(read_leaves(""), Some(vec![]));
        for other in ["AAAA", "?", "AAAAAAAAAAAA"] {
            assert_eq!(read_leaves(other), None, "{other}");
        }
    }
}
