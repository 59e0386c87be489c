//! What is read from and written to the tables of keys.

use std::sync::Arc;

use deadpool_postgres::{Object, Transaction};

use super::failure::Failure;
use super::master::{self, Master};
use crate::keys::wrapping::{self, Kind};
use crate::keys::{KeyBytes, KeyError};

/// A row as it is stored: a key, or a tombstone.
pub(super) type Wrapped = Option<Vec<u8>>;

/// The rows that there are of these names.
pub(super) async fn read(
    connection: &Object,
    names: &[Arc<str>],
) -> Result<Vec<(String, Wrapped)>, Failure> {
    let select = connection
        .prepare_cached("SELECT name, wrapped FROM keys WHERE name = ANY($1)")
        .await?;
    let mut rows = Vec::with_capacity(names.len());
    for row in connection.query(&select, &[&texts(names)]).await? {
        rows.push((row.try_get(0)?, row.try_get(1)?));
    }
    Ok(rows)
}

/// Inserts keys that have no row. Gives the names of those that had none.
pub(super) async fn create(
    connection: &mut Object,
    master: &Master,
    keys: &[(Arc<str>, Vec<u8>)],
) -> Result<Vec<String>, Failure> {
    let step = master::begin(connection, master).await?;
    let made = insert(&step, keys).await?;
    step.commit().await?;
    Ok(made)
}

/// Leaves tombstones, whatever was there.
pub(super) async fn bury(
    connection: &mut Object,
    master: &Master,
    names: &[Arc<str>],
) -> Result<(), Failure> {
    let step = master::begin(connection, master).await?;
    leave_tombstones(&step, names).await?;
    Ok(step.commit().await?)
}

/// Inserts what is not there, compares what is, and buries what was destroyed.
pub(super) async fn adopt(
    connection: &mut Object,
    master: &Master,
    keys: &[(Arc<str>, KeyBytes)],
    destroyed: &[Arc<str>],
) -> Result<(), Failure> {
    let mut wrapped = Vec::with_capacity(keys.len());
    for (name, key) in keys {
        let value = wrapping::wrap(&master.key, Kind::Key, name, &**key)?;
        wrapped.push((Arc::clone(name), value));
    }
    let step = master::begin(connection, master).await?;
    insert(&step, &wrapped).await?;
    let select = step
        .prepare_cached("SELECT wrapped FROM keys WHERE name = $1")
        .await?;
    let rows = keys
        .iter()
        .map(|(name, _)| async { step.query_one(&select, &[&&**name]).await });
    let rows = futures_util::future::try_join_all(rows).await?;
    for ((name, key), row) in keys.iter().zip(rows) {
        if let Some(there) = row.try_get::<_, Wrapped>(0)?
            && wrapping::unwrap_key(&master.key, name, &there)? != *key
        {
            return Err(KeyError::Differs(Arc::clone(name)).into());
        }
    }
    leave_tombstones(&step, destroyed).await?;
    Ok(step.commit().await?)
}

/// In the order of their names: two nodes that insert the same ones do not wait for each other in
/// a circle.
async fn insert(
    step: &Transaction<'_>,
    keys: &[(Arc<str>, Vec<u8>)],
) -> Result<Vec<String>, Failure> {
    let mut keys: Vec<(&str, &[u8])> = keys.iter().map(|(name, key)| (&**name, &**key)).collect();
    keys.sort_unstable();
    let (names, values): (Vec<&str>, Vec<&[u8]>) = keys.into_iter().unzip();
    let insert = step
        .prepare_cached(
            "INSERT INTO keys (name, wrapped)
             SELECT new.name, new.wrapped FROM unnest($1::TEXT[], $2::BYTEA[]) AS new (name, wrapped)
             ON CONFLICT DO NOTHING RETURNING name",
        )
        .await?;
    let rows = step.query(&insert, &[&names, &values]).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// In the order of their names, each once.
async fn leave_tombstones(step: &Transaction<'_>, names: &[Arc<str>]) -> Result<(), Failure> {
    let mut names = texts(names);
    names.sort_unstable();
    names.dedup();
    let bury = step
        .prepare_cached(
            "INSERT INTO keys (name, wrapped)
             SELECT gone.name, NULL FROM unnest($1::TEXT[]) AS gone (name)
             ON CONFLICT (name) DO UPDATE SET wrapped = NULL WHERE keys.wrapped IS NOT NULL",
        )
        .await?;
    step.execute(&bury, &[&names]).await?;
    Ok(())
}

fn texts(names: &[Arc<str>]) -> Vec<&str> {
    names.iter().map(|name| &**name).collect()
}
