//! AES-256-GCM with a random nonce that stands before the ciphertext.

use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce, Tag};

const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;

/// Bytes by which what is encrypted is longer than what was to be.
pub(crate) const OVERHEAD: usize = NONCE_BYTES + TAG_BYTES;

/// Why nothing could be encrypted.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub(crate) enum CipherError {
    #[error("the system gives no random bytes: {0}")]
    Random(getrandom::Error),
    #[error("too long to encrypt")]
    TooLong,
}

/// Nonce, ciphertext and tag, in this order. `context` must be the same to decrypt.
pub(crate) fn encrypt(
    key: &[u8; 32],
    context: &[u8],
    plaintext: &[u8],
) -> Result<Vec<u8>, CipherError> {
    let mut sealed = Vec::with_capacity(NONCE_BYTES + plaintext.len() + TAG_BYTES);
    sealed.resize(NONCE_BYTES, 0);
    getrandom::fill(&mut sealed).map_err(CipherError::Random)?;
    sealed.extend_from_slice(plaintext);
    let (nonce, body) = sealed.split_at_mut(NONCE_BYTES);
    let nonce = Nonce::try_from(&*nonce).map_err(|_| CipherError::TooLong)?;
    let tag = Aes256Gcm::new(key.into())
        .encrypt_inout_detached(&nonce, context, body.into())
        .map_err(|_| CipherError::TooLong)?;
    sealed.extend_from_slice(&tag);
    Ok(sealed)
}

/// The plaintext; none where key, context or bytes are not those of the encryption.
pub(crate) fn decrypt(key: &[u8; 32], context: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, rest) = sealed.split_at_checked(NONCE_BYTES)?;
    let (body, tag) = rest.split_at_checked(rest.len().checked_sub(TAG_BYTES)?)?;
    let mut plaintext = body.to_vec();
    Aes256Gcm::new(key.into())
        .decrypt_inout_detached(
            &Nonce::try_from(nonce).ok()?,
            context,
            plaintext.as_mut_slice().into(),
            &Tag::try_from(tag).ok()?,
        )
        .ok()?;
    Some(plaintext)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_encrypted_decrypts_only_with_its_key_context_and_bytes() {
        let sealed = encrypt(&[1; 32], b"here", "마음".as_bytes()).unwrap();

        assert_eq!(
            decrypt(&[1; 32], b"here", &sealed).unwrap(),
            "마음".as_bytes()
        );
        assert_eq!(decrypt(&[2; 32], b"here", &sealed), None);
        assert_eq!(decrypt(&[1; 32], b"there", &sealed), None);
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert_eq!(decrypt(&[1; 32], b"here", &changed), None, "byte {place}");
            assert_eq!(
                decrypt(&[1; 32], b"here", &sealed[..place]),
                None,
                "cut at {place}"
            );
        }
    }
}
