//! Values on their way into and out of the tables.

use std::sync::Arc;

use domain::{
    AccountId, CardId, ConnectionId, ConsultationId, CounselorId, EmotionSessionId, MessageId,
    NodeId, OfferId, PersonId, RoomId, SessionId, StepId, UploadId,
};
use serde::Serialize;
use uuid::Uuid;

/// A parameter or a column. Booleans are integers, times are microseconds, UUIDs are 16 bytes.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Int(i64),
    Real(f64),
    Text(Arc<str>),
    Blob(Arc<[u8]>),
}

impl Value {
    /// The name that serde gives a variant without fields, e.g. `waiting`; anything else is null.
    pub fn tag(variant: &impl Serialize) -> Self {
        match serde_json::to_value(variant) {
            Ok(serde_json::Value::String(name)) => name.into(),
            _ => Self::Null,
        }
    }

    /// A value as JSON text. What does not serialise is null.
    pub fn json(value: &impl Serialize) -> Self {
        serde_json::to_string(value).map_or(Self::Null, Into::into)
    }
}

/// A list of parameters, each turned into a [`Value`].
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$($crate::Value::from($value)),*] };
}
pub(crate) use values;

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

/// Positions, versions and numbers are far below 2^63.
impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Self::Int(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Int(value.into())
    }
}

impl From<u8> for Value {
    fn from(value: u8) -> Self {
        Self::Int(value.into())
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Int(value.into())
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Real(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.into())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value.into())
    }
}

impl From<Uuid> for Value {
    fn from(value: Uuid) -> Self {
        Self::Blob(Arc::from(value.as_bytes().as_slice()))
    }
}

impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Blob(value.into())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

macro_rules! ids {
    ($($id:ident),+ $(,)?) => {$(
        impl From<$id> for Value {
            fn from(id: $id) -> Self {
                id.0.into()
            }
        }
    )+};
}
ids!(
    AccountId,
    CardId,
    ConnectionId,
    ConsultationId,
    CounselorId,
    EmotionSessionId,
    MessageId,
    NodeId,
    OfferId,
    PersonId,
    RoomId,
    SessionId,
    StepId,
    UploadId,
);
