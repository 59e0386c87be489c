//! Bodies as clients, careless ones and hostile ones send them.

use proptest::prelude::*;
use serde::Deserialize;

use super::*;

#[derive(Debug, PartialEq, Deserialize)]
struct Registration {
    name: String,
    email: String,
    age: Option<u32>,
    #[serde(default)]
    tags: Vec<Tag>,
    #[serde(default)]
    colour: Option<Colour>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Tag {
    id: u64,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Colour {
    Red,
}

impl Validate for Registration {
    fn validate(&self, problems: &mut Problems) {
        problems.length("name", &self.name, 1..=5);
        problems.require(self.email.contains('@'), "email", "must be an email");
    }
}

fn decode(text: &str) -> Result<Registration, ApiError> {
    decode_json(text.as_bytes())
}

/// The names of the wrong fields, each as its path.
fn wrong(text: &str) -> Vec<String> {
    let error = decode(text).unwrap_err();
    assert_eq!(error.status, 422, "{text}: {error:?}");
    error
        .fields
        .iter()
        .map(|field| {
            let path: Vec<_> = field
                .location
                .iter()
                .map(|segment| match segment {
                    Segment::Name(name) => name.clone(),
                    Segment::Index(index) => index.to_string(),
                })
                .collect();
            path.join(".")
        })
        .collect()
}

#[test]
fn a_good_body_is_read() {
    let read = decode(
        r#"{"name": "민아", "email": "a@b", "age": 3, "unknown": [1], "tags": [{"id": 1}]}"#,
    );
    let read = read.unwrap();
    assert_eq!(
        (read.name.as_str(), read.age, read.tags.len()),
        ("민아", Some(3), 1)
    );
    assert!(decode("\u{feff}{\"name\": \"a\", \"email\": \"a@b\"}").is_ok());
}

#[test]
fn of_a_key_that_is_there_twice_the_last_counts() {
    let read = decode(r#"{"name": 1, "name": "b", "email": "a@b"}"#).unwrap();
    assert_eq!(read.name, "b");
}

#[test]
fn every_wrong_field_is_named_at_once() {
    assert_eq!(wrong("{}"), ["body.name", "body.email"]);
    assert_eq!(wrong(r#"{"name": 1, "email": null, "age": -1}"#).len(), 3);
    assert_eq!(
        wrong(r#"{"name": "toolong", "email": "x"}"#),
        ["body.name", "body.email"]
    );
    let mixed = wrong(r#"{"name": "toolong", "email": 5, "tags": [{"id": 1}, {"id": "x"}, {}]}"#);
    assert_eq!(
        mixed,
        [
            "body.email",
            "body.tags.1.id",
            "body.tags.2.id",
            "body.name"
        ]
    );
}

#[test]
fn a_value_of_another_type_is_named_with_what_it_must_be() {
    let error = decode(r#"{"name": "a", "email": "a@b", "age": "geheim"}"#).unwrap_err();
    assert_eq!(error.fields[0].message, "must be u32");
    assert!(
        !format!("{error:?}").contains("geheim"),
        "the value itself is not repeated"
    );
    assert_eq!(
        wrong(r#"{"name": "a", "email": "a@b", "colour": "blue"}"#),
        ["body.colour"]
    );
    for not_an_object in ["[]", r#"["a", "a@b"]"#, "null", "1", "\"a\"", "true"] {
        assert_eq!(wrong(not_an_object), ["body"]);
    }
}

#[test]
fn what_is_not_json_is_malformed() {
    let deep = "[".repeat(100_000);
    let deeper = r#"{"a":"#.repeat(10_000);
    for text in [
        "",
        " ",
        "{",
        "}",
        "{\"name\": \"a\"",
        "{'name': 'a'}",
        "nul",
        "{\"name\": 1e400}",
        "1e400",
        "-1e400",
        "NaN",
        "{\"name\": \"\\ud800\"}",
        "{\"name\": \"\\udc00\\ud800\"}",
        "{\"name\": \"a\0b\"}",
        "{\"name\": \"\n\"}",
        "{} {}",
        "name=a&email=b",
        &deep,
        &deeper,
    ] {
        let shown: String = text.chars().take(30).collect();
        let error = decode(text).unwrap_err();
        assert_eq!(
            (error.status.as_u16(), error.code),
            (400, "malformed_json"),
            "{shown}"
        );
    }
    let error = decode_json::<Registration>(b"{\"name\": \"\xff\"}").unwrap_err();
    assert_eq!(error.code, "malformed_json");
}

#[test]
fn nul_is_refused_wherever_it_stands() {
    assert_eq!(
        wrong(r#"{"name": "a\u0000b", "email": "a@b"}"#),
        ["body.name"]
    );
    assert_eq!(
        wrong(r#"{"name": "a", "email": "a@b", "x": [{"y": "\u0000"}]}"#),
        ["body.x.0.y"]
    );
    assert_eq!(
        wrong(r#"{"name": "a", "email": "a@b", "x\u0000": 1}"#),
        ["body"]
    );
}

#[test]
fn the_fields_named_are_bounded() {
    let many = format!(
        r#"{{"tags": [{}]}}"#,
        vec!["{\"id\": \"x\"}"; 900].join(",")
    );
    assert!(wrong(&many).len() <= MAX_FIELDS);
    let nuls = format!(r#"{{"x": [{}]}}"#, vec![r#""\u0000""#; 900].join(","));
    assert!(wrong(&nuls).len() <= MAX_FIELDS);
    let large = format!(
        r#"{{"name": 1, "x": "{}"}}"#,
        "a".repeat(MAX_BYTES_FOR_ALL_FIELDS)
    );
    assert_eq!(wrong(&large), ["body.name"]);
}

#[test]
fn a_list_of_100_000_is_read_in_no_time() {
    let list = format!(
        r#"{{"name": "a", "email": "a@b", "x": [{}1]}}"#,
        "1,".repeat(100_000)
    );
    assert!(decode(&list).is_ok());
}

/// JSON of any shape, with the field names that the type knows among its keys.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    let key = prop_oneof!["name", "email", "age", "tags", "colour", "id", "\\PC{0,4}"];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..6)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_comes_is_read_or_refused_with_400_or_422(value in any_json()) {
        if let Err(error) = decode(&value.to_string()) {
            prop_assert!(error.status == 422 && !error.fields.is_empty(), "{:?}", error);
        }
    }

    #[test]
    fn no_bytes_break_the_decoder(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Err(error) = decode_json::<Registration>(&bytes) {
            prop_assert!([400, 422].contains(&error.status.as_u16()));
        }
    }
}
