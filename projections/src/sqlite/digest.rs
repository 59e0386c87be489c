//! Every table of a read store, row by row, so that two of them can be compared.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use sha2::{Digest, Sha256};

use super::{file, statement};
use crate::ReadError;

/// What stands in a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableDigest {
    pub rows: u64,
    /// Over all rows in the order of the primary key.
    pub sha256: [u8; 32],
}

/// The digest of every table of a file, checkpoints included, by the tables' names. Blocks.
pub fn digest(path: &Path) -> Result<BTreeMap<String, TableDigest>, ReadError> {
    let mut hashes: BTreeMap<String, (u64, Sha256)> = BTreeMap::new();
    let connection = file::open_reader(path)?;
    for table in tables(&connection).map_err(|cause| statement::read_error(&cause))? {
        let (rows, hash) = hashes.entry(table.clone()).or_default();
        each_row(&connection, &table, &mut |row| {
            *rows += 1;
            hash.update(row.as_bytes());
            hash.update(b"\n");
        })
        .map_err(|cause| statement::read_error(&cause))?;
    }
    let finish = |(rows, hash): (u64, Sha256)| TableDigest {
        rows,
        sha256: hash.finalize().into(),
    };
    Ok(hashes
        .into_iter()
        .map(|(table, hash)| (table, finish(hash)))
        .collect())
}

/// Hands out every row of every table with the table's name, in the order of the primary key.
/// Blocks.
pub fn dump(path: &Path, mut row: impl FnMut(&str, &str)) -> Result<(), ReadError> {
    let connection = file::open_reader(path)?;
    let mut all = || -> rusqlite::Result<()> {
        for table in tables(&connection)? {
            each_row(&connection, &table, &mut |text| row(&table, text))?;
        }
        Ok(())
    };
    all().map_err(|cause| statement::read_error(&cause))
}

fn tables(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' \
               ESCAPE '\\' ORDER BY name";
    connection
        .prepare(sql)?
        .query_map([], |row| row.get(0))?
        .collect()
}

fn each_row(
    connection: &Connection,
    table: &str,
    hand_out: &mut dyn FnMut(&str),
) -> rusqlite::Result<()> {
    let mut keys =
        connection.prepare("SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk")?;
    let keys: Vec<String> = keys
        .query_map([table], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let order = if keys.is_empty() {
        "rowid".to_owned()
    } else {
        keys.join(", ")
    };
    let mut statement = connection.prepare(&format!("SELECT * FROM {table} ORDER BY {order}"))?;
    let columns = statement.column_count();
    let mut rows = statement.query([])?;
    let mut text = String::new();
    while let Some(row) = rows.next()? {
        text.clear();
        for column in 0..columns {
            text.push(if column == 0 { '(' } else { ',' });
            literal(row.get_ref(column)?, &mut text);
        }
        text.push(')');
        hand_out(&text);
    }
    Ok(())
}

/// A value as SQL would write it.
fn literal(value: ValueRef<'_>, text: &mut String) {
    let written = match value {
        ValueRef::Null => write!(text, "NULL"),
        ValueRef::Integer(value) => write!(text, "{value}"),
        ValueRef::Real(value) => write!(text, "{value:?}"),
        ValueRef::Text(value) => write!(text, "{:?}", String::from_utf8_lossy(value)),
        ValueRef::Blob(bytes) => bytes
            .iter()
            .try_fold((), |(), byte| write!(text, "{byte:02x}"))
            .and_then(|()| write!(text, "x")),
    };
    debug_assert!(written.is_ok(), "a string takes all that is written");
}
