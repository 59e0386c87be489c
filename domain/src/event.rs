//! The catalogue of all events: one enum, so that the compiler lists who must have an opinion.

use cqrs_es::DomainEvent;
use jiff::civil::Date;
use uuid::Uuid;

use crate::sealed::{self, Part, PartContent};
use crate::{
    AccessEvent, AccountEvent, AlertEvent, ConsultationEvent, CounselorEvent, EmailEvent,
    EmotionEvent, ErasureEvent, HoldEvent, MemberEvent, MessageEvent, PresenceEvent, RoomEvent,
    SealEvent, SessionEvent, UploadEvent,
};

/// What stands behind the hyphen in the names of an aggregate's streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamKey {
    /// The id of the thing that the stream is, a UUID.
    Id,
    /// Something else that is one thing's own: a keyed hash, a pair of ids.
    Other,
    /// A day of UTC, as `2026-11-21`.
    Day,
    /// Not even a hyphen: there is only one such thing.
    Nothing,
}

impl StreamKey {
    /// The id of the thing that a stream of this key is, nil where it is named otherwise; none if
    /// no stream is named so.
    pub fn thing(self, key: &str) -> Option<Uuid> {
        match self {
            Self::Id => key.parse().ok(),
            Self::Other => Some(Uuid::nil()),
            Self::Nothing => key.is_empty().then(Uuid::nil),
            Self::Day => {
                let day: Date = key.parse().ok()?;
                (day.to_string() == key).then(Uuid::nil)
            }
        }
    }
}

macro_rules! catalogue {
    ($($variant:ident($event:ty) by $key:ident),+ $(,)?) => {
        /// Any event of the domain.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Event { $($variant($event)),+ }

        $(impl From<$event> for Event {
            fn from(event: $event) -> Self { Self::$variant(event) }
        }

        impl TryFrom<Event> for $event {
            type Error = Event;
            /// Gives the event back if it is of another aggregate.
            fn try_from(event: Event) -> Result<Self, Event> {
                match event {
                    Event::$variant(event) => Ok(event),
                    other => Err(other),
                }
            }
        })+

        impl Event {
            /// E.g. `message.sent`.
            pub fn event_type(&self) -> String {
                match self { $(Self::$variant(event) => event.event_type()),+ }
            }

            /// How the streams of its aggregate are named.
            pub fn stream_key(&self) -> StreamKey {
                match self { $(Self::$variant(_) => StreamKey::$key),+ }
            }

            /// Semantic version of the payload's shape.
            pub fn event_version(&self) -> String {
                match self { $(Self::$variant(event) => event.event_version()),+ }
            }

            /// Plain payload and personal parts, as the store takes them.
            pub fn encode(&self) -> serde_json::Result<(Vec<u8>, Vec<Part>)> {
                match self { $(Self::$variant(event) => sealed::take_apart(event)),+ }
            }

            /// Reads a stored event of the current version of its type.
            pub fn decode(
                event_type: &str,
                payload: &[u8],
                parts: Vec<PartContent>,
            ) -> Result<Self, DecodeError> {
                $(if <$event>::TYPES.iter().any(|(name, _)| *name == event_type) {
                    return <$event>::decode(event_type, payload, parts)
                        .map(Self::$variant)
                        .map_err(|cause| DecodeError::Payload(event_type.to_owned(), cause));
                })+
                Err(DecodeError::UnknownType(event_type.to_owned()))
            }

            /// The version that events of a type are written in; none for an unknown type.
            pub fn current_version(event_type: &str) -> Option<&'static str> {
                $(if let Some((_, version)) =
                    <$event>::TYPES.iter().find(|(name, _)| *name == event_type)
                {
                    return Some(version);
                })+
                None
            }

            /// Whether this release can read events of a type in a version.
            pub fn is_known(event_type: &str, version: &str) -> bool {
                Self::current_version(event_type) == Some(version)
                    || crate::upcast::upcasters()
                        .iter()
                        .any(|upcaster| upcaster.can_upcast(event_type, version))
            }

            /// Every type with its current version.
            pub fn catalogue() -> Vec<(&'static str, &'static str)> {
                let mut all = Vec::new();
                $(all.extend_from_slice(<$event>::TYPES);)+
                all
            }
        }
    };
}

catalogue! {
    Account(AccountEvent) by Id,
    Email(EmailEvent) by Other,
    Session(SessionEvent) by Id,
    Counselor(CounselorEvent) by Id,
    Consultation(ConsultationEvent) by Id,
    Room(RoomEvent) by Id,
    Member(MemberEvent) by Other,
    Message(MessageEvent) by Id,
    Presence(PresenceEvent) by Id,
    Access(AccessEvent) by Day,
    Seal(SealEvent) by Nothing,
    Upload(UploadEvent) by Id,
    Erasure(ErasureEvent) by Id,
    Hold(HoldEvent) by Other,
    Emotion(EmotionEvent) by Id,
    Alert(AlertEvent) by Id,
}

/// Why stored bytes are not an event.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    #[error("event type {0} is unknown to this version")]
    UnknownType(String),
    #[error("the payload of {0} does not decode: {1}")]
    Payload(String, serde_json::Error),
    #[error("event type {0} in version {1} is unknown to this version")]
    UnknownVersion(String, String),
}

/// Declares the events of one aggregate: a variant, its type and its version each.
///
/// The payload of a variant is its fields as a JSON object; type and version stand in the envelope.
macro_rules! events {
    ($(#[$doc:meta])* $name:ident {
        $($(#[$variant_doc:meta])* $variant:ident = $event_type:literal, $version:literal {
            $($(#[$field_meta:meta])* $field:ident: $field_type:ty),* $(,)?
        })+
    }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(untagged)]
        pub enum $name {
            $($(#[$variant_doc])* $variant { $($(#[$field_meta])* $field: $field_type),* }),+
        }

        impl $name {
            /// Each type with its current version.
            pub const TYPES: &'static [(&'static str, &'static str)] =
                &[$(($event_type, $version)),+];

            pub(crate) fn decode(
                event_type: &str,
                payload: &[u8],
                parts: Vec<$crate::sealed::PartContent>,
            ) -> serde_json::Result<Self> {
                match event_type {
                    $($event_type => {
                        #[derive(serde::Deserialize)]
                        struct Payload { $($(#[$field_meta])* $field: $field_type),* }
                        #[allow(unused_variables, reason = "events without fields")]
                        let payload: Payload = $crate::sealed::put_together(payload, parts)?;
                        Ok(Self::$variant { $($field: payload.$field),* })
                    })+
                    other => Err(serde::de::Error::custom(format!("no such event: {other}"))),
                }
            }
        }

        impl cqrs_es::DomainEvent for $name {
            fn event_type(&self) -> String {
                match self { $(Self::$variant { .. } => $event_type.to_owned()),+ }
            }
            fn event_version(&self) -> String {
                match self { $(Self::$variant { .. } => $version.to_owned()),+ }
            }
        }
    };
}
pub(crate) use events;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_named_as_its_kind_is() {
        let id = "0192f0c1-7a00-7000-8000-000000000001";
        assert_eq!(StreamKey::Id.thing(id), id.parse().ok());
        assert_eq!(StreamKey::Id.thing("2026-11-21"), None);
        assert_eq!(StreamKey::Day.thing("2026-11-21"), Some(Uuid::nil()));
        for bad in ["2026-11-31", "20261121", "2026-11-21T10:00:00", id, ""] {
            assert_eq!(StreamKey::Day.thing(bad), None, "{bad}");
        }
        assert_eq!(StreamKey::Other.thing("ab-cd"), Some(Uuid::nil()));
        assert_eq!(StreamKey::Nothing.thing(""), Some(Uuid::nil()));
        assert_eq!(StreamKey::Nothing.thing("ab"), None);
    }
}
