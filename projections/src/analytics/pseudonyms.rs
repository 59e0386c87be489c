//! Keyed hashes that stand for people and things, so that what analysts get holds no id.

use std::fmt::Write as _;

use domain::{ConsultationId, CounselorId, OfferId, PersonId, RoomId};
use event_store::keys::keyed_hash;
use uuid::Uuid;
use zeroize::Zeroizing;

/// Bytes of a pseudonym: two of a million people have the same one with a chance of 1 : 30 million.
const PSEUDONYM_BYTES: usize = 8;

/// The secret of the pseudonyms.
pub struct Pseudonyms(Zeroizing<[u8; 32]>);

impl Pseudonyms {
    /// Under a secret of this purpose alone. Under another one everybody has another pseudonym.
    pub fn new(secret: [u8; 32]) -> Self {
        Self(Zeroizing::new(secret))
    }

    pub fn person(&self, id: PersonId) -> String {
        self.of("person", id.0)
    }

    pub fn counselor(&self, id: CounselorId) -> String {
        self.of("counselor", id.0)
    }

    pub fn consultation(&self, id: ConsultationId) -> String {
        self.of("consultation", id.0)
    }

    pub(super) fn offer(&self, id: OfferId) -> String {
        self.of("offer", id.0)
    }

    pub(super) fn room(&self, id: RoomId) -> String {
        self.of("room", id.0)
    }

    fn of(&self, kind: &str, id: Uuid) -> String {
        let hash = keyed_hash(&self.0, kind, &[id.as_bytes()]);
        let mut text = String::with_capacity(2 * PSEUDONYM_BYTES);
        for byte in &hash[..PSEUDONYM_BYTES] {
            // Writing to a string does not fail.
            write!(text, "{byte:02x}").unwrap_or_default();
        }
        text
    }
}

impl std::fmt::Debug for Pseudonyms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pseudonyms(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pseudonym_belongs_to_one_thing_of_one_kind_under_one_secret() {
        let (one, other) = (Pseudonyms::new([1; 32]), Pseudonyms::new([2; 32]));
        let id = Uuid::from_u128(7);
        let name = one.person(PersonId(id));
        assert_eq!(name, one.person(PersonId(id)));
        assert!(name.len() == 16 && name.bytes().all(|byte| byte.is_ascii_hexdigit()));
        for another in [
            one.person(PersonId(Uuid::from_u128(8))),
            one.counselor(CounselorId(id)),
            other.person(PersonId(id)),
        ] {
            assert_ne!(name, another);
        }
    }
}
