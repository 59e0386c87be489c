//! The master key of a key store that many nodes share: known by its check value, and changed.

use deadpool_postgres::{Object, Transaction};

use super::failure::Failure;
use crate::keys::wrapping::{self, Kind};
use crate::keys::{KeyBytes, KeyError, ROTATION_PAGE};

/// Held shared by whoever writes what is wrapped, and alone by whoever changes the master key;
/// any number, the same in every release.
const LOCK: i64 = 0x6d61_6575_6d00_0002;

/// A master key, and the check value that stands in the store while it is the right one.
#[derive(Clone)]
pub(super) struct Master {
    pub key: KeyBytes,
    pub check: Vec<u8>,
}

impl Master {
    pub fn new(key: KeyBytes) -> Result<Self, KeyError> {
        let check = wrapping::wrap_check(&key)?;
        Ok(Self { key, check })
    }
}

/// A transaction that writes: no other changes the master key until it ends. One that was
/// changed before refuses it, since what is wrapped under the old one would be lost.
pub(super) async fn begin<'a>(
    connection: &'a mut Object,
    master: &Master,
) -> Result<Transaction<'a>, Failure> {
    let step = connection.transaction().await?;
    let lock = step
        .prepare_cached("SELECT pg_advisory_xact_lock_shared($1)")
        .await?;
    step.execute(&lock, &[&LOCK]).await?;
    expect(&step, master).await?;
    Ok(step)
}

/// Gives the check value that this master key unwraps; none if there is another master key. In a
/// store that holds nothing it becomes the master key, if it may.
pub(super) async fn check(
    connection: &mut Object,
    key: &KeyBytes,
    may_adopt: bool,
) -> Result<Option<Vec<u8>>, Failure> {
    let step = connection.transaction().await?;
    if may_adopt {
        lock_alone(&step).await?;
    }
    let there = check_value(&step).await?;
    if let Some(there) = there
        && wrapping::unwraps_check(key, &there)
    {
        return Ok(Some(there));
    }
    if !may_adopt || !holds_nothing(&step).await? {
        return Ok(None);
    }
    let check = wrapping::wrap_check(key)?;
    step.execute(
        "INSERT INTO master (id, wrapped) VALUES (1, $1)
         ON CONFLICT (id) DO UPDATE SET wrapped = excluded.wrapped",
        &[&check],
    )
    .await?;
    step.commit().await?;
    Ok(Some(check))
}

/// Whether there is neither key, tombstone nor secret.
pub(super) async fn holds_nothing(step: &Transaction<'_>) -> Result<bool, Failure> {
    let row = step
        .query_one(
            "SELECT NOT EXISTS (SELECT 1 FROM keys) AND NOT EXISTS (SELECT 1 FROM secrets)",
            &[],
        )
        .await?;
    Ok(row.try_get(0)?)
}

/// Wraps everything anew, in one transaction, while nobody writes.
pub(super) async fn rotate(
    connection: &mut Object,
    old: &Master,
    new: &Master,
) -> Result<(), Failure> {
    let step = connection.transaction().await?;
    lock_alone(&step).await?;
    expect(&step, old).await?;
    for (kind, table) in [(Kind::Key, "keys"), (Kind::Secret, "secrets")] {
        rewrap(&step, kind, table, &old.key, &new.key).await?;
    }
    step.execute("UPDATE master SET wrapped = $1", &[&new.check])
        .await?;
    Ok(step.commit().await?)
}

/// Whether this is the master key now, once every change that was under way has ended.
pub(super) async fn is_current(connection: &mut Object, master: &Master) -> Result<bool, Failure> {
    let step = connection.transaction().await?;
    lock_alone(&step).await?;
    Ok(check_value(&step).await?.as_ref() == Some(&master.check))
}

async fn lock_alone(step: &Transaction<'_>) -> Result<(), Failure> {
    step.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK])
        .await?;
    Ok(())
}

async fn expect(step: &Transaction<'_>, master: &Master) -> Result<(), Failure> {
    if check_value(step).await?.as_ref() == Some(&master.check) {
        return Ok(());
    }
    let reason = "its master key was changed since it was opened; start again with the new one";
    Err(KeyError::Unavailable(reason.to_owned()).into())
}

async fn check_value(step: &Transaction<'_>) -> Result<Option<Vec<u8>>, Failure> {
    let select = step.prepare_cached("SELECT wrapped FROM master").await?;
    let row = step.query_opt(&select, &[]).await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

/// Wraps every row of one table anew, a page at a time.
async fn rewrap(
    step: &Transaction<'_>,
    kind: Kind,
    table: &str,
    old_master: &KeyBytes,
    new_master: &KeyBytes,
) -> Result<(), Failure> {
    let select = step
        .prepare(&format!(
            "SELECT name, wrapped FROM {table} WHERE name > $1 AND wrapped IS NOT NULL
             ORDER BY name LIMIT {ROTATION_PAGE}"
        ))
        .await?;
    let update = step
        .prepare(&format!(
            "UPDATE {table} AS t SET wrapped = new.wrapped
             FROM unnest($1::TEXT[], $2::BYTEA[]) AS new (name, wrapped) WHERE t.name = new.name"
        ))
        .await?;
    let mut after = String::new();
    loop {
        let (mut names, mut values) = (Vec::new(), Vec::new());
        for row in step.query(&select, &[&after]).await? {
            let name: String = row.try_get(0)?;
            let value = wrapping::unwrap(old_master, kind, &name, row.try_get(1)?)?;
            values.push(wrapping::wrap(new_master, kind, &name, &value)?);
            names.push(name);
        }
        step.execute(&update, &[&names, &values]).await?;
        match names.pop() {
            Some(name) => after = name,
            None => return Ok(()),
        }
    }
}
