//! A read store in a SQLite file, live or rebuilt.

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use projections::{Checkpoint, Value};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, params_from_iter};
use uuid::Uuid;

use super::page_sql;
use crate::diff::live::Snapshot;
use crate::diff::table::{Table, Values};
use crate::failure::Failure;

/// How long a statement waits for a lock that the server holds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

pub struct FileSnapshot(Connection);

impl FileSnapshot {
    /// Begins a transaction that sees the file as it is now.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let begin = || -> rusqlite::Result<Connection> {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let connection = Connection::open_with_flags(path, flags)?;
            connection.busy_timeout(BUSY_TIMEOUT)?;
            // The transaction begins to see with the first table that it looks into.
            connection.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema")?;
            Ok(connection)
        };
        begin().map(Self).map_err(|cause| failure(&cause))
    }

    /// The columns of a table and of its primary key.
    pub fn table(&self, name: &str) -> Result<Table, Failure> {
        let read = || -> rusqlite::Result<Vec<(String, u32)>> {
            self.0
                .prepare("SELECT name, pk FROM pragma_table_info(?1) ORDER BY cid")?
                .query_map([name], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect()
        };
        let columns = read().map_err(|cause| failure(&cause))?;
        let mut key: Vec<usize> = (0..columns.len())
            .filter(|place| columns[*place].1 > 0)
            .collect();
        key.sort_by_key(|place| columns[*place].1);
        if key.is_empty() {
            let reason = format!("the table {name} has no primary key");
            return Err(Failure::Rebuild(reason));
        }
        Ok(Table {
            name: name.to_owned(),
            columns: columns.into_iter().map(|(name, _)| name).collect(),
            key,
        })
    }

    fn read_rows(&self, table: &Table, after: Option<&Values>) -> rusqlite::Result<Vec<Values>> {
        // SQLite numbers `$1` by its first appearance, which is its number here.
        let mut statement = self.0.prepare_cached(&page_sql(table, after.is_some()))?;
        let mut rows = statement.query(params_from_iter(after.into_iter().flatten()))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let columns = 0..table.columns.len();
            found.push(
                columns
                    .map(|column| row.get_ref(column).map(value))
                    .collect::<rusqlite::Result<_>>()?,
            );
        }
        Ok(found)
    }
}

#[async_trait]
impl Snapshot for FileSnapshot {
    async fn checkpoints(&mut self) -> Result<Vec<Checkpoint>, Failure> {
        let read = || -> rusqlite::Result<Vec<Checkpoint>> {
            self.0
                .prepare("SELECT projection, version, position, event_id FROM checkpoints")?
                .query_map([], |row| {
                    Ok(Checkpoint {
                        projection: row.get(0)?,
                        version: row.get(1)?,
                        position: row.get::<_, i64>(2)?.cast_unsigned(),
                        event_id: Uuid::from_bytes(row.get(3)?),
                    })
                })?
                .collect()
        };
        read().map_err(|cause| failure(&cause))
    }

    async fn columns(&mut self, table: &str) -> Result<Vec<String>, Failure> {
        let read = || -> rusqlite::Result<Vec<String>> {
            self.0
                .prepare("SELECT name FROM pragma_table_info(?1)")?
                .query_map([table], |row| row.get(0))?
                .collect()
        };
        read().map_err(|cause| failure(&cause))
    }

    async fn rows(
        &mut self,
        table: &Table,
        after: Option<&Values>,
    ) -> Result<Vec<Values>, Failure> {
        self.read_rows(table, after)
            .map_err(|cause| failure(&cause))
    }
}

fn value(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(value) => Value::Int(value),
        ValueRef::Real(value) => Value::Real(value),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into()),
        ValueRef::Blob(bytes) => Value::Blob(bytes.into()),
    }
}

fn failure(cause: &rusqlite::Error) -> Failure {
    Failure::Live(cause.to_string())
}
