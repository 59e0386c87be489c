//! The canonical bytes of a recorded event: the same on every engine, and after its keys are gone.

use sha2::{Digest, Sha256};

use super::merkle::{self, Hash};
use crate::Recorded;

/// The first byte. Another layout would take another one.
const LAYOUT: u8 = 1;

const ABSENT: u8 = 0;
const PRESENT: u8 = 1;

/// The hash by which an event stands in a seal's tree.
pub fn leaf_of(event: &Recorded) -> Hash {
    merkle::leaf_hash(&canonical_bytes(event))
}

/// Every field of the envelope in the order of [`Recorded`], then those of its metadata, the exact
/// payload, and of each sealed part its key names and the SHA-256 of its ciphertext.
///
/// Integers are big-endian, of 8 bytes; ids are their bytes; texts and the payload have their
/// length before them; what may be absent has a byte before it, 0 or 1.
pub fn canonical_bytes(event: &Recorded) -> Vec<u8> {
    let mut out = Bytes(Vec::with_capacity(512 + event.payload.len()));
    out.0.push(LAYOUT);
    out.integer(event.position);
    out.optional(event.number, Bytes::integer);
    out.field(event.stream.as_str().as_bytes());
    out.integer(event.sequence);
    out.fixed(event.event_id.as_bytes());
    out.optional(event.dedupe, |out, dedupe| out.fixed(&dedupe));
    out.field(event.event_type.as_bytes());
    out.field(event.event_version.as_bytes());
    out.fixed(&event.recorded_at.to_be_bytes());
    let metadata = &event.metadata;
    out.optional(metadata.actor, |out, id| out.fixed(id.as_bytes()));
    out.field(metadata.role.as_bytes());
    out.optional(metadata.address.as_ref(), |out, text| {
        out.field(text.as_bytes());
    });
    out.optional(metadata.causation_id, |out, id| out.fixed(id.as_bytes()));
    out.fixed(metadata.correlation_id.as_bytes());
    out.optional(metadata.fingerprint.as_ref(), |out, text| {
        out.field(text.as_bytes());
    });
    out.field(&event.payload);
    out.integer(event.parts.len() as u64);
    for part in &event.parts {
        out.field(part.keys.subject.as_bytes());
        out.optional(part.keys.bucket.as_ref(), |out, bucket| {
            out.field(bucket.as_bytes());
        });
        out.fixed(&Sha256::digest(&part.ciphertext));
    }
    out.0
}

struct Bytes(Vec<u8>);

impl Bytes {
    fn fixed(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn integer(&mut self, number: u64) {
        self.fixed(&number.to_be_bytes());
    }

    fn field(&mut self, bytes: &[u8]) {
        self.integer(bytes.len() as u64);
        self.fixed(bytes);
    }

    fn optional<T>(&mut self, value: Option<T>, put: impl FnOnce(&mut Self, T)) {
        match value {
            None => self.0.push(ABSENT),
            Some(value) => {
                self.0.push(PRESENT);
                put(self, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::log_seal::hex;
    use crate::{Metadata, SealKeys, SealedPart, StreamName};

    fn event() -> Recorded {
        Recorded {
            position: 7,
            number: Some(3),
            stream: StreamName::parse("room-a"),
            sequence: 2,
            event_id: Uuid::from_u128(1),
            dedupe: Some([9; 16]),
            event_type: "room.closed".into(),
            event_version: "1.0.0".into(),
            recorded_at: 1_790_000_000_000_000,
            metadata: Metadata {
                actor: Some(Uuid::from_u128(2)),
                role: "user".into(),
                address: Some("ab".into()),
                causation_id: Some(Uuid::from_u128(3)),
                correlation_id: Uuid::from_u128(4),
                fingerprint: Some("cd".into()),
            },
            payload: "{}".into(),
            parts: vec![SealedPart {
                keys: SealKeys {
                    subject: "account:1".into(),
                    bucket: Some("room-day:2".into()),
                },
                ciphertext: "sealed".into(),
            }],
        }
    }

    /// One change of each thing that an event is made of.
    fn changes() -> Vec<fn(&mut Recorded)> {
        vec![
            |event| event.position = 8,
            |event| event.number = None,
            |event| event.number = Some(4),
            |event| event.stream = StreamName::parse("room-b"),
            |event| event.sequence = 3,
            |event| event.event_id = Uuid::from_u128(9),
            |event| event.dedupe = None,
            |event| event.dedupe = Some([8; 16]),
            |event| event.event_type = "room.opened".into(),
            |event| event.event_version = "1.0.1".into(),
            |event| event.recorded_at += 1,
            |event| event.metadata.actor = None,
            |event| event.metadata.actor = Some(Uuid::from_u128(9)),
            |event| event.metadata.role = "admin".into(),
            |event| event.metadata.address = None,
            |event| event.metadata.address = Some("ac".into()),
            |event| event.metadata.causation_id = None,
            |event| event.metadata.causation_id = Some(Uuid::from_u128(9)),
            |event| event.metadata.correlation_id = Uuid::from_u128(9),
            |event| event.metadata.fingerprint = None,
            |event| event.metadata.fingerprint = Some("ce".into()),
            |event| event.payload = "{ }".into(),
            |event| event.parts.clear(),
            |event| event.parts.push(event.parts[0].clone()),
            |event| event.parts[0].keys.subject = "account:2".into(),
            |event| event.parts[0].keys.bucket = None,
            |event| event.parts[0].keys.bucket = Some("room-day:3".into()),
            |event| event.parts[0].ciphertext = "Sealed".into(),
        ]
    }

    #[test]
    fn nothing_of_an_event_can_change_without_its_leaf() {
        let before = leaf_of(&event());
        for (place, change) in changes().into_iter().enumerate() {
            let mut changed = event();
            change(&mut changed);
            assert_ne!(leaf_of(&changed), before, "change {place}");
        }
    }

    #[test]
    fn what_stands_side_by_side_does_not_run_into_each_other() {
        let mut one = event();
        one.event_type = "ab".into();
        one.event_version = "c".into();
        let mut other = event();
        other.event_type = "a".into();
        other.event_version = "bc".into();
        assert_ne!(canonical_bytes(&one), canonical_bytes(&other));
    }

    /// The layout is for ever: seals that were signed over it are checked in years.
    #[test]
    fn the_layout_stays_as_it_is() {
        let expected = concat!(
            "01",
            "0000000000000007",
            "010000000000000003",
            "0000000000000006726f6f6d2d61",
            "0000000000000002",
            "00000000000000000000000000000001",
            "0109090909090909090909090909090909",
            "000000000000000b726f6f6d2e636c6f736564",
            "0000000000000005312e302e30",
            "00065bfeda25e000",
            "0100000000000000000000000000000002",
            "000000000000000475736572",
            "0100000000000000026162",
            "0100000000000000000000000000000003",
            "00000000000000000000000000000004",
            "0100000000000000026364",
            "00000000000000027b7d",
            "0000000000000001",
            "00000000000000096163636f756e743a31",
            "01000000000000000a726f6f6d2d6461793a32",
            "c9d0036bed6744bcdf692fc980d8717d7e5f5a4f4e8266b4a84982602fb1cd09",
        );
        assert_eq!(hex(&canonical_bytes(&event())), expected);
    }
}
