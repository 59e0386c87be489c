//! Rows that queries give back, with getters that refuse a wrong type instead of panicking.

use std::sync::Arc;

use domain::{
    AccountId, CardId, ConnectionId, ConsultationId, CounselorId, CounselorStatus,
    EmotionSessionId, EndReason, MemberRole, MessageId, MessageKind, NodeId, OfferId, OfferMode,
    PersonId, Role, RoomId, SessionId, StepId, SummaryBy, UploadId, UploadKind, Withdrawal,
};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::Value;

/// One row of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Row(pub Vec<Value>);

/// A column that does not hold what its reader expects: the query and the table differ.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column {column} is not {expected}")]
pub struct RowError {
    pub column: usize,
    pub expected: &'static str,
}

impl Row {
    /// The value in a column, from 0.
    pub fn get<T: FromValue>(&self, column: usize) -> Result<T, RowError> {
        let value = self.0.get(column).unwrap_or(&Value::Null);
        T::from_value(value).ok_or(RowError {
            column,
            expected: std::any::type_name::<T>(),
        })
    }

    /// Reads the columns one after the other.
    pub fn columns(&self) -> Columns<'_> {
        Columns { row: self, next: 0 }
    }
}

/// The columns of a row, from left to right.
#[derive(Debug)]
pub struct Columns<'r> {
    row: &'r Row,
    next: usize,
}

impl Columns<'_> {
    /// The next column.
    pub fn take<T: FromValue>(&mut self) -> Result<T, RowError> {
        let column = self.next;
        self.next += 1;
        self.row.get(column)
    }

    /// Whether the next column, which stays the next one, holds nothing.
    pub fn is_null(&self) -> bool {
        matches!(self.row.0.get(self.next), None | Some(Value::Null))
    }
}

/// What can stand in a column.
pub trait FromValue: Sized {
    /// None where the value is of another type.
    fn from_value(value: &Value) -> Option<Self>;
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::from_value(value).map(Some),
        }
    }
}

impl FromValue for i64 {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Int(value) => Some(*value),
            _ => None,
        }
    }
}

impl FromValue for u64 {
    fn from_value(value: &Value) -> Option<Self> {
        i64::from_value(value)?.try_into().ok()
    }
}

impl FromValue for u32 {
    fn from_value(value: &Value) -> Option<Self> {
        i64::from_value(value)?.try_into().ok()
    }
}

impl FromValue for u16 {
    fn from_value(value: &Value) -> Option<Self> {
        i64::from_value(value)?.try_into().ok()
    }
}

impl FromValue for u8 {
    fn from_value(value: &Value) -> Option<Self> {
        i64::from_value(value)?.try_into().ok()
    }
}

impl FromValue for bool {
    fn from_value(value: &Value) -> Option<Self> {
        i64::from_value(value).map(|value| value != 0)
    }
}

impl FromValue for f64 {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Real(value) => Some(*value),
            _ => None,
        }
    }
}

impl FromValue for Arc<str> {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        }
    }
}

impl FromValue for String {
    fn from_value(value: &Value) -> Option<Self> {
        Arc::<str>::from_value(value).map(|text| text.to_string())
    }
}

impl FromValue for Arc<[u8]> {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Blob(bytes) => Some(bytes.clone()),
            _ => None,
        }
    }
}

impl FromValue for Uuid {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Blob(bytes) => Self::from_slice(bytes).ok(),
            _ => None,
        }
    }
}

/// A column of JSON text.
#[derive(Debug, Clone, PartialEq)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromValue for Json<T> {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(text) => serde_json::from_str(text).ok().map(Self),
            _ => None,
        }
    }
}

macro_rules! ids {
    ($($id:ident),+ $(,)?) => {$(
        impl FromValue for $id {
            fn from_value(value: &Value) -> Option<Self> {
                Uuid::from_value(value).map(Self)
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

/// Enums whose variants stand in columns by the names that serde gives them.
macro_rules! tags {
    ($($name:ty),+ $(,)?) => {$(
        impl $crate::FromValue for $name {
            fn from_value(value: &$crate::Value) -> Option<Self> {
                match value {
                    $crate::Value::Text(text) => {
                        serde_json::from_value(serde_json::Value::String(text.to_string())).ok()
                    }
                    _ => None,
                }
            }
        }
    )+};
}
pub(crate) use tags;

tags!(
    CounselorStatus,
    EndReason,
    MemberRole,
    MessageKind,
    OfferMode,
    Role,
    SummaryBy,
    UploadKind,
    Withdrawal,
);
