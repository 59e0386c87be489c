//! Bringing the tables of a store up to date, one node at a time.

use tokio_postgres::{Client, Error};

/// The lock that a node holds while it migrates; any number, the same in every release.
const LOCK: i64 = 0x6d61_6575_6d00_0001;

/// The tables of one store, and the steps that make them. Released steps never change.
#[derive(Debug, Clone, Copy)]
pub struct Component {
    /// E.g. `events`.
    pub name: &'static str,
    /// The schema in which they are, made if it is not there; none for the database's default.
    pub schema: Option<&'static str>,
    pub steps: &'static [&'static str],
}

/// Takes the steps that are still to be taken, each whole or not at all. Gives how many there
/// were. Newer tables than this release knows are an error.
pub async fn migrate(client: &mut Client, component: &Component) -> Result<usize, MigrateError> {
    let transaction = client.transaction().await?;
    // Released at the end of the transaction. Whoever waits finds nothing left to do.
    transaction
        .batch_execute(&format!(
            "SET LOCAL lock_timeout = '60s'; SET LOCAL statement_timeout = '600s';
             SET LOCAL idle_in_transaction_session_timeout = '60s';
             SELECT pg_advisory_xact_lock({LOCK})"
        ))
        .await?;
    if let Some(schema) = component.schema {
        transaction
            .batch_execute(&format!("CREATE SCHEMA IF NOT EXISTS {schema}"))
            .await?;
    }
    transaction
        .batch_execute(
            "CREATE TABLE IF NOT EXISTS schema_steps (
                 component TEXT PRIMARY KEY,
                 taken     BIGINT NOT NULL
             )",
        )
        .await?;
    let taken = transaction
        .query_opt(
            "SELECT taken FROM schema_steps WHERE component = $1",
            &[&component.name],
        )
        .await?
        .map_or(0, |row| row.get::<_, i64>(0));
    let known = component.steps.len();
    let taken = usize::try_from(taken).unwrap_or(usize::MAX);
    let Some(pending) = component.steps.get(taken..) else {
        return Err(MigrateError::Newer {
            found: taken,
            known,
        });
    };
    for step in pending {
        transaction.batch_execute(step).await?;
    }
    transaction
        .execute(
            "INSERT INTO schema_steps (component, taken) VALUES ($1, $2)
             ON CONFLICT (component) DO UPDATE SET taken = excluded.taken",
            &[&component.name, &known.try_into().unwrap_or(i64::MAX)],
        )
        .await?;
    let pending = pending.len();
    transaction.commit().await?;
    Ok(pending)
}

/// How many steps are still to be taken; nothing is changed.
pub async fn pending_steps(client: &Client, component: &Component) -> Result<usize, MigrateError> {
    let known = component.steps.len();
    let there = client
        .query_one("SELECT to_regclass('schema_steps') IS NOT NULL", &[])
        .await?;
    if !there.get::<_, bool>(0) {
        return Ok(known);
    }
    let taken = client
        .query_opt(
            "SELECT taken FROM schema_steps WHERE component = $1",
            &[&component.name],
        )
        .await?
        .map_or(0, |row| row.get::<_, i64>(0));
    let found = usize::try_from(taken).unwrap_or(usize::MAX);
    known
        .checked_sub(found)
        .ok_or(MigrateError::Newer { found, known })
}

/// Why tables were not brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    #[error("it has schema {found}, this release knows {known}: downgrading is refused")]
    Newer { found: usize, known: usize },
    #[error("{}", said(.0))]
    Server(#[from] Error),
}

fn said(cause: &Error) -> String {
    cause
        .as_db_error()
        .map_or_else(|| cause.to_string(), |error| error.message().to_owned())
}
