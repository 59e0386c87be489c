//! Old shapes of events become the current ones when they are read; the log keeps the old bytes.

use std::borrow::Cow;
use std::str::FromStr;

use cqrs_es::persist::{EventUpcaster, SemanticVersion, SerializedEvent};

use crate::{DecodeError, Event};

/// From each old shape to the next newer one, in the order in which they are tried.
///
/// Add `SemanticVersionEventUpcaster::new(type, new version, function)` here when a type gets a
/// new version. Personal parts keep their places: the payload names them by index.
pub fn upcasters() -> Vec<Box<dyn EventUpcaster>> {
    Vec::new()
}

/// The payload of a stored event in the current shape of its type.
///
/// # Errors
/// A type or version that this program does not know, as after a downgrade, and a payload that is
/// not JSON.
pub fn upcast<'a>(
    event_type: &str,
    event_version: &str,
    payload: &'a [u8],
) -> Result<Cow<'a, [u8]>, DecodeError> {
    let Some(current) = Event::current_version(event_type) else {
        return Err(DecodeError::UnknownType(event_type.to_owned()));
    };
    if event_version == current {
        return Ok(Cow::Borrowed(payload));
    }
    upcast_through(&upcasters(), current, event_type, event_version, payload).map(Cow::Owned)
}

fn upcast_through(
    upcasters: &[Box<dyn EventUpcaster>],
    current: &str,
    event_type: &str,
    event_version: &str,
    payload: &[u8],
) -> Result<Vec<u8>, DecodeError> {
    let unreadable = |cause| DecodeError::Payload(event_type.to_owned(), cause);
    let unknown = || DecodeError::UnknownVersion(event_type.to_owned(), event_version.to_owned());
    if !is_semantic(event_version) {
        return Err(unknown());
    }
    let mut event = SerializedEvent::new(
        String::new(),
        0,
        String::new(),
        event_type.to_owned(),
        event_version.to_owned(),
        serde_json::from_slice(payload).map_err(unreadable)?,
        serde_json::Value::Null,
    );
    for upcaster in upcasters {
        if upcaster.can_upcast(&event.event_type, &event.event_version) {
            event = upcaster.upcast(event);
        }
    }
    if event.event_version != current {
        return Err(unknown());
    }
    serde_json::to_vec(&event.payload).map_err(unreadable)
}

/// Whether it is `x.y.z`. cqrs-es takes less, and skips silently what it cannot read.
fn is_semantic(version: &str) -> bool {
    version.split('.').count() == 3 && SemanticVersion::from_str(version).is_ok()
}

#[cfg(test)]
mod tests {
    use cqrs_es::persist::SemanticVersionEventUpcaster;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn every_version_of_the_catalogue_is_semantic() {
        for (event_type, version) in Event::catalogue() {
            assert!(
                is_semantic(version),
                "{event_type} has the version {version}"
            );
        }
        for bad in ["", "1", "1.0", "1.0.0.0", "1.0.x", "v1.0.0"] {
            assert!(!is_semantic(bad), "{bad}");
        }
    }

    #[test]
    fn the_current_version_is_left_alone() {
        let payload = br#"{"account":"x"}"#;
        let read = upcast("email.reserved", "1.0.0", payload).unwrap();
        assert!(matches!(read, Cow::Borrowed(bytes) if bytes == payload));
    }

    #[test]
    fn what_a_later_program_wrote_is_refused_and_not_guessed_at() {
        let newer = upcast("email.reserved", "1.0.1", b"{}").unwrap_err();
        assert!(matches!(newer, DecodeError::UnknownVersion(..)), "{newer}");
        let unknown = upcast("email.lost", "1.0.0", b"{}").unwrap_err();
        assert!(matches!(unknown, DecodeError::UnknownType(_)), "{unknown}");
        let unparsable = upcast("email.reserved", "one", b"{}").unwrap_err();
        assert!(
            matches!(unparsable, DecodeError::UnknownVersion(..)),
            "{unparsable}"
        );
    }

    #[test]
    fn an_old_shape_goes_through_every_shape_after_it() {
        let rename = |from: &'static str, to: &'static str| {
            Box::new(move |mut payload: Value| {
                payload[to] = payload[from].take();
                if let Some(fields) = payload.as_object_mut() {
                    fields.remove(from);
                }
                payload
            })
        };
        let upcasters: Vec<Box<dyn EventUpcaster>> = vec![
            Box::new(SemanticVersionEventUpcaster::new(
                "t",
                "1.1.0",
                rename("a", "b"),
            )),
            Box::new(SemanticVersionEventUpcaster::new(
                "t",
                "2.0.0",
                rename("b", "c"),
            )),
        ];
        let read = |version, payload: Value| {
            let payload = serde_json::to_vec(&payload).unwrap();
            let new = upcast_through(&upcasters, "2.0.0", "t", version, &payload).unwrap();
            serde_json::from_slice::<Value>(&new).unwrap()
        };
        assert_eq!(read("1.0.0", json!({"a": 1})), json!({"c": 1}));
        assert_eq!(read("1.1.0", json!({"b": 1})), json!({"c": 1}));
    }
}
