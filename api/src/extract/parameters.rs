//! Query parameters, read by the types that the fields have.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::de::value::{Error as ValueError, MapDeserializer};
use serde::de::{DeserializeOwned, Deserializer, IntoDeserializer, Visitor};

use super::{Problems, Validate};
use crate::error::{ApiError, FieldError};

/// The query of the address. Of a parameter that is there twice the last counts; unknown ones are
/// ignored; an empty one is left out.
#[derive(Debug, Clone, Copy)]
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Validate> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        decode_query(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

/// The parameters of a query, each once.
pub(super) fn pairs(query: &str) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        pairs.retain(|(known, _)| *known != name);
        if !value.is_empty() {
            pairs.push((name.into_owned(), value.into_owned()));
        }
    }
    pairs
}

fn decode_query<T: DeserializeOwned + Validate>(query: &str) -> Result<T, ApiError> {
    let pairs = pairs(query);
    let nul: Vec<_> = pairs
        .iter()
        .filter(|(_, value)| value.contains('\0'))
        .map(|(name, _)| FieldError::new("query", name, "must not contain NUL"))
        .collect();
    if !nul.is_empty() {
        return Err(ApiError::invalid_fields(nul));
    }
    let texts = pairs.into_iter().map(|(name, value)| (name, Text(value)));
    let map = MapDeserializer::<_, ValueError>::new(texts);
    let read: T = serde_path_to_error::deserialize(map).map_err(|error| {
        let message = error.inner().to_string();
        match message
            .strip_prefix("missing field `")
            .and_then(|rest| rest.strip_suffix('`'))
        {
            Some(field) => ApiError::invalid("query", field, "is missing"),
            None => ApiError::invalid("query", &error.path().to_string(), "is not allowed"),
        }
    })?;
    let mut problems = Problems::of("query");
    read.validate(&mut problems);
    let found = problems.into_found();
    if found.is_empty() {
        Ok(read)
    } else {
        Err(ApiError::invalid_fields(found))
    }
}

/// A text that becomes whatever its field is.
struct Text(String);

impl IntoDeserializer<'_> for Text {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! parsed {
    ($($method:ident $visit:ident $type:ty;)+) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
            match self.0.parse::<$type>() {
                Ok(value) => visitor.$visit(value),
                Err(error) => Err(serde::de::Error::custom(error)),
            }
        }
    )+ };
}

impl<'de> Deserializer<'de> for Text {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_string(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        visitor.visit_enum(self.0.into_deserializer())
    }

    parsed! {
        deserialize_bool visit_bool bool;
        deserialize_i8 visit_i8 i8;
        deserialize_i16 visit_i16 i16;
        deserialize_i32 visit_i32 i32;
        deserialize_i64 visit_i64 i64;
        deserialize_u8 visit_u8 u8;
        deserialize_u16 visit_u16 u16;
        deserialize_u32 visit_u32 u32;
        deserialize_u64 visit_u64 u64;
        deserialize_f32 visit_f32 f32;
        deserialize_f64 visit_f64 f64;
    }

    serde::forward_to_deserialize_any! {
        char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct
        identifier ignored_any i128 u128
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Status {
        Pending,
        Accepted,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Search {
        q: String,
        status: Option<Status>,
        after: Option<u64>,
        #[serde(default)]
        all: bool,
        score: Option<f64>,
    }

    impl Validate for Search {
        fn validate(&self, problems: &mut Problems) {
            problems.length("q", &self.q, 2..=10);
        }
    }

    fn wrong(query: &str) -> String {
        let error = decode_query::<Search>(query).unwrap_err();
        assert_eq!(error.status, 422);
        format!("{:?}", error.fields)
    }

    #[test]
    fn parameters_become_what_their_fields_are() {
        let read: Search =
            decode_query("q=%EC%95%88+%EB%85%95&status=pending&after=7&all=true&score=1.5&x=y")
                .unwrap();
        let status = Some(Status::Pending);
        let expected = Search {
            q: "안 녕".to_owned(),
            status,
            after: Some(7),
            all: true,
            score: Some(1.5),
        };
        assert_eq!(read, expected);
    }

    #[test]
    fn the_last_of_two_counts_and_an_empty_one_is_left_out() {
        let read: Search = decode_query("q=ab&q=cd&after=&status=").unwrap();
        assert_eq!(
            (read.q.as_str(), read.after, read.status),
            ("cd", None, None)
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert!(wrong("").contains("\"q\""));
        assert!(wrong("q=ab&after=x").contains("\"after\""));
        assert!(wrong("q=ab&after=-1").contains("\"after\""));
        assert!(wrong("q=ab&after=99999999999999999999").contains("\"after\""));
        assert!(wrong("q=ab&status=nonsense").contains("\"status\""));
        assert!(wrong("q=ab&all=maybe").contains("\"all\""));
        assert!(wrong("q=a").contains("\"q\""));
        assert!(wrong("q=a%00b").contains("NUL"));
    }

    proptest! {
        #[test]
        fn no_query_breaks_the_decoder(query in "\\PC{0,80}|(q|after|all|status|score)=[%0-9a-z&=+.-]{0,40}") {
            if let Err(error) = decode_query::<Search>(&query) {
                prop_assert!(error.status == 422 && !error.fields.is_empty());
            }
        }
    }
}
