//! Personal content inside events: open in memory, sealed in the log under two keys.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeOwned, Error as _};
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::{AccountId, ConsultationId, RoomId};

/// Whose content it is. Destroying the subject's key makes all of it unreadable for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "id")]
pub enum Subject {
    Account(AccountId),
    Consultation(ConsultationId),
}

impl Subject {
    /// The id of the account or consultation.
    pub fn id(&self) -> Uuid {
        match self {
            Self::Account(id) => id.0,
            Self::Consultation(id) => id.0,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(id) => write!(f, "account:{id}"),
            Self::Consultation(id) => write!(f, "consultation:{id}"),
        }
    }
}

/// The second key of a part, narrower than its subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Bucket {
    /// A room's messages of one UTC day, by which retention destroys them.
    RoomDay(RoomId, jiff::civil::Date),
    Room(RoomId),
    Upload(Uuid),
    EmotionSession(Uuid),
}

impl Bucket {
    /// The day in the name of a bucket of a room's messages; none of any other.
    pub fn day_of(name: &str) -> Option<jiff::civil::Date> {
        let (_, day) = name.strip_prefix("room-day:")?.split_once(':')?;
        day.parse().ok()
    }
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RoomDay(room, day) => write!(f, "room-day:{room}:{day}"),
            Self::Room(room) => write!(f, "room:{room}"),
            Self::Upload(id) => write!(f, "upload:{id}"),
            Self::EmotionSession(id) => write!(f, "emotion:{id}"),
        }
    }
}

/// The two keys under which one part is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SealedUnder {
    pub subject: Subject,
    pub bucket: Option<Bucket>,
}

/// A part of an event that is personal.
#[derive(Clone, PartialEq, Eq)]
pub enum Sealed<T> {
    /// Readable, and on its way into the log under these keys.
    New(SealedUnder, T),
    /// Read back from the log.
    Open(T),
    /// One of its keys was destroyed.
    Erased,
}

impl<T> Sealed<T> {
    /// Content of a subject, without a narrower key.
    pub fn of(subject: Subject, content: T) -> Self {
        Self::New(
            SealedUnder {
                subject,
                bucket: None,
            },
            content,
        )
    }

    /// Content of a subject, under a narrower key as well.
    pub fn within(subject: Subject, bucket: Bucket, content: T) -> Self {
        Self::New(
            SealedUnder {
                subject,
                bucket: Some(bucket),
            },
            content,
        )
    }

    /// The content; none once it is erased.
    pub fn get(&self) -> Option<&T> {
        match self {
            Self::New(_, content) | Self::Open(content) => Some(content),
            Self::Erased => None,
        }
    }
}

/// Never shows the content: a log line must not hold it.
impl<T> fmt::Debug for Sealed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::New(..) | Self::Open(_) => "Sealed",
            Self::Erased => "Erased",
        })
    }
}

/// A part taken out of an event by [`take_apart`].
#[derive(Clone, PartialEq, Eq)]
pub struct Part {
    pub keys: SealedUnder,
    /// JSON.
    pub content: Vec<u8>,
}

/// A part handed back to [`put_together`].
#[derive(Clone, PartialEq, Eq)]
pub enum PartContent {
    /// JSON.
    Open(Vec<u8>),
    Erased,
}

thread_local! {
    static TAKEN: RefCell<Option<Vec<Part>>> = const { RefCell::new(None) };
    static GIVEN: RefCell<Option<Vec<Option<PartContent>>>> = const { RefCell::new(None) };
}

/// Serialises a value into plain JSON and the personal parts taken out of it.
///
/// Outside of this function a [`Sealed`] value refuses to be serialised, so that personal content
/// cannot reach JSON by mistake.
pub fn take_apart<T: Serialize>(value: &T) -> serde_json::Result<(Vec<u8>, Vec<Part>)> {
    let outer = TAKEN.replace(Some(Vec::new()));
    let plain = serde_json::to_vec(value);
    let parts = TAKEN.replace(outer).unwrap_or_default();
    Ok((plain?, parts))
}

/// The inverse of [`take_apart`]: plain JSON and its parts, in the same order.
pub fn put_together<T: DeserializeOwned>(
    plain: &[u8],
    parts: Vec<PartContent>,
) -> serde_json::Result<T> {
    let outer = GIVEN.replace(Some(parts.into_iter().map(Some).collect()));
    let value = serde_json::from_slice(plain);
    GIVEN.set(outer);
    value
}

/// In the plain payload a part is the index at which it stands among the parts.
impl<T: Serialize> Serialize for Sealed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (keys, content) = match self {
            Self::New(keys, content) => (keys, content),
            #[cfg(test)]
            Self::Open(content) if again::ALLOWED.get() => (&again::KEYS, content),
            Self::Open(_) | Self::Erased => {
                return Err(S::Error::custom(
                    "a part read from the log is not written again",
                ));
            }
        };
        let content = serde_json::to_vec(content).map_err(S::Error::custom)?;
        let index = TAKEN.with_borrow_mut(|taken| {
            let taken = taken.as_mut()?;
            taken.push(Part {
                keys: *keys,
                content,
            });
            Some(taken.len() - 1)
        });
        match index {
            Some(index) => serializer.serialize_u64(index as u64),
            None => Err(S::Error::custom(
                "personal content is serialised by take_apart only",
            )),
        }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Sealed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let index = usize::deserialize(deserializer)?;
        let part = GIVEN.with_borrow_mut(|given| given.as_mut()?.get_mut(index)?.take());
        match part {
            Some(PartContent::Open(content)) => serde_json::from_slice(&content)
                .map(Self::Open)
                .map_err(D::Error::custom),
            Some(PartContent::Erased) => Ok(Self::Erased),
            None => Err(D::Error::custom(
                "an event names a part that it does not have",
            )),
        }
    }
}

#[cfg(test)]
pub(crate) use again::writing_again;

/// Events read from the log are never written again, but by tests that compare the two.
#[cfg(test)]
mod again {
    use std::cell::Cell;

    use super::{SealedUnder, Subject};
    use crate::AccountId;

    thread_local! {
        pub(super) static ALLOWED: Cell<bool> = const { Cell::new(false) };
    }

    pub(super) const KEYS: SealedUnder = SealedUnder {
        subject: Subject::Account(AccountId(uuid::Uuid::nil())),
        bucket: None,
    };

    /// Within `write`, [`take_apart`](super::take_apart) takes what was read from the log.
    pub(crate) fn writing_again<R>(write: impl FnOnce() -> R) -> R {
        ALLOWED.set(true);
        let written = write();
        ALLOWED.set(false);
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{id, sealed};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Letter {
        to: u32,
        text: Sealed<String>,
        footnote: Option<Sealed<String>>,
    }

    fn letter() -> Letter {
        Letter {
            to: 7,
            text: sealed("비밀".to_owned()),
            footnote: Some(Sealed::within(
                Subject::Account(AccountId(id(2))),
                Bucket::Room(RoomId(id(3))),
                "각주".to_owned(),
            )),
        }
    }

    #[test]
    fn personal_parts_are_taken_out_in_order_each_with_its_keys() {
        let (plain, parts) = take_apart(&letter()).unwrap();
        assert_eq!(plain, br#"{"to":7,"text":0,"footnote":1}"#);
        assert_eq!(parts[0].content, "\"비밀\"".as_bytes());
        assert_eq!(parts[0].keys.bucket, None);
        assert_eq!(parts[1].keys.subject, Subject::Account(AccountId(id(2))));
        assert_eq!(parts[1].keys.bucket, Some(Bucket::Room(RoomId(id(3)))));
    }

    #[test]
    fn parts_are_put_together_again_open_or_erased() {
        let (plain, parts) = take_apart(&letter()).unwrap();
        let given = vec![
            PartContent::Open(parts[0].content.clone()),
            PartContent::Erased,
        ];
        let letter: Letter = put_together(&plain, given).unwrap();
        assert_eq!(letter.text.get().unwrap(), "비밀");
        assert_eq!(letter.footnote.unwrap().get(), None);
    }

    #[test]
    fn personal_content_reaches_json_in_no_other_way() {
        assert!(serde_json::to_string(&letter()).is_err());
        let (plain, _) = take_apart(&letter()).unwrap();
        assert!(serde_json::from_slice::<Letter>(&plain).is_err());
        assert!(!format!("{:?}", letter()).contains("비밀"));
    }

    #[test]
    fn what_was_read_is_not_written() {
        let open = Sealed::Open("비밀".to_owned());
        assert!(take_apart(&open).is_err());
        assert!(take_apart(&Sealed::<String>::Erased).is_err());
    }

    #[test]
    fn a_part_named_twice_is_a_fault_and_not_an_erasure() {
        let parts = vec![PartContent::Open(b"\"x\"".to_vec())];
        let twice = put_together::<Letter>(br#"{"to":7,"text":0,"footnote":0}"#, parts);
        assert!(twice.is_err());
    }
}
