//! Answers held against a guide's own shapes: fixtures with the same fields and types.

use serde_json::{Value, json};

/// Every field of the fixture is there with its type; others may be as well. `fixture` is a path
/// below the folder of fixtures, without its ending.
#[track_caller]
pub fn assert_golden(answer: &Value, fixture: &str) {
    let path = format!("{}/fixtures/{fixture}.json", env!("CARGO_MANIFEST_DIR"));
    let golden: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    contains(&shape(answer), &shape(&golden), fixture);
}

/// The types of the fields of an object, as a guide shows them.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), shape(value)))
            .collect(),
        Value::Array(items) => items.first().map_or(json!([]), |item| json!([shape(item)])),
        Value::String(text) if is_time(text) => json!("time"),
        Value::String(_) => json!("text"),
        Value::Number(number) if number.is_i64() || number.is_u64() => json!("integer"),
        Value::Number(_) => json!("number"),
        Value::Bool(_) => json!("boolean"),
        Value::Null => json!("null"),
    }
}

/// `2025-01-01T10:00:00`: no offset, whole seconds.
fn is_time(text: &str) -> bool {
    let pattern = "0000-00-00T00:00:00";
    text.len() == pattern.len()
        && text.bytes().zip(pattern.bytes()).all(|(byte, expected)| {
            if expected == b'0' {
                byte.is_ascii_digit()
            } else {
                byte == expected
            }
        })
}

#[track_caller]
fn contains(answer: &Value, golden: &Value, at: &str) {
    match (answer, golden) {
        (Value::Object(answer), Value::Object(golden)) => {
            for (name, expected) in golden {
                let found = answer
                    .get(name)
                    .unwrap_or_else(|| panic!("{at}.{name} is missing"));
                contains(found, expected, &format!("{at}.{name}"));
            }
        }
        (Value::Array(answer), Value::Array(golden)) => {
            assert_eq!(answer.is_empty(), golden.is_empty(), "{at}");
            for (answer, golden) in answer.iter().zip(golden) {
                contains(answer, golden, at);
            }
        }
        (answer, golden) => assert_eq!(answer, golden, "{at}"),
    }
}
