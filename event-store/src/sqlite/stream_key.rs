//! How a stream's name is stored: its category as a number, and most keys in 16 or 32 bytes.

use rusqlite::types::{ToSqlOutput, ValueRef};
use uuid::Uuid;

use crate::StreamName;

/// The length of a UUID as text.
const UUID_TEXT: usize = 36;

/// What stands after the category, in the shortest form that gives the same text back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StreamKey {
    /// The name has no hyphen.
    Missing,
    One([u8; 16]),
    /// Two UUIDs joined by a hyphen.
    Two([u8; 32]),
    Text,
}

impl StreamKey {
    pub fn of(stream: &StreamName) -> Self {
        let key = stream.key();
        if key.is_empty() && !stream.as_str().contains('-') {
            return Self::Missing;
        }
        if let Some(one) = uuid_bytes(key) {
            return Self::One(one);
        }
        let two = key.split_at_checked(UUID_TEXT).and_then(|(first, rest)| {
            Some([uuid_bytes(first)?, uuid_bytes(rest.strip_prefix('-')?)?])
        });
        match two {
            Some([first, second]) => {
                let mut both = [0; 32];
                both[..16].copy_from_slice(&first);
                both[16..].copy_from_slice(&second);
                Self::Two(both)
            }
            None => Self::Text,
        }
    }

    /// The column `key` of `stream`, whose key this is.
    pub fn column<'a>(&'a self, stream: &'a StreamName) -> ToSqlOutput<'a> {
        ToSqlOutput::Borrowed(match self {
            Self::Missing => ValueRef::Integer(0),
            Self::One(bytes) => ValueRef::Blob(bytes),
            Self::Two(bytes) => ValueRef::Blob(bytes),
            Self::Text => ValueRef::Text(stream.key().as_bytes()),
        })
    }
}

/// The name whose category and column `key` these are.
pub(super) fn stream_name(category: &str, key: ValueRef<'_>) -> Result<StreamName, String> {
    match key {
        ValueRef::Integer(0) => Ok(StreamName::parse(category)),
        ValueRef::Text(text) => {
            let text = std::str::from_utf8(text).map_err(|cause| cause.to_string())?;
            Ok(StreamName::new(category, text))
        }
        ValueRef::Blob(bytes) => match bytes.split_at_checked(16) {
            Some((one, &[])) => Ok(StreamName::new(category, uuid(one)?)),
            Some((first, second)) => Ok(StreamName::new(
                category,
                format_args!("{}-{}", uuid(first)?, uuid(second)?),
            )),
            None => Err(format!("a stream's key has {} bytes", bytes.len())),
        },
        other => Err(format!("a stream's key is {}", other.data_type())),
    }
}

fn uuid(bytes: &[u8]) -> Result<Uuid, String> {
    Uuid::from_slice(bytes).map_err(|cause| cause.to_string())
}

/// Only the one text that a UUID's bytes give back.
fn uuid_bytes(text: &str) -> Option<[u8; 16]> {
    if text.len() != UUID_TEXT {
        return None;
    }
    let uuid = Uuid::try_parse(text).ok()?;
    let mut buffer = [0; UUID_TEXT];
    (uuid.hyphenated().encode_lower(&mut buffer) == text).then(|| uuid.into_bytes())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn round_trip(name: &str) -> StreamKey {
        let stream = StreamName::parse(name);
        let key = StreamKey::of(&stream);
        let ToSqlOutput::Borrowed(column) = key.column(&stream) else {
            unreachable!()
        };
        assert_eq!(stream_name(stream.category(), column), Ok(stream.clone()));
        key
    }

    #[test]
    fn uuids_are_kept_as_bytes_and_other_keys_as_they_are() {
        let (a, b) = (Uuid::from_u128(1), Uuid::from_u128(u128::MAX));

        assert_eq!(
            round_trip(&format!("room-{a}")),
            StreamKey::One(a.into_bytes())
        );
        assert!(matches!(
            round_trip(&format!("member-{a}-{b}")),
            StreamKey::Two(_)
        ));
        assert_eq!(round_trip(&format!("room-{b:X}")), StreamKey::Text);
        assert_eq!(round_trip(&format!("room-{}", b.simple())), StreamKey::Text);
        assert_eq!(round_trip(&format!("room-{{{a}}}")), StreamKey::Text);
        assert_eq!(round_trip(&format!("member-{a}-{b}-")), StreamKey::Text);
        assert_eq!(round_trip("access-2026-11-21"), StreamKey::Text);
        assert_eq!(round_trip("seal"), StreamKey::Missing);
        assert_eq!(round_trip("seal-"), StreamKey::Text);
        assert_eq!(round_trip(""), StreamKey::Missing);
        assert_eq!(round_trip("-"), StreamKey::Text);
    }

    proptest! {
        #[test]
        fn any_name_comes_back_as_it_was(name in "[a-f0-9가-힣{}:_ -]{0,80}") {
            round_trip(&name);
        }
    }
}
