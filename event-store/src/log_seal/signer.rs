//! The key that signs seals: one secret of the whole system, made once.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use zeroize::Zeroizing;

use super::text::{hex, read_hex};
use crate::keys::{KeyError, KeyStore};

/// The name of the secret in the key store: the seed of an Ed25519 key.
const SECRET_NAME: &str = "seal-key";

/// Signs seals.
pub struct SealKey(SigningKey);

impl SealKey {
    /// Takes the key from the key store; it is made, durably, when there is none. It may block.
    pub fn load(keys: &dyn KeyStore) -> Result<Self, KeyError> {
        if let Some(key) = Self::find(keys)? {
            return Ok(key);
        }
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(seed.as_mut_slice())
            .map_err(|error| KeyError::Unavailable(format!("no random bytes: {error}")))?;
        Self::read(&keys.put_secret(SECRET_NAME, seed.as_slice())?)
    }

    /// The key, if there is one.
    pub fn find(keys: &dyn KeyStore) -> Result<Option<Self>, KeyError> {
        let stored = keys.secret(SECRET_NAME)?;
        stored.map(|stored| Self::read(&stored)).transpose()
    }

    fn read(stored: &[u8]) -> Result<Self, KeyError> {
        <&[u8; 32]>::try_from(stored)
            .map(|seed| Self(SigningKey::from_bytes(seed)))
            .map_err(|_| KeyError::DoesNotUnwrap(SECRET_NAME.into()))
    }

    /// The public key, hexadecimal.
    pub fn public(&self) -> String {
        hex(self.0.verifying_key().as_bytes())
    }

    /// The signature of a statement, hexadecimal.
    pub fn sign(&self, statement: &str) -> String {
        hex(&self.0.sign(statement.as_bytes()).to_bytes())
    }
}

/// Whether the owner of this public key signed this statement. Both in hexadecimal.
pub fn is_signed(public: &str, statement: &str, signature: &str) -> bool {
    let Some(key) = read_hex(public).and_then(|bytes| VerifyingKey::from_bytes(&bytes).ok()) else {
        return false;
    };
    read_hex(signature).is_some_and(|bytes| {
        let signature = Signature::from_bytes(&bytes);
        key.verify_strict(statement.as_bytes(), &signature).is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{KeyBytes, SqliteKeyStore};

    fn store(folder: &tempfile::TempDir) -> SqliteKeyStore {
        SqliteKeyStore::open(folder.path().join("keys.db"), KeyBytes::new([1; 32])).unwrap()
    }

    #[test]
    fn the_key_is_made_once_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let keys = store(&folder);
        assert!(SealKey::find(&keys).unwrap().is_none());
        let made = SealKey::load(&keys).unwrap().public();
        assert_eq!(SealKey::load(&keys).unwrap().public(), made);
        drop(keys);
        let again = SealKey::find(&store(&folder)).unwrap().unwrap();
        assert_eq!(again.public(), made);
    }

    #[test]
    fn only_the_owner_of_the_key_signs_and_only_what_was_said() {
        let folder = tempfile::tempdir().unwrap();
        let key = SealKey::load(&store(&folder)).unwrap();
        let other = SealKey::load(&store(&tempfile::tempdir().unwrap())).unwrap();
        let signature = key.sign("from 1 to 2");
        assert!(is_signed(&key.public(), "from 1 to 2", &signature));
        assert!(!is_signed(&key.public(), "from 1 to 3", &signature));
        assert!(!is_signed(&other.public(), "from 1 to 2", &signature));
        assert!(!is_signed("", "from 1 to 2", &signature));
        assert!(!is_signed(&key.public(), "from 1 to 2", ""));
    }

    #[test]
    fn a_damaged_key_is_an_error_and_never_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let keys = store(&folder);
        keys.put_secret(SECRET_NAME, b"short").unwrap();
        assert!(SealKey::load(&keys).is_err());
        assert!(SealKey::find(&keys).is_err());
    }
}
