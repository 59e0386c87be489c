//! What a projection writes: statements and parameters, collected by a pure function.

use std::sync::Arc;

use crate::Fact;

/// A parameter or a column. Booleans are integers, times are microseconds, UUIDs are 16 bytes.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Int(i64),
    Real(f64),
    Text(Arc<str>),
    Blob(Arc<[u8]>),
}

/// A statement, written once with `$1`, `$2`, …; or once for each engine where they differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sql {
    Shared(&'static str),
    Per { sqlite: &'static str, postgres: &'static str },
}

/// What one stretch of the log changes in the tables of one projection.
#[derive(Debug, Default)]
pub struct Batch {
    pub(crate) statements: Vec<(Sql, Vec<Value>)>,
}

impl Batch {
    pub fn push(&mut self, sql: &'static str, parameters: impl Into<Vec<Value>>) {
        self.statements.push((Sql::Shared(sql), parameters.into()));
    }

    pub fn push_per(&mut self, sql: Sql, parameters: impl Into<Vec<Value>>) {
        self.statements.push((sql, parameters.into()));
    }
}

/// A read model: a pure function from events to statements. Live running and replay are the same.
pub trait Projection: Send + Sync {
    fn name(&self) -> &'static str;

    /// Raised whenever the rows that it makes change shape or meaning: it is then rebuilt.
    fn version(&self) -> u32;

    /// The tables that it alone writes; emptied before a rebuild.
    fn tables(&self) -> &'static [&'static str];

    /// Pushes what this event changes. Never reads back, never looks at a clock, never uses
    /// sealed content for a row, flag or number.
    fn project(&self, fact: &Fact, batch: &mut Batch);
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

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

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Int(value.into())
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

impl From<uuid::Uuid> for Value {
    fn from(value: uuid::Uuid) -> Self {
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
