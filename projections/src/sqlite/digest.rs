//! Every table of a file, row by row, so that two read stores can be compared.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::{file, statement};
use crate::ReadError;
use crate::dump::{Digests, Literal, RowText, TableDigest};

/// The digest of every table of a file, checkpoints included, by the tables' names. Blocks.
pub fn digest(path: &Path) -> Result<BTreeMap<String, TableDigest>, ReadError> {
    let connection = file::open_reader(path)?;
    let mut digests = Digests::default();
    let mut all = || -> rusqlite::Result<()> {
        for table in tables(&connection)? {
            digests.table(&table);
            each_row(&connection, &table, &mut |row| digests.row(&table, row))?;
        }
        Ok(())
    };
    all().map_err(|cause| statement::read_error(&cause))?;
    Ok(digests.finish())
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
    let mut text = RowText::default();
    while let Some(row) = rows.next()? {
        text.begin();
        for column in 0..columns {
            match row.get_ref(column)? {
                ValueRef::Null => text.push(&Literal::Null),
                ValueRef::Integer(value) => text.push(&Literal::Int(value)),
                ValueRef::Real(value) => text.push(&Literal::Real(value)),
                ValueRef::Text(value) => {
                    text.push(&Literal::Text(&String::from_utf8_lossy(value)));
                }
                ValueRef::Blob(bytes) => text.push(&Literal::Blob(bytes)),
            }
        }
        hand_out(text.end());
    }
    Ok(())
}
