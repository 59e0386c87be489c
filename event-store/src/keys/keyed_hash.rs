//! Keyed hashes: by them the log names what must not be told, such as an email or a code.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// The name of the secret, of 32 bytes, under which a whole system hashes.
pub const PEPPER: &str = "pepper";

/// HMAC-SHA-256 of some parts for one purpose; other purposes and other divisions into parts give
/// other hashes.
pub fn keyed_hash(secret: &[u8; 32], purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
    // HMAC fills a short key up with zeros.
    let mut key = Zeroizing::new([0; 64]);
    key[..32].copy_from_slice(secret);
    let mut mac = Hmac::<Sha256>::new((&*key).into());
    for part in std::iter::once(purpose.as_bytes()).chain(parts.iter().copied()) {
        // With its length before it, no part can run into the next.
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}
