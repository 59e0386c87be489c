//! Sealing: AES-256-GCM under a key derived from two keys, bound to stream and sequence.

use crate::keys::{KeyError, KeyStore};
use crate::{OpenPart, SealedPart, StreamName, Version};

/// What opening a sealed part gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    Open(Vec<u8>),
    /// One of its keys has a tombstone. Nothing else counts as erased.
    Erased,
}

/// Why a part does not open although nobody erased it.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum OpenError {
    /// A key is absent or does not unwrap.
    #[error("key {0} is not available")]
    KeyUnavailable(String),
    /// The bytes do not belong to these keys, this stream and this sequence, or were changed.
    #[error("a sealed part of {stream} at {sequence} does not open")]
    Tampered { stream: StreamName, sequence: Version },
    #[error(transparent)]
    Keys(#[from] KeyError),
}
