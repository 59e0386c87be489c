//! Wrapping keys and secrets under the master key, each bound to its kind and name.

use zeroize::Zeroizing;

use super::{KeyBytes, KeyError};
use crate::cipher;

/// What is wrapped: a value of one kind does not unwrap as one of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Key,
    Secret,
    Check,
}

impl Kind {
    fn context(self, name: &str) -> Vec<u8> {
        let kind = match self {
            Self::Key => "key:",
            Self::Secret => "secret:",
            Self::Check => "check:",
        };
        [kind.as_bytes(), name.as_bytes()].concat()
    }
}

pub(super) fn wrap(
    master: &KeyBytes,
    kind: Kind,
    name: &str,
    value: &[u8],
) -> Result<Vec<u8>, KeyError> {
    cipher::encrypt(master, &kind.context(name), value)
        .map_err(|cause| KeyError::Unavailable(cause.to_string()))
}

pub(super) fn unwrap(
    master: &KeyBytes,
    kind: Kind,
    name: &str,
    wrapped: &[u8],
) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    cipher::decrypt(master, &kind.context(name), wrapped)
        .map(Zeroizing::new)
        .ok_or_else(|| KeyError::DoesNotUnwrap(name.into()))
}

pub(super) fn unwrap_key(
    master: &KeyBytes,
    name: &str,
    wrapped: &[u8],
) -> Result<KeyBytes, KeyError> {
    let value = unwrap(master, Kind::Key, name, wrapped)?;
    let mut key = KeyBytes::default();
    if value.len() != key.len() {
        return Err(KeyError::DoesNotUnwrap(name.into()));
    }
    key.copy_from_slice(&value);
    Ok(key)
}

/// A value that only this master key unwraps.
pub(super) fn wrap_check(master: &KeyBytes) -> Result<Vec<u8>, KeyError> {
    wrap(master, Kind::Check, "master", b"maeum")
}

pub(super) fn unwraps_check(master: &KeyBytes, check: &[u8]) -> bool {
    unwrap(master, Kind::Check, "master", check).is_ok()
}
