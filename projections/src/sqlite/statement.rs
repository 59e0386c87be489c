//! Statements as SQLite takes them, and values on their way in and out.

use std::collections::HashMap;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, Error, ErrorCode, ToSql};

use crate::{ReadError, Row, Sql, Value};

/// Rewritten texts, by the address of the static text that each was made from.
#[derive(Default)]
pub(super) struct Texts(HashMap<(usize, usize), String>);

impl Texts {
    /// The prepared statement of a text that was written with `$n`.
    pub fn prepare<'c>(
        &mut self,
        connection: &'c Connection,
        sql: Sql,
    ) -> rusqlite::Result<CachedStatement<'c>> {
        let text = text_of(sql);
        let key = (text.as_ptr().addr(), text.len());
        let numbered = self.0.entry(key).or_insert_with(|| number_by_hand(text));
        connection.prepare_cached(numbered)
    }
}

fn text_of(sql: Sql) -> &'static str {
    match sql {
        Sql::Shared(text) | Sql::Per { sqlite: text, .. } => text,
    }
}

/// `$n` as `?n`. SQLite takes `$n` for a name and numbers names as they appear, so that in
/// `$2, $1` the first value would be bound to `$2`.
fn number_by_hand(text: &str) -> String {
    let mut quoted = false;
    let rewrite = |letter| {
        quoted ^= letter == '\'';
        if letter == '$' && !quoted {
            '?'
        } else {
            letter
        }
    };
    text.chars().map(rewrite).collect()
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(value) => ValueRef::Integer(*value),
            Self::Real(value) => ValueRef::Real(*value),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// The answer to a query.
pub(super) fn rows(
    connection: &Connection,
    texts: &mut Texts,
    sql: Sql,
    parameters: &[Value],
) -> rusqlite::Result<Vec<Row>> {
    let mut statement = texts.prepare(connection, sql)?;
    let columns = statement.column_count();
    let mut rows = statement.query(rusqlite::params_from_iter(parameters))?;
    let mut answer = Vec::new();
    while let Some(found) = rows.next()? {
        answer.push(row(found, columns)?);
    }
    Ok(answer)
}

/// All columns of a row.
fn row(row: &rusqlite::Row<'_>, columns: usize) -> rusqlite::Result<Row> {
    (0..columns)
        .map(|column| Ok(value(row.get_ref(column)?)))
        .collect::<Result<_, _>>()
        .map(Row)
}

pub(super) fn value(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(value) => Value::Int(value),
        ValueRef::Real(value) => Value::Real(value),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into()),
        ValueRef::Blob(bytes) => Value::Blob(bytes.into()),
    }
}

/// Whether the statement is at fault, and not the file, the disk or the memory.
pub(super) fn is_the_statements_fault(cause: &Error) -> bool {
    match cause.sqlite_error_code() {
        // Wrong numbers of parameters and the like are found before SQLite is asked.
        None => true,
        Some(code) => matches!(
            code,
            ErrorCode::Unknown
                | ErrorCode::ConstraintViolation
                | ErrorCode::TypeMismatch
                | ErrorCode::TooBig
                | ErrorCode::ParameterOutOfRange
                | ErrorCode::ApiMisuse
        ),
    }
}

pub(super) fn read_error(cause: &Error) -> ReadError {
    if is_the_statements_fault(cause) {
        ReadError::Statement(cause.to_string())
    } else {
        ReadError::Unavailable(cause.to_string())
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::Texts;
    use crate::{Sql, Value};

    #[test]
    fn parameters_are_bound_by_their_numbers_and_not_by_their_order() {
        let connection = Connection::open_in_memory().unwrap();
        let swapped = "SELECT $2, $1, $2, '$1'";
        // The trap itself: as it stands, SQLite gives the first place to `$2`.
        let trapped = connection.prepare(swapped).unwrap();
        assert_eq!(trapped.parameter_index("$2").unwrap(), Some(1));

        let mut texts = Texts::default();
        let mut statement = texts.prepare(&connection, Sql::Shared(swapped)).unwrap();
        assert_eq!(statement.parameter_index("?2").unwrap(), Some(2));
        let row: (String, String, String, String) = statement
            .query_row(
                rusqlite::params![Value::from("first"), Value::from("second")],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
            )
            .unwrap();
        let expected = ("second", "first", "second", "$1");
        assert_eq!((&*row.0, &*row.1, &*row.2, &*row.3), expected);
    }
}
