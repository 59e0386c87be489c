//! Every table of a schema, row by row, as it stands in one moment, in the same order and words as
//! those of a SQLite file.

use std::collections::BTreeMap;

use event_store::postgres::{Connections, PostgresUrl};
use tokio_postgres::{Error, Transaction};

use super::error::read_error;
use super::{PostgresReadOptions, pool_options, value};
use crate::ReadError;
use crate::dump::{Digests, RowText, TableDigest};

/// What only PostgreSQL keeps: nothing that comes from the log.
const OWN_TABLES: [&str; 2] = ["schema_steps", "stopped_projections"];

/// Rows that are fetched at once.
const FETCH_ROWS: i32 = 2_000;

/// The digest of every table of a schema, checkpoints included, by the tables' names.
pub async fn digest(
    url: &PostgresUrl,
    options: &PostgresReadOptions,
) -> Result<BTreeMap<String, TableDigest>, ReadError> {
    let mut digests = Digests::default();
    each(url, options, &mut |table, row| match row {
        None => digests.table(table),
        Some(row) => digests.row(table, row),
    })
    .await?;
    Ok(digests.finish())
}

/// Hands out every row of every table with the table's name, in the order of the primary key.
pub async fn dump(
    url: &PostgresUrl,
    options: &PostgresReadOptions,
    mut row: impl FnMut(&str, &str) + Send,
) -> Result<(), ReadError> {
    each(url, options, &mut |table, text| {
        if let Some(text) = text {
            row(table, text);
        }
    })
    .await
}

/// Hands out each table, and then its rows.
async fn each(
    url: &PostgresUrl,
    options: &PostgresReadOptions,
    hand_out: &mut (dyn FnMut(&str, Option<&str>) + Send),
) -> Result<(), ReadError> {
    let connections = Connections::new(url, &pool_options(options))?;
    let mut connection = connections.open().await?;
    let transaction = connection
        .build_transaction()
        .isolation_level(tokio_postgres::IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()
        .await
        .map_err(|cause| read_error(&cause))?;
    let limits = "SET LOCAL statement_timeout = 0; \
                  SET LOCAL idle_in_transaction_session_timeout = 0";
    let read = async |transaction: &Transaction<'_>| {
        transaction.batch_execute(limits).await?;
        tables(transaction, options.schema).await
    };
    let tables = read(&transaction)
        .await
        .map_err(|cause| read_error(&cause))?;
    for table in tables {
        hand_out(&table, None);
        rows(&transaction, &table, hand_out).await?;
    }
    transaction
        .rollback()
        .await
        .map_err(|cause| read_error(&cause))
}

async fn tables(transaction: &Transaction<'_>, schema: &str) -> Result<Vec<String>, Error> {
    let sql = "SELECT tablename::text FROM pg_tables \
               WHERE schemaname = $1::text ORDER BY tablename::text COLLATE \"C\"";
    let rows = transaction.query(sql, &[&schema]).await?;
    let names = rows.iter().map(|row| row.get::<_, String>(0));
    Ok(names
        .filter(|name| !OWN_TABLES.contains(&name.as_str()))
        .collect())
}

async fn rows(
    transaction: &Transaction<'_>,
    table: &str,
    hand_out: &mut (dyn FnMut(&str, Option<&str>) + Send),
) -> Result<(), ReadError> {
    let failed = |cause: Error| read_error(&cause);
    let keys = "SELECT a.attname::text FROM pg_index i \
                CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(attnum, place) \
                JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum \
                WHERE i.indrelid = $1::text::regclass AND i.indisprimary ORDER BY k.place";
    let keys = transaction.query(keys, &[&table]).await.map_err(failed)?;
    let keys: Vec<String> = keys.iter().map(|row| row.get(0)).collect();
    let sql = format!("SELECT * FROM {table} ORDER BY {}", keys.join(", "));
    let portal = transaction.bind(&sql, &[]).await.map_err(failed)?;
    let mut text = RowText::default();
    loop {
        let rows = transaction.query_portal(&portal, FETCH_ROWS).await;
        let rows = rows.map_err(failed)?;
        if rows.is_empty() {
            return Ok(());
        }
        for row in &rows {
            text.begin();
            value::write(row, &mut text)?;
            hand_out(table, Some(text.end()));
        }
    }
}
