//! The master key of the embedded key store: known by its check value, and changed.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension};

use super::holds_nothing;
use crate::database::OpenError;
use crate::keys::wrapping::{self, Kind};
use crate::keys::{KeyBytes, KeyError, ROTATION_PAGE};

/// Compares the master key with the check value, and leaves one in a store that may get a new
/// master key.
pub(super) fn check(
    connection: &Connection,
    path: &Path,
    master: &KeyBytes,
    may_adopt: bool,
) -> Result<(), OpenError> {
    let failed = |cause: rusqlite::Error| OpenError::of(path, &cause);
    let check: Option<Vec<u8>> = connection
        .query_row("SELECT wrapped FROM master", [], |row| row.get(0))
        .optional()
        .map_err(failed)?;
    if check
        .as_ref()
        .is_some_and(|check| wrapping::unwraps_check(master, check))
    {
        return Ok(());
    }
    if !may_adopt || !holds_nothing(connection).map_err(failed)? {
        return Err(OpenError::WrongMaster {
            place: path.display().to_string(),
        });
    }
    let check = wrapping::wrap_check(master).map_err(|cause| OpenError::Unavailable {
        path: path.to_owned(),
        reason: cause.to_string(),
    })?;
    connection
        .execute(
            "INSERT OR REPLACE INTO master (id, wrapped) VALUES (1, ?1)",
            [check],
        )
        .map_err(failed)?;
    Ok(())
}

/// Wraps every row of one table anew, a page at a time.
pub(super) fn rewrap(
    connection: &Connection,
    kind: Kind,
    table: &str,
    old_master: &KeyBytes,
    new_master: &KeyBytes,
) -> Result<(), KeyError> {
    let mut select = connection.prepare(&format!(
        "SELECT name, wrapped FROM {table} WHERE name > ?1 AND wrapped IS NOT NULL
         ORDER BY name LIMIT {ROTATION_PAGE}"
    ))?;
    let mut update =
        connection.prepare(&format!("UPDATE {table} SET wrapped = ?2 WHERE name = ?1"))?;
    let mut after = String::new();
    loop {
        let page: Vec<(String, Vec<u8>)> = select
            .query_map([&after], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        for (name, wrapped) in &page {
            let value = wrapping::unwrap(old_master, kind, name, wrapped)?;
            update.execute((name, wrapping::wrap(new_master, kind, name, &value)?))?;
        }
        match page.into_iter().next_back() {
            Some((name, _)) => after = name,
            None => return Ok(()),
        }
    }
}
