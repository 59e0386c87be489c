//! Sealing of what is too large for an event: frames, each AES-256-GCM, under a key of the object's
//! own that is derived from the same two keys as the sealed parts of its event.

use std::sync::Arc;

use uuid::Uuid;

use crate::keys::{KeyBytes, KeyStore};
use crate::seal::{self, OpenError};
use crate::{SealKeys, StoreError, cipher};

/// Bytes of content in each frame but the last, which has 1 or more.
pub const FRAME_BYTES: usize = 64 * 1024;

/// Bytes that sealing adds to a frame.
pub const FRAME_OVERHEAD: usize = cipher::OVERHEAD;

/// Separates these keys from others that are derived from the same two.
const PURPOSE: &[u8] = b"maeum sealed object 1";

/// The key of one object. No other object has it, even one that is sealed under the same two keys.
pub struct ObjectKey {
    key: KeyBytes,
    object: Uuid,
}

impl ObjectKey {
    /// To seal a new object. Keys that are absent are made first, and are durable before this
    /// returns, so it may block on a disk.
    ///
    /// # Errors
    /// A key has a tombstone, or the key store is not available.
    pub fn make(keys: &dyn KeyStore, under: &SealKeys, object: Uuid) -> Result<Self, StoreError> {
        let names: Vec<Arc<str>> = std::iter::once(&under.subject)
            .chain(&under.bucket)
            .cloned()
            .collect();
        let found = keys.get_or_create(&names)?;
        match &found[..] {
            [subject, bucket @ ..] => Ok(Self::derive(subject, bucket.first(), object)),
            [] => Err(StoreError::KeyUnavailable(Arc::clone(&under.subject))),
        }
    }

    /// To open an object; none once one of its keys was destroyed. Blocks while a key is read that
    /// is not in memory.
    pub fn find(
        keys: &dyn KeyStore,
        under: &SealKeys,
        object: Uuid,
    ) -> Result<Option<Self>, OpenError> {
        let found = seal::find_both(keys, under)?;
        Ok(found.map(|(subject, bucket)| Self::derive(&subject, bucket.as_ref(), object)))
    }

    fn derive(subject: &KeyBytes, bucket: Option<&Arc<KeyBytes>>, object: Uuid) -> Self {
        Self {
            key: seal::derive(subject, bucket, &[PURPOSE, object.as_bytes()]),
            object,
        }
    }

    /// Seals one frame, by its place from 0 and whether it is the last: it opens nowhere else, so
    /// that none can be left out, repeated or moved, nor the end cut off.
    pub fn seal(&self, index: u64, last: bool, content: &[u8]) -> Result<Vec<u8>, StoreError> {
        cipher::encrypt(&self.key, &self.context(index, last), content)
            .map_err(|cause| StoreError::Unavailable(cause.to_string()))
    }

    /// The content of a frame; none unless it was sealed by this key for this place.
    pub fn open(&self, index: u64, last: bool, sealed: &[u8]) -> Option<Vec<u8>> {
        cipher::decrypt(&self.key, &self.context(index, last), sealed)
    }

    fn context(&self, index: u64, last: bool) -> [u8; 25] {
        let mut context = [0; 25];
        context[..16].copy_from_slice(self.object.as_bytes());
        context[16..24].copy_from_slice(&index.to_le_bytes());
        context[24] = u8::from(last);
        context
    }
}

/// How many frames so many bytes of content make.
pub fn frames(content: u64) -> u64 {
    content.div_ceil(FRAME_BYTES as u64)
}

/// How long so many bytes of content are once they are sealed.
pub fn sealed_length(content: u64) -> u64 {
    content + frames(content) * FRAME_OVERHEAD as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(object: u128) -> ObjectKey {
        let subject = KeyBytes::new([1; 32]);
        let bucket = Arc::new(KeyBytes::new([2; 32]));
        ObjectKey::derive(&subject, Some(&bucket), Uuid::from_u128(object))
    }

    #[test]
    fn a_frame_opens_in_its_place_only() {
        let sealed = key(1).seal(3, false, b"bytes").unwrap();
        assert_eq!(sealed.len(), 5 + FRAME_OVERHEAD);
        assert_eq!(key(1).open(3, false, &sealed).unwrap(), b"bytes");
        assert_eq!(key(1).open(2, false, &sealed), None, "moved");
        assert_eq!(key(1).open(3, true, &sealed), None, "cut off behind it");
        assert_eq!(key(2).open(3, false, &sealed), None, "of another object");
        let mut changed = sealed;
        changed[20] ^= 1;
        assert_eq!(key(1).open(3, false, &changed), None);
    }

    #[test]
    fn either_key_makes_another_object_key() {
        let (one, two) = (KeyBytes::new([1; 32]), Arc::new(KeyBytes::new([2; 32])));
        let object = Uuid::from_u128(1);
        let both = ObjectKey::derive(&one, Some(&two), object);
        let sealed = both.seal(0, true, b"x").unwrap();
        for other in [
            ObjectKey::derive(&one, None, object),
            ObjectKey::derive(&two, Some(&two), object),
            ObjectKey::derive(&one, Some(&Arc::new(KeyBytes::new([1; 32]))), object),
        ] {
            assert_eq!(other.open(0, true, &sealed), None);
        }
    }

    #[test]
    fn lengths_are_told_from_the_content_alone() {
        let full = FRAME_BYTES as u64;
        let over = FRAME_OVERHEAD as u64;
        assert_eq!((frames(1), sealed_length(1)), (1, 1 + over));
        assert_eq!((frames(full), sealed_length(full)), (1, full + over));
        assert_eq!(
            (frames(full + 1), sealed_length(full + 1)),
            (2, full + 1 + 2 * over)
        );
    }
}
