//! The bytes of the columns `metadata` and `parts`: a version, then fields, length first.

use std::sync::Arc;

use bytes::Bytes;
use uuid::Uuid;

use crate::{Metadata, SealKeys, SealedPart};

/// The first byte of both columns. A new layout takes a new one.
const LAYOUT: u8 = 1;

const HAS_ACTOR: u8 = 1;
const HAS_ADDRESS: u8 = 2;
const HAS_CAUSATION: u8 = 4;
const HAS_FINGERPRINT: u8 = 8;

pub(crate) fn encode_metadata(metadata: &Metadata) -> Vec<u8> {
    let text = |text: &Option<Arc<str>>| text.as_ref().map_or(0, |text| text.len() + 2);
    let mut out = Vec::with_capacity(
        54 + metadata.role.len() + text(&metadata.address) + text(&metadata.fingerprint),
    );
    let flag = |present: bool, flag: u8| if present { flag } else { 0 };
    out.push(LAYOUT);
    out.push(
        flag(metadata.actor.is_some(), HAS_ACTOR)
            | flag(metadata.address.is_some(), HAS_ADDRESS)
            | flag(metadata.causation_id.is_some(), HAS_CAUSATION)
            | flag(metadata.fingerprint.is_some(), HAS_FINGERPRINT),
    );
    out.extend_from_slice(metadata.correlation_id.as_bytes());
    for id in [metadata.actor, metadata.causation_id]
        .into_iter()
        .flatten()
    {
        out.extend_from_slice(id.as_bytes());
    }
    put(&mut out, metadata.role.as_bytes());
    for text in [&metadata.address, &metadata.fingerprint]
        .into_iter()
        .flatten()
    {
        put(&mut out, text.as_bytes());
    }
    out
}

pub(crate) fn decode_metadata(bytes: &[u8]) -> Result<Metadata, &'static str> {
    let mut bytes = Input::new(bytes)?;
    let flags = bytes.take(1)?[0];
    if flags & !(HAS_ACTOR | HAS_ADDRESS | HAS_CAUSATION | HAS_FINGERPRINT) != 0 {
        return Err("a column has an unknown field");
    }
    let has = |flag: u8| flags & flag != 0;
    let correlation_id = bytes.uuid()?;
    let metadata = Metadata {
        correlation_id,
        actor: has(HAS_ACTOR).then(|| bytes.uuid()).transpose()?,
        causation_id: has(HAS_CAUSATION).then(|| bytes.uuid()).transpose()?,
        role: bytes.text()?,
        address: has(HAS_ADDRESS).then(|| bytes.text()).transpose()?,
        fingerprint: has(HAS_FINGERPRINT).then(|| bytes.text()).transpose()?,
    };
    bytes.end(metadata)
}

/// None where there is no part.
pub(crate) fn encode_parts(parts: &[SealedPart]) -> Option<Vec<u8>> {
    if parts.is_empty() {
        return None;
    }
    let size = |part: &SealedPart| {
        let bucket = part
            .keys
            .bucket
            .as_ref()
            .map_or(0, |bucket| bucket.len() + 2);
        10 + part.keys.subject.len() + bucket + part.ciphertext.len()
    };
    let mut out = Vec::with_capacity(1 + parts.iter().map(size).sum::<usize>());
    out.push(LAYOUT);
    for part in parts {
        out.push(u8::from(part.keys.bucket.is_some()));
        put(&mut out, part.keys.subject.as_bytes());
        if let Some(bucket) = &part.keys.bucket {
            put(&mut out, bucket.as_bytes());
        }
        put(&mut out, &part.ciphertext);
    }
    Some(out)
}

pub(crate) fn decode_parts(bytes: &[u8]) -> Result<Vec<SealedPart>, &'static str> {
    let mut bytes = Input::new(bytes)?;
    let mut parts = Vec::new();
    while !bytes.0.is_empty() {
        let has_bucket = match bytes.take(1)?[0] {
            0 => false,
            1 => true,
            _ => return Err("a column has an unknown field"),
        };
        let subject = bytes.text()?;
        let bucket = has_bucket.then(|| bytes.text()).transpose()?;
        let ciphertext = Bytes::copy_from_slice(bytes.field()?);
        parts.push(SealedPart {
            keys: SealKeys { subject, bucket },
            ciphertext,
        });
    }
    Ok(parts)
}

/// The length, seven bits a byte and the lowest first, then the field.
fn put(out: &mut Vec<u8>, field: &[u8]) {
    let mut length = field.len();
    while length >= 0x80 {
        out.push(0x80 | low_seven_bits(length));
        length >>= 7;
    }
    out.push(low_seven_bits(length));
    out.extend_from_slice(field);
}

fn low_seven_bits(length: usize) -> u8 {
    u8::try_from(length & 0x7f).unwrap_or_default()
}

struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn new(bytes: &'a [u8]) -> Result<Self, &'static str> {
        match bytes.split_first() {
            Some((&LAYOUT, rest)) => Ok(Self(rest)),
            Some(_) => Err("the layout of a column is not known to this release"),
            None => Err("a column is empty"),
        }
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], &'static str> {
        let (taken, rest) = self
            .0
            .split_at_checked(count)
            .ok_or("a column is cut short")?;
        self.0 = rest;
        Ok(taken)
    }

    fn field(&mut self) -> Result<&'a [u8], &'static str> {
        let mut length = 0_usize;
        for shift in (0..usize::BITS - 7).step_by(7) {
            let byte = self.take(1)?[0];
            length |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return self.take(length);
            }
        }
        Err("a length is too long")
    }

    fn text(&mut self) -> Result<Arc<str>, &'static str> {
        std::str::from_utf8(self.field()?)
            .map(Into::into)
            .map_err(|_| "a text is not UTF-8")
    }

    fn uuid(&mut self) -> Result<Uuid, &'static str> {
        Uuid::from_slice(self.take(16)?).map_err(|_| "an id is cut short")
    }

    fn end<T>(&self, value: T) -> Result<T, &'static str> {
        if self.0.is_empty() {
            Ok(value)
        } else {
            Err("a column is too long")
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text() -> impl Strategy<Value = Arc<str>> {
        "\\PC{0,200}".prop_map(Into::into)
    }

    fn id() -> impl Strategy<Value = Uuid> {
        any::<u128>().prop_map(Uuid::from_u128)
    }

    prop_compose! {
        fn metadata()(
            actor in proptest::option::of(id()),
            role in text(),
            address in proptest::option::of(text()),
            causation_id in proptest::option::of(id()),
            correlation_id in id(),
            fingerprint in proptest::option::of(text()),
        ) -> Metadata {
            Metadata { actor, role, address, causation_id, correlation_id, fingerprint }
        }
    }

    prop_compose! {
        fn part()(
            subject in text(),
            bucket in proptest::option::of(text()),
            ciphertext in proptest::collection::vec(any::<u8>(), 0..20_000),
        ) -> SealedPart {
            SealedPart { keys: SealKeys { subject, bucket }, ciphertext: ciphertext.into() }
        }
    }

    proptest! {
        #[test]
        fn metadata_come_back_as_they_were(metadata in metadata()) {
            prop_assert_eq!(decode_metadata(&encode_metadata(&metadata)), Ok(metadata));
        }

        #[test]
        fn parts_come_back_as_they_were(parts in proptest::collection::vec(part(), 1..4)) {
            prop_assert_eq!(decode_parts(&encode_parts(&parts).unwrap()), Ok(parts));
        }

        #[test]
        fn arbitrary_bytes_are_refused_or_read_and_never_panic(
            mut bytes in proptest::collection::vec(any::<u8>(), 0..200),
        ) {
            if let Some(first) = bytes.first_mut() {
                *first = LAYOUT;
            }
            let read = (decode_metadata(&bytes).is_ok(), decode_parts(&bytes).is_ok());
            prop_assert!(matches!(read, (true | false, true | false)));
        }

        #[test]
        fn metadata_cut_short_are_refused(metadata in metadata(), cut in any::<prop::sample::Index>()) {
            let bytes = encode_metadata(&metadata);
            prop_assert!(decode_metadata(&bytes[..cut.index(bytes.len())]).is_err());
        }
    }
}
