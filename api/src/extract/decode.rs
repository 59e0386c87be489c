//! JSON to types: malformed is 400, a wrong field is 422, and nothing makes it panic.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use serde_path_to_error::{Path, Segment as PathSegment};

use super::{Problems, Validate};
use crate::error::{ApiError, FieldError, Segment};

/// Wrong fields that one answer names.
const MAX_FIELDS: usize = 16;

/// In a larger body only the first wrong field is named: finding the others costs as much again
/// for each.
const MAX_BYTES_FOR_ALL_FIELDS: usize = 16 * 1024;

/// What may stand in for a wrong value while the others are looked at.
fn stand_ins() -> [Value; 7] {
    let nothing = "00000000-0000-0000-0000-000000000000";
    [
        json!(""),
        json!(0),
        json!(false),
        json!([]),
        json!({}),
        json!(nothing),
        Value::Null,
    ]
}

/// Reads JSON as a type. Of a key that is there twice the last counts; unknown keys are ignored.
pub fn decode_json<T: DeserializeOwned + Validate>(bytes: &[u8]) -> Result<T, ApiError> {
    let value = parse(bytes)?;
    decode_value(value, bytes.len() <= MAX_BYTES_FOR_ALL_FIELDS)
}

fn parse(bytes: &[u8]) -> Result<Value, ApiError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    serde_json::from_slice(bytes)
        .map_err(|_| ApiError::malformed("malformed_json", "the body is not JSON"))
}

/// Reads a JSON value as a type, and names every field that is wrong.
pub(super) fn decode_value<T: DeserializeOwned + Validate>(
    mut value: Value,
    name_all: bool,
) -> Result<T, ApiError> {
    let mut wrong = Vec::new();
    // A list would be taken for the fields in order.
    if !value.is_object() {
        let location = vec![Segment::Name("body".to_owned())];
        let message = "must be an object".to_owned();
        let error = FieldError {
            location,
            message,
            kind: "type_error",
        };
        return Err(ApiError::invalid_fields(vec![error]));
    }
    refuse_nul(
        &value,
        &mut vec![Segment::Name("body".to_owned())],
        &mut wrong,
    );
    if !wrong.is_empty() {
        return Err(ApiError::invalid_fields(wrong));
    }
    let mut read = attempt::<T>(&value);
    while let Err(error) = read {
        wrong.push(error.clone());
        let another = name_all && wrong.len() < MAX_FIELDS;
        match another.then(|| get_past::<T>(&mut value, &error)).flatten() {
            Some(next) => read = next,
            None => return Err(ApiError::invalid_fields(wrong)),
        }
    }
    let read = read.map_err(|error| ApiError::invalid_fields(vec![error]))?;
    let mut problems = Problems::of("body");
    read.validate(&mut problems);
    for problem in problems.into_found() {
        // A stand-in that is not allowed is no news.
        if !wrong.iter().any(|known| known.location == problem.location) {
            wrong.push(problem);
        }
    }
    if wrong.is_empty() {
        Ok(read)
    } else {
        Err(ApiError::invalid_fields(wrong))
    }
}

/// Replaces a wrong value by one that gets further; none if nothing does.
fn get_past<T: DeserializeOwned>(
    value: &mut Value,
    error: &FieldError,
) -> Option<Result<T, FieldError>> {
    for stand_in in stand_ins() {
        put(value, error.location.get(1..)?, stand_in)?;
        match attempt::<T>(value) {
            Err(next) if next.location == error.location => {}
            next => return Some(next),
        }
    }
    None
}

fn put(value: &mut Value, path: &[Segment], new: Value) -> Option<()> {
    let (last, way) = path.split_last()?;
    let mut parent = value;
    for segment in way {
        parent = match segment {
            Segment::Name(name) => parent.get_mut(name)?,
            Segment::Index(index) => parent.get_mut(index)?,
        };
    }
    match (last, parent) {
        (Segment::Name(name), Value::Object(object)) => {
            object.insert(name.clone(), new);
        }
        (Segment::Index(index), Value::Array(array)) => *array.get_mut(*index)? = new,
        _ => return None,
    }
    Some(())
}

fn attempt<T: DeserializeOwned>(value: &Value) -> Result<T, FieldError> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let mut location = location(error.path());
        let message = error.into_inner().to_string();
        let kind = if let Some(field) = missing_field(&message) {
            location.push(Segment::Name(field.to_owned()));
            "missing"
        } else {
            "type_error"
        };
        let message = if kind == "missing" {
            "is missing".to_owned()
        } else {
            tame(&message)
        };
        FieldError {
            location,
            message,
            kind,
        }
    })
}

fn location(path: &Path) -> Vec<Segment> {
    let mut location = vec![Segment::Name("body".to_owned())];
    for segment in path {
        match segment {
            PathSegment::Seq { index } => location.push(Segment::Index(*index)),
            PathSegment::Map { key } => location.push(Segment::Name(key.clone())),
            // The variant of an enum is no key of the JSON.
            PathSegment::Enum { .. } | PathSegment::Unknown => {}
        }
    }
    location
}

fn missing_field(message: &str) -> Option<&str> {
    message.strip_prefix("missing field `")?.strip_suffix('`')
}

/// What serde says, without the value, which may be long or private.
fn tame(message: &str) -> String {
    let expected = message
        .rsplit_once("expected ")
        .map(|(_, expected)| expected);
    expected.map_or_else(
        || "is not allowed".to_owned(),
        |expected| format!("must be {expected}"),
    )
}

/// NUL is a character to some stores and not to others: it gets no further than this.
fn refuse_nul(value: &Value, at: &mut Vec<Segment>, wrong: &mut Vec<FieldError>) {
    if wrong.len() >= MAX_FIELDS {
        return;
    }
    let note = |at: &[Segment], wrong: &mut Vec<FieldError>| {
        let message = "must not contain NUL".to_owned();
        wrong.push(FieldError {
            location: at.to_vec(),
            message,
            kind: "value_error",
        });
    };
    match value {
        Value::String(text) if text.contains('\0') => note(at, wrong),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                at.push(Segment::Index(index));
                refuse_nul(item, at, wrong);
                at.pop();
            }
        }
        Value::Object(object) => {
            for (key, item) in object {
                if key.contains('\0') {
                    note(at, wrong);
                    continue;
                }
                at.push(Segment::Name(key.clone()));
                refuse_nul(item, at, wrong);
                at.pop();
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;
