//! Taking over keys of another store into the embedded one.

use std::sync::Arc;

use rusqlite::Connection;

use super::BURY;
use crate::keys::wrapping::{self, Kind};
use crate::keys::{KeyBytes, KeyError};

/// Inserts what is not there, compares what is, and buries what was destroyed. The caller
/// commits, or rolls back on an error.
pub(super) fn adopt(
    step: &Connection,
    master: &KeyBytes,
    keys: &[(Arc<str>, Option<KeyBytes>)],
) -> Result<(), KeyError> {
    let mut insert = step.prepare_cached(
        "INSERT INTO keys (name, wrapped) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
    )?;
    let mut select = step.prepare_cached("SELECT wrapped FROM keys WHERE name = ?1")?;
    let mut bury = step.prepare_cached(BURY)?;
    for (name, key) in keys {
        let Some(key) = key else {
            bury.execute([name])?;
            continue;
        };
        let wrapped = wrapping::wrap(master, Kind::Key, name, &**key)?;
        if insert.execute((name, wrapped))? == 1 {
            continue;
        }
        let there: Option<Vec<u8>> = select.query_row([name], |row| row.get(0))?;
        if let Some(there) = there
            && wrapping::unwrap_key(master, name, &there)? != *key
        {
            return Err(KeyError::Differs(name.clone()));
        }
    }
    Ok(())
}
