//! The raw limit of a rebuild: the rows that came of it, inserted table by table.

use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use crate::failure::Failure;
use crate::meter::{Meter, Spent};

/// Rows in one transaction.
const ROWS_AT_ONCE: usize = 2_048;

/// Memory for pages, the same as the read store's writer has, in KiB.
const CACHE_KIB: i64 = 32 * 1024;

/// Every row of a database, and the statements that made its tables and indexes.
pub struct Rows {
    schema: Vec<String>,
    tables: Vec<Table>,
}

struct Table {
    name: String,
    columns: usize,
    rows: Vec<Vec<Value>>,
}

impl Rows {
    pub fn of(database: &Path) -> Result<Self, Failure> {
        let connection = Connection::open(database)?;
        let schema = connection
            .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid")?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let names: Vec<String> = connection
            .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid")?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let tables = names
            .into_iter()
            .map(|name| Table::read(&connection, name))
            .collect::<Result<_, _>>()?;
        Ok(Self { schema, tables })
    }

    pub fn count(&self) -> u64 {
        let rows = self.tables.iter().map(|table| table.rows.len() as u64);
        rows.sum()
    }

    /// Into a new file, opened as the read store opens its own, and put on disk at the end.
    pub fn insert(&self, path: &Path) -> Result<Spent, Failure> {
        let meter = Meter::start()?;
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "OFF")?;
        connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
        for sql in &self.schema {
            connection.execute_batch(sql)?;
        }
        for table in &self.tables {
            table.insert(&connection)?;
        }
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        meter.read()
    }
}

impl Table {
    fn read(connection: &Connection, name: String) -> rusqlite::Result<Self> {
        let mut select = connection.prepare(&format!("SELECT * FROM {name}"))?;
        let columns = select.column_count();
        let rows = select
            .query_map([], |row| {
                (0..columns).map(|column| row.get(column)).collect()
            })?
            .collect::<Result<_, _>>()?;
        drop(select);
        Ok(Self {
            name,
            columns,
            rows,
        })
    }

    fn insert(&self, connection: &Connection) -> rusqlite::Result<()> {
        let places = vec!["?"; self.columns].join(", ");
        let mut insert =
            connection.prepare(&format!("INSERT INTO {} VALUES ({places})", self.name))?;
        for rows in self.rows.chunks(ROWS_AT_ONCE) {
            connection.execute_batch("BEGIN IMMEDIATE")?;
            for row in rows {
                insert.execute(params_from_iter(row))?;
            }
            connection.execute_batch("COMMIT")?;
        }
        Ok(())
    }
}
