//! Merkle tree hashes of RFC 6962, grown leaf by leaf in logarithmic memory.

use sha2::{Digest, Sha256};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// What goes before the data of a leaf, and before the two children of a node.
const LEAF: [u8; 1] = [0];
const NODE: [u8; 1] = [1];

/// The hash of one leaf.
pub fn leaf_hash(data: &[u8]) -> Hash {
    Sha256::new()
        .chain_update(LEAF)
        .chain_update(data)
        .finalize()
        .into()
}

fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new()
        .chain_update(NODE)
        .chain_update(left)
        .chain_update(right)
        .finalize()
        .into()
}

/// A tree that is only ever added to. It holds one hash for each 1 in the binary number of its
/// leaves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MerkleTree {
    /// The roots of perfect subtrees, the largest and leftmost first.
    subtrees: Vec<Hash>,
    leaves: u64,
}

impl MerkleTree {
    /// Adds a leaf by its hash.
    pub fn push(&mut self, leaf: Hash) {
        let mut right = leaf;
        // As many subtrees are completed as the number of leaves ends in ones.
        for _ in 0..self.leaves.trailing_ones() {
            if let Some(left) = self.subtrees.pop() {
                right = node_hash(&left, &right);
            }
        }
        self.subtrees.push(right);
        self.leaves += 1;
    }

    /// How many leaves it has.
    pub fn leaves(&self) -> u64 {
        self.leaves
    }

    /// The Merkle tree hash of all leaves; for none the hash of nothing.
    pub fn root(&self) -> Hash {
        let mut subtrees = self.subtrees.iter().rev();
        let Some(last) = subtrees.next() else {
            return Sha256::digest([]).into();
        };
        subtrees.fold(*last, |right, left| node_hash(left, &right))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::log_seal::hex;

    /// The leaves of the test vectors of Certificate Transparency.
    const LEAVES: [&[u8]; 8] = [
        &[],
        &[0x00],
        &[0x10],
        &[0x20, 0x21],
        &[0x30, 0x31],
        &[0x40, 0x41, 0x42, 0x43],
        &[0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
        &[
            0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d,
            0x6e, 0x6f,
        ],
    ];

    /// Their roots, from none of the leaves to all.
    const ROOTS: [&str; 9] = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    /// The definition of RFC 6962, section 2.1, word for word.
    fn defined(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Sha256::digest([]).into(),
            [leaf] => *leaf,
            more => {
                let largest = (more.len() - 1).ilog2();
                let (left, right) = more.split_at(1 << largest);
                node_hash(&defined(left), &defined(right))
            }
        }
    }

    #[test]
    fn the_roots_are_those_of_the_published_test_vectors() {
        let mut tree = MerkleTree::default();
        assert_eq!(hex(&tree.root()), ROOTS[0]);
        for (leaf, root) in LEAVES.iter().zip(&ROOTS[1..]) {
            tree.push(leaf_hash(leaf));
            assert_eq!(hex(&tree.root()), *root);
        }
    }

    proptest! {
        #[test]
        fn a_tree_grown_leaf_by_leaf_is_the_one_that_is_defined(
            leaves in proptest::collection::vec(any::<[u8; 32]>(), 0..300),
        ) {
            let mut tree = MerkleTree::default();
            for leaf in &leaves {
                tree.push(*leaf);
            }
            prop_assert_eq!(tree.root(), defined(&leaves));
            prop_assert!(tree.subtrees.len() <= 9);
        }

        #[test]
        fn no_leaf_can_be_changed_left_out_or_moved(
            leaves in proptest::collection::vec(any::<[u8; 32]>(), 2..80),
            one in any::<prop::sample::Index>(),
            other in any::<prop::sample::Index>(),
        ) {
            let root = defined(&leaves);
            let (one, other) = (one.index(leaves.len()), other.index(leaves.len()));
            let mut changed = leaves.clone();
            changed[one][other % 32] ^= 1;
            prop_assert_ne!(defined(&changed), root);
            let mut shorter = leaves.clone();
            shorter.remove(one);
            prop_assert_ne!(defined(&shorter), root);
            let mut moved = leaves.clone();
            moved.swap(one, other);
            prop_assert_eq!(defined(&moved) == root, leaves[one] == leaves[other]);
        }
    }
}
