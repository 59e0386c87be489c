//! What seals of the log are made of: leaves, trees, ranges, the key that signs, and the newest
//! seal as the key store remembers it. Seals vouch for events; sealing parts is another thing.

mod head;
mod leaf;
mod merkle;
mod range;
mod signer;
mod text;

pub use head::SealHead;
pub use leaf::{canonical_bytes, leaf_of};
pub use merkle::{Hash, MerkleTree, leaf_hash};
pub use range::{NO_ROOT, SealedRange, ShortLeaf, read_leaves, short};
pub use signer::{SealKey, is_signed};
pub use text::{hex, read_hex};
