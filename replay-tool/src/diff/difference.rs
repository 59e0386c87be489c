//! One row in which the live read models and the log differ.

use std::collections::BTreeMap;
use std::fmt;

use event_store::{Position, Recorded};
use projections::Value;
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::table::{Table, Values};
use crate::hex::hex;

/// What is wrong with a row. The names are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The log makes it, and it is not there.
    Missing,
    /// It is there, and the log makes no such row.
    Extra,
    /// It is there, with other values.
    Differs,
    /// The table itself is not there, or has other columns.
    Table,
}

#[derive(Debug, Clone, Serialize)]
pub struct Difference {
    pub projection: &'static str,
    pub table: String,
    pub kind: Kind,
    /// The primary key, by its columns.
    pub key: BTreeMap<String, serde_json::Value>,
    /// Columns in which the row differs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<Column>,
    /// The last event that wrote or removed the row on the way to the checkpoint; none where no
    /// event did.
    pub event: Option<Writer>,
    #[serde(skip)]
    pub key_values: Values,
}

/// One column of a row that differs. Numbers are shown, of texts and bytes only their length and
/// the beginning of their SHA-256.
#[derive(Debug, Clone, Serialize)]
pub struct Column {
    pub name: String,
    pub live: serde_json::Value,
    pub log: serde_json::Value,
}

/// The event behind a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Writer {
    pub position: Position,
    pub event_id: Uuid,
    #[serde(rename = "type")]
    pub event_type: String,
    pub stream: String,
}

impl Difference {
    pub fn of_row(projection: &'static str, table: &Table, kind: Kind, row: &[Value]) -> Self {
        let key_values = table.key_of(row);
        let names = table.key_columns().map(str::to_owned);
        Self {
            projection,
            table: table.name.clone(),
            kind,
            key: names.zip(key_values.iter().map(in_key)).collect(),
            columns: Vec::new(),
            event: None,
            key_values,
        }
    }

    pub fn of_table(projection: &'static str, table: &Table) -> Self {
        Self {
            projection,
            table: table.name.clone(),
            kind: Kind::Table,
            key: BTreeMap::new(),
            columns: Vec::new(),
            event: None,
            key_values: Vec::new(),
        }
    }
}

impl Column {
    pub fn new(name: &str, live: &Value, log: &Value) -> Self {
        Self {
            name: name.to_owned(),
            live: shown(live),
            log: shown(log),
        }
    }
}

impl Writer {
    pub fn of(event: &Recorded) -> Self {
        Self {
            position: event.position,
            event_id: event.event_id,
            event_type: event.event_type.to_string(),
            stream: event.stream.to_string(),
        }
    }
}

/// Keys are numbers, ids, hashes and the names of kinds.
fn in_key(value: &Value) -> serde_json::Value {
    match value {
        Value::Text(text) => text.to_string().into(),
        Value::Blob(bytes) => match Uuid::from_slice(bytes) {
            Ok(uuid) => uuid.to_string().into(),
            Err(_) => hex(bytes).into(),
        },
        other => shown(other),
    }
}

fn shown(value: &Value) -> serde_json::Value {
    let hidden = |bytes: &[u8], what| {
        let hash = hex(&Sha256::digest(bytes)[..4]);
        format!("{what} of {} bytes, SHA-256 {hash}…", bytes.len()).into()
    };
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Int(value) => (*value).into(),
        Value::Real(value) => (*value).into(),
        Value::Text(text) => hidden(text.as_bytes(), "text"),
        Value::Blob(bytes) => hidden(bytes, "bytes"),
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "table {}", self.table)?;
        for (place, (name, value)) in self.key.iter().enumerate() {
            let separator = if place == 0 { ", row" } else { "," };
            match value {
                serde_json::Value::String(text) => write!(f, "{separator} {name} {text}")?,
                other => write!(f, "{separator} {name} {other}")?,
            }
        }
        match self.kind {
            Kind::Missing => write!(f, ": missing, the log makes it")?,
            Kind::Extra => write!(f, ": the log makes no such row")?,
            Kind::Table => write!(f, ": it is not there, or has other columns")?,
            Kind::Differs => write!(f, ": differs")?,
        }
        for (place, column) in self.columns.iter().enumerate() {
            let separator = if place == 0 { " in" } else { "," };
            let Column { name, live, log } = column;
            write!(f, "{separator} {name} (is {live}, the log makes {log})")?;
        }
        match (&self.event, self.kind) {
            (Some(event), _) => write!(
                f,
                "; written last by {} at position {}, stream {}",
                event.event_type, event.position, event.stream
            ),
            (None, Kind::Table) => Ok(()),
            (None, _) => write!(f, "; no event wrote it"),
        }
    }
}
