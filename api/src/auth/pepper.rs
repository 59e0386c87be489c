//! The pepper: one secret of the whole system, under which emails, codes and addresses are hashed.

use event_store::keys::{KeyError, KeyStore, PEPPER, keyed_hash};
use zeroize::Zeroizing;

/// A secret for keyed hashes. Without it nobody can tell which email or code a hash stands for.
#[derive(Clone)]
pub struct Pepper(Zeroizing<[u8; 32]>);

impl Pepper {
    /// Takes the pepper from the key store; it is made, durably, when there is none.
    pub fn load(keys: &dyn KeyStore) -> Result<Self, KeyError> {
        let stored = if let Some(stored) = keys.secret(PEPPER)? {
            stored
        } else {
            keys.put_secret(PEPPER, random_bytes()?.as_slice())?
        };
        <[u8; 32]>::try_from(stored.as_slice())
            .map(|bytes| Self(Zeroizing::new(bytes)))
            .map_err(|_| KeyError::DoesNotUnwrap(PEPPER.into()))
    }

    /// A pepper of these bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The keyed hash of some parts for one purpose; other purposes give other hashes.
    pub fn hash(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        keyed_hash(&self.0, purpose, parts)
    }

    /// The same in hexadecimal.
    pub fn hex(&self, purpose: &str, parts: &[&[u8]]) -> String {
        hex(&self.hash(purpose, parts))
    }
}

impl std::fmt::Debug for Pepper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pepper(..)")
    }
}

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(DIGITS[usize::from(byte >> 4)].into());
        text.push(DIGITS[usize::from(byte & 15)].into());
    }
    text
}

/// 32 bytes that nobody can guess.
pub(super) fn random_bytes() -> Result<Zeroizing<[u8; 32]>, KeyError> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut_slice())
        .map_err(|error| KeyError::Unavailable(format!("no random bytes: {error}")))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::memory_keys::MemoryKeys;

    #[test]
    fn the_pepper_is_made_once_and_kept() {
        let keys = MemoryKeys::default();
        let first = Pepper::load(&keys).unwrap();
        let again = Pepper::load(&keys).unwrap();
        assert_eq!(first.hex("x", &[b"a"]), again.hex("x", &[b"a"]));
        let other = Pepper::load(&MemoryKeys::default()).unwrap();
        assert_ne!(first.hex("x", &[b"a"]), other.hex("x", &[b"a"]));
    }

    #[test]
    fn purposes_and_parts_never_run_into_each_other() {
        let pepper = Pepper::new([7; 32]);
        assert_ne!(pepper.hash("a", &[b"bc"]), pepper.hash("ab", &[b"c"]));
        assert_ne!(pepper.hash("a", &[b"b", b"c"]), pepper.hash("a", &[b"bc"]));
        assert_ne!(pepper.hash("a", &[b""]), pepper.hash("a", &[]));
    }

    #[test]
    fn a_damaged_pepper_is_an_error_and_never_made_anew() {
        let keys = MemoryKeys::default();
        keys.put_secret(PEPPER, b"short").unwrap();
        assert!(Pepper::load(&keys).is_err());
    }
}
