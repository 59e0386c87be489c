//! Categories and types by their small integers, for those who read.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::RwLock;
use rusqlite::{Connection, OptionalExtension};

use crate::TypeName;

/// What readers know of the tables `categories` and `types`, whose rows never change.
#[derive(Debug, Default)]
pub(super) struct Dictionary {
    categories: RwLock<HashMap<i64, Arc<str>>>,
    category_ids: RwLock<HashMap<Arc<str>, i64>>,
    types: RwLock<HashMap<i64, TypeName>>,
}

impl Dictionary {
    pub fn category(&self, connection: &Connection, id: i64) -> rusqlite::Result<Arc<str>> {
        if let Some(name) = self.categories.read().get(&id) {
            return Ok(name.clone());
        }
        let name: Arc<str> = connection
            .prepare_cached("SELECT name FROM categories WHERE id = ?1")?
            .query_row([id], |row| row.get(0))?;
        self.categories.write().insert(id, name.clone());
        Ok(name)
    }

    /// None for a category of which there is no event.
    pub fn category_id(
        &self,
        connection: &Connection,
        name: &str,
    ) -> rusqlite::Result<Option<i64>> {
        if let Some(id) = self.category_ids.read().get(name) {
            return Ok(Some(*id));
        }
        let id = connection
            .prepare_cached("SELECT id FROM categories WHERE name = ?1")?
            .query_row([name], |row| row.get(0))
            .optional()?;
        if let Some(id) = id {
            self.category_ids.write().insert(name.into(), id);
        }
        Ok(id)
    }

    pub fn event_type(&self, connection: &Connection, id: i64) -> rusqlite::Result<TypeName> {
        if let Some(name) = self.types.read().get(&id) {
            return Ok(name.clone());
        }
        let name: TypeName = connection
            .prepare_cached("SELECT type, version FROM types WHERE id = ?1")?
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
        self.types.write().insert(id, name.clone());
        Ok(name)
    }
}
