//! Personal text in a read model: the event's own sealed bytes, opened only when answered.

use event_store::keys::KeyStore;
use event_store::seal::{self, OpenError, Opened};
use event_store::{Recorded, SealKeys, SealedPart, StreamName, Version};
use serde::de::DeserializeOwned;

use crate::{FromValue, Value};

/// The layout below, in the first byte.
const LAYOUT: u8 = 1;

/// A sealed part of an event with all that opening it takes, in one column. Destroying one of
/// its keys makes it unreadable here as everywhere, at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedColumn {
    stream: StreamName,
    sequence: Version,
    part: SealedPart,
}

impl SealedColumn {
    /// The part at `index` of an event, as a column; null where the event has no such part.
    ///
    /// Parts stand in the order of the sealed fields of the event; an absent optional one counts
    /// for nothing.
    pub fn of(recorded: &Recorded, index: usize) -> Value {
        let Some(part) = recorded.parts.get(index) else {
            return Value::Null;
        };
        let bucket = part.keys.bucket.as_deref().unwrap_or_default();
        let mut bytes = Vec::with_capacity(160 + part.ciphertext.len());
        bytes.push(LAYOUT);
        bytes.extend_from_slice(&recorded.sequence.to_be_bytes());
        for text in [recorded.stream.as_str(), &part.keys.subject, bucket] {
            let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(&text.as_bytes()[..usize::from(length)]);
        }
        bytes.extend_from_slice(&part.ciphertext);
        bytes.into()
    }

    /// What it says; none once one of its keys was destroyed.
    ///
    /// Blocks while a key is read that is not in memory, which is rare.
    pub fn open<T: DeserializeOwned>(&self, keys: &dyn KeyStore) -> Result<Option<T>, OpenError> {
        match seal::open(keys, &self.stream, self.sequence, &self.part)? {
            Opened::Erased => Ok(None),
            Opened::Open(content) => {
                serde_json::from_slice(&content)
                    .map(Some)
                    .map_err(|_| OpenError::Tampered {
                        stream: self.stream.clone(),
                        sequence: self.sequence,
                    })
            }
        }
    }

    /// The keys under which it is sealed.
    pub fn keys(&self) -> &SealKeys {
        &self.part.keys
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let (&layout, rest) = bytes.split_first()?;
        if layout != LAYOUT {
            return None;
        }
        let (sequence, rest) = rest.split_first_chunk()?;
        let (stream, rest) = text(rest)?;
        let (subject, rest) = text(rest)?;
        let (bucket, ciphertext) = text(rest)?;
        Some(Self {
            stream: StreamName::parse(stream),
            sequence: Version::from_be_bytes(*sequence),
            part: SealedPart {
                keys: SealKeys {
                    subject: subject.into(),
                    bucket: (!bucket.is_empty()).then(|| bucket.into()),
                },
                ciphertext: ciphertext.to_vec().into(),
            },
        })
    }
}

fn text(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    let (text, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    Some((std::str::from_utf8(text).ok()?, rest))
}

impl FromValue for SealedColumn {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Blob(bytes) => Self::parse(bytes),
            _ => None,
        }
    }
}
