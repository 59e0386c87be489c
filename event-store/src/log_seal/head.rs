//! The newest seal as the key store remembers it, apart from the log: so it is told when the end
//! of the log was cut off, or a part of it replaced.

use super::merkle::Hash;
use super::text::hex;
use crate::Position;
use crate::keys::{KeyError, KeyStore};

/// Each is a secret of this prefix, the position in 20 digits, and the beginning of the leaf, so
/// that a second seal at the same position does not take the place of the first.
const PREFIX: &str = "seal-head/";

/// A seal that was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealHead {
    /// Where the seal itself stands.
    pub position: Position,
    pub root: Hash,
    /// The leaf of the seal itself.
    pub leaf: Hash,
}

impl SealHead {
    /// All that are remembered, in the order of their positions. Usually one; more after a crash,
    /// or where the log went back behind one. It may block, as the others do.
    pub fn all(keys: &dyn KeyStore) -> Result<Vec<Self>, KeyError> {
        let mut heads = Vec::new();
        for name in keys.secret_names(PREFIX)? {
            // Another node may have removed it in the meantime.
            if let Some(secret) = keys.secret(&name)? {
                let head = Self::read(&secret);
                heads.push(head.ok_or_else(|| KeyError::DoesNotUnwrap(name.into()))?);
            }
        }
        Ok(heads)
    }

    /// Remembers it, durably.
    pub fn remember(&self, keys: &dyn KeyStore) -> Result<(), KeyError> {
        let mut secret = self.position.to_be_bytes().to_vec();
        secret.extend_from_slice(&self.root);
        secret.extend_from_slice(&self.leaf);
        keys.put_secret(&self.name(), &secret).map(drop)
    }

    /// Forgets it, once a later one is remembered.
    pub fn forget(&self, keys: &dyn KeyStore) -> Result<(), KeyError> {
        keys.remove_secret(&self.name())
    }

    fn name(&self) -> String {
        format!("{PREFIX}{:020}/{}", self.position, hex(&self.leaf[..8]))
    }

    fn read(secret: &[u8]) -> Option<Self> {
        let (position, rest) = secret.split_first_chunk()?;
        let (root, rest) = rest.split_first_chunk()?;
        Some(Self {
            position: Position::from_be_bytes(*position),
            root: *root,
            leaf: rest.try_into().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{KeyBytes, SqliteKeyStore};

    fn head(position: Position, byte: u8) -> SealHead {
        SealHead {
            position,
            root: [byte; 32],
            leaf: [byte; 32],
        }
    }

    #[test]
    fn heads_are_remembered_in_order_and_forgotten_one_by_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.db");
        let keys = SqliteKeyStore::open(path, KeyBytes::new([1; 32])).unwrap();
        let [early, late, other] = [head(9, 1), head(10, 2), head(10, 3)];
        for head in [late, early, other, late] {
            head.remember(&keys).unwrap();
        }
        assert_eq!(SealHead::all(&keys).unwrap(), [early, late, other]);
        early.forget(&keys).unwrap();
        early.forget(&keys).unwrap();
        assert_eq!(SealHead::all(&keys).unwrap(), [late, other]);
    }

    #[test]
    fn a_damaged_head_is_an_error_and_never_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.db");
        let keys = SqliteKeyStore::open(path, KeyBytes::new([1; 32])).unwrap();
        keys.put_secret("seal-head/1", b"short").unwrap();
        assert!(SealHead::all(&keys).is_err());
    }
}
