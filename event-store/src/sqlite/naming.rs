//! Small integers for categories and types, given by the writer inside its transaction.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension};

use super::limits::NAMES;

/// What the writer knows of `categories` and `types`. Rows of a transaction that failed must be
/// forgotten with [`Naming::clear`].
#[derive(Debug, Default)]
pub(super) struct Naming {
    categories: HashMap<Arc<str>, i64>,
    types: HashMap<Arc<str>, Vec<(Arc<str>, i64)>>,
}

/// Why a name has no number.
pub(super) enum NamingError {
    /// There are as many as there may be.
    Full,
    Row(rusqlite::Error),
}

impl From<rusqlite::Error> for NamingError {
    fn from(cause: rusqlite::Error) -> Self {
        Self::Row(cause)
    }
}

impl Naming {
    pub fn clear(&mut self) {
        self.categories.clear();
        self.types.clear();
    }

    /// The category's number if it has one.
    pub fn find_category(
        &mut self,
        connection: &Connection,
        name: &str,
    ) -> rusqlite::Result<Option<i64>> {
        if let Some(id) = self.categories.get(name) {
            return Ok(Some(*id));
        }
        let id = connection
            .prepare_cached("SELECT id FROM categories WHERE name = ?1")?
            .query_row([name], |row| row.get(0))
            .optional()?;
        if let Some(id) = id {
            self.categories.insert(name.into(), id);
        }
        Ok(id)
    }

    /// The category's number, a new one if it has none.
    pub fn category(&mut self, connection: &Connection, name: &str) -> Result<i64, NamingError> {
        if let Some(id) = self.find_category(connection, name)? {
            return Ok(id);
        }
        let id = insert(
            connection,
            "INSERT INTO categories (name) SELECT ?1
             WHERE (SELECT count(*) FROM categories) < ?2 RETURNING id",
            (name, NAMES),
        )?;
        self.categories.insert(name.into(), id);
        Ok(id)
    }

    /// The number of a type in one version, a new one if it has none.
    pub fn event_type(
        &mut self,
        connection: &Connection,
        name: &Arc<str>,
        version: &Arc<str>,
    ) -> Result<i64, NamingError> {
        let known = self.types.get(name).into_iter().flatten();
        if let Some((_, id)) = known.into_iter().find(|(known, _)| known == version) {
            return Ok(*id);
        }
        let stored: Option<i64> = connection
            .prepare_cached("SELECT id FROM types WHERE type = ?1 AND version = ?2")?
            .query_row((name, version), |row| row.get(0))
            .optional()?;
        let id = match stored {
            Some(id) => id,
            None => insert(
                connection,
                "INSERT INTO types (type, version) SELECT ?1, ?2
                 WHERE (SELECT count(*) FROM types) < ?3 RETURNING id",
                (name, version, NAMES),
            )?,
        };
        self.types
            .entry(name.clone())
            .or_default()
            .push((version.clone(), id));
        Ok(id)
    }
}

fn insert(
    connection: &Connection,
    sql: &str,
    parameters: impl rusqlite::Params,
) -> Result<i64, NamingError> {
    connection
        .prepare_cached(sql)?
        .query_row(parameters, |row| row.get(0))
        .optional()?
        .ok_or(NamingError::Full)
}
