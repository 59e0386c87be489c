//! What PostgreSQL knows of damage, and finds when it is asked in SQL.

use event_store::StoreError;
use event_store::postgres::{Connections, PoolOptions, PostgresUrl};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error};

use crate::failure::Failure;

/// A look at a large index takes its time.
const NO_LIMIT: &str = "SET statement_timeout = 0";

const DAMAGED_PAGES: &str = "SELECT checksum_failures FROM pg_stat_database
    WHERE datname = current_database() AND checksum_failures > 0";

const INVALID_INDEX: &str = "SELECT indexrelid::regclass::text FROM pg_index
    WHERE indrelid = 'events'::regclass AND NOT (indisvalid AND indisready)";

/// The schema in which the functions of the extension are.
const AMCHECK: &str = "SELECT quote_ident(nspname) FROM pg_extension
    JOIN pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = 'amcheck'";

const INDEXES: &str = "SELECT indexrelid::regclass::text FROM pg_index
    JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_am ON pg_am.oid = relam
    WHERE indrelid = 'events'::regclass AND amname = 'btree' ORDER BY 1";

pub async fn damage(url: &PostgresUrl) -> Result<Option<String>, Failure> {
    let connections = Connections::new(url, &PoolOptions::default())?;
    let client = connections.open().await?;
    look(&client).await.map_err(|cause| failure(&cause))
}

async fn look(client: &Client) -> Result<Option<String>, Error> {
    client.batch_execute(NO_LIMIT).await?;
    if let Some(row) = client.query_opt(DAMAGED_PAGES, &[]).await? {
        let pages: i64 = row.get(0);
        return Ok(Some(format!(
            "the server has met {pages} damaged pages in this database"
        )));
    }
    if let Some(row) = client.query(INVALID_INDEX, &[]).await?.first() {
        let index: String = row.get(0);
        return Ok(Some(format!("the index {index} is not valid")));
    }
    let Some(row) = client.query_opt(AMCHECK, &[]).await? else {
        return Ok(None);
    };
    let schema: String = row.get(0);
    let check = format!("SELECT {schema}.bt_index_check($1::text::regclass, true)");
    for row in client.query(INDEXES, &[]).await? {
        let index: String = row.get(0);
        let Err(cause) = client.execute(&check, &[&index]).await else {
            continue;
        };
        return match cause.as_db_error() {
            Some(said) if is_damage(said.code()) => Ok(Some(said.message().to_owned())),
            // It belongs to those who administer the server.
            Some(said) if *said.code() == SqlState::INSUFFICIENT_PRIVILEGE => Ok(None),
            _ => Err(cause),
        };
    }
    Ok(None)
}

fn is_damage(code: &SqlState) -> bool {
    [SqlState::DATA_CORRUPTED, SqlState::INDEX_CORRUPTED].contains(code)
}

fn failure(cause: &Error) -> Failure {
    let said = cause.as_db_error().map(|said| said.message().to_owned());
    StoreError::Unavailable(said.unwrap_or_else(|| cause.to_string())).into()
}
