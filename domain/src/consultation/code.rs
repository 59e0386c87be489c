//! How a consultation is found by its code: by a keyed hash of it, which nobody can go back from.

use uuid::Builder;

use crate::ConsultationId;

/// For what codes are hashed. The one part is the code in capital letters.
pub const CODE_HASH: &str = "consultation";

/// Characters of a code, all letters and digits of ASCII.
pub const CODE_LENGTH: usize = 9;

impl ConsultationId {
    /// The consultation whose code has this keyed hash.
    pub fn of_code_hash(hash: &[u8; 32]) -> Self {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash[..16]);
        Self(Builder::from_custom_bytes(bytes).into_uuid())
    }
}
