//! Sealing: AES-256-GCM under a key derived from two keys, bound to stream and sequence.

use std::sync::Arc;

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::cipher;
use crate::keys::{Key, KeyBytes, KeyError, KeyStore};
use crate::{OpenPart, SealKeys, SealedPart, StoreError, StreamName, Version};

/// Separates the keys derived here from any others that come to be derived from the same keys.
const PURPOSE: &[u8] = b"maeum sealed part 1";

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
    Tampered {
        stream: StreamName,
        sequence: Version,
    },
    #[error(transparent)]
    Keys(#[from] KeyError),
}

/// Seals a part for one event of a stream. Keys that are absent are made first, and are durable
/// before this returns, so it may block on a disk.
pub fn seal(
    keys: &dyn KeyStore,
    stream: &StreamName,
    sequence: Version,
    part: OpenPart,
) -> Result<SealedPart, StoreError> {
    let names: Vec<Arc<str>> = std::iter::once(&part.keys.subject)
        .chain(&part.keys.bucket)
        .cloned()
        .collect();
    let found = keys.get_or_create(&names).map_err(StoreError::from)?;
    let mut found = found.iter();
    let Some(subject) = found.next() else {
        return Err(StoreError::KeyUnavailable(part.keys.subject));
    };
    seal_with(subject, found.next(), stream, sequence, part)
}

/// Seals a part under keys that are at hand.
pub(crate) fn seal_with(
    subject: &Arc<KeyBytes>,
    bucket: Option<&Arc<KeyBytes>>,
    stream: &StreamName,
    sequence: Version,
    part: OpenPart,
) -> Result<SealedPart, StoreError> {
    let ciphertext = cipher::encrypt(
        &derive(subject, bucket, &[PURPOSE]),
        &context(stream, sequence),
        &part.content,
    )
    .map_err(|cause| StoreError::Unavailable(cause.to_string()))?;
    Ok(SealedPart {
        keys: part.keys,
        ciphertext: ciphertext.into(),
    })
}

/// Opens a part of the event of `stream` at `sequence`.
pub fn open(
    keys: &dyn KeyStore,
    stream: &StreamName,
    sequence: Version,
    part: &SealedPart,
) -> Result<Opened, OpenError> {
    let Some((subject, bucket)) = find_both(keys, &part.keys)? else {
        return Ok(Opened::Erased);
    };
    let key = derive(&subject, bucket.as_ref(), &[PURPOSE]);
    cipher::decrypt(&key, &context(stream, sequence), &part.ciphertext)
        .map(Opened::Open)
        .ok_or_else(|| OpenError::Tampered {
            stream: stream.clone(),
            sequence,
        })
}

/// The subject's key, and the narrower one where there is one.
type BothKeys = (Arc<KeyBytes>, Option<Arc<KeyBytes>>);

/// Both keys of what is sealed; none where one of them has a tombstone.
pub(crate) fn find_both(
    keys: &dyn KeyStore,
    under: &SealKeys,
) -> Result<Option<BothKeys>, OpenError> {
    let subject = find(keys, &under.subject)?;
    let bucket = under
        .bucket
        .as_ref()
        .map(|name| find(keys, name))
        .transpose()?;
    match (subject, bucket) {
        (Key::Destroyed, _) | (_, Some(Key::Destroyed)) => Ok(None),
        (Key::Present(subject), None) => Ok(Some((subject, None))),
        (Key::Present(subject), Some(Key::Present(bucket))) => Ok(Some((subject, Some(bucket)))),
        (Key::Absent, _) => Err(OpenError::KeyUnavailable(under.subject.to_string())),
        (_, Some(Key::Absent)) => {
            let bucket = under.bucket.as_deref().unwrap_or_default();
            Err(OpenError::KeyUnavailable(bucket.to_owned()))
        }
    }
}

fn find(keys: &dyn KeyStore, name: &str) -> Result<Key, OpenError> {
    keys.get(name).map_err(|error| match error {
        KeyError::DoesNotUnwrap(name) => OpenError::KeyUnavailable(name.to_string()),
        other => OpenError::Keys(other),
    })
}

/// Both keys are needed to derive it, so to destroy either is enough. `purpose` keeps keys for one
/// thing from being those for another.
pub(crate) fn derive(
    subject: &KeyBytes,
    bucket: Option<&Arc<KeyBytes>>,
    purpose: &[&[u8]],
) -> KeyBytes {
    let mut both = Zeroizing::new([0; 64]);
    both[..32].copy_from_slice(&**subject);
    let length = bucket.map_or(32, |bucket| {
        both[32..].copy_from_slice(&***bucket);
        64
    });
    let mut derived = KeyBytes::default();
    Hkdf::<Sha256>::new(None, &both[..length])
        .expand_multi_info(purpose, &mut *derived)
        .unwrap_or_else(|_| unreachable!("32 bytes are fewer than HKDF-SHA256 can give"));
    derived
}

/// What a sealed part is bound to: it opens nowhere else.
fn context(stream: &StreamName, sequence: Version) -> Vec<u8> {
    let mut context = Vec::with_capacity(stream.as_str().len() + 8);
    context.extend_from_slice(&sequence.to_le_bytes());
    context.extend_from_slice(stream.as_str().as_bytes());
    context
}

impl From<KeyError> for StoreError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Unavailable(reason) => Self::Unavailable(reason),
            KeyError::DoesNotUnwrap(name) | KeyError::Differs(name) => Self::KeyUnavailable(name),
            KeyError::Destroyed(name) => Self::KeyDestroyed(name),
        }
    }
}
