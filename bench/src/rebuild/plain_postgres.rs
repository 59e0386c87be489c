//! The raw limit of a rebuild in PostgreSQL: the rows that came of it, by COPY.

use std::pin::pin;

use bytes::{Bytes, BytesMut};
use futures_util::{SinkExt, TryStreamExt};
use projections::postgres::SCHEMA;
use tokio_postgres::Client;

use crate::failure::Failure;
use crate::meter::{Meter, Spent};
use crate::postgres::connect;

/// Rows in one transaction.
const ROWS_AT_ONCE: usize = 2_048;

/// Every row of the read models, as COPY writes them.
pub struct Rows(Vec<Table>);

struct Table {
    name: String,
    rows: Vec<Bytes>,
}

impl Rows {
    pub async fn of(url: &str) -> Result<Self, Failure> {
        let client = connect(url).await?;
        let sql = "SELECT tablename::text FROM pg_tables WHERE schemaname = $1";
        let mut tables = Vec::new();
        for row in client.query(sql, &[&SCHEMA]).await? {
            let name: String = row.try_get(0)?;
            let copy = format!("COPY {SCHEMA}.{name} TO STDOUT");
            let rows = client.copy_out(&copy).await?.try_collect().await?;
            tables.push(Table { name, rows });
        }
        Ok(Self(tables))
    }

    pub fn count(&self) -> u64 {
        self.0.iter().map(|table| table.rows.len() as u64).sum()
    }

    /// Into tables of their own, with the same indexes.
    pub async fn copy_in(&self, url: &str) -> Result<Spent, Failure> {
        let client = connect(url).await?;
        let schema = format!("CREATE SCHEMA {SCHEMA}; SET search_path TO {SCHEMA}");
        client.batch_execute(&schema).await?;
        let projections = projections::all();
        let tables = projections
            .iter()
            .filter_map(|projection| migrations::read::postgres(projection.name()));
        for sql in migrations::read::POSTGRES_ENGINE
            .iter()
            .copied()
            .chain(tables)
        {
            client.batch_execute(sql).await?;
        }
        let meter = Meter::start()?;
        for table in &self.0 {
            // Each engine keeps a table of its own steps, which none of its statements makes.
            if self.is_there(&client, &table.name).await? {
                table.copy_in(&client).await?;
            }
        }
        meter.read()
    }

    async fn is_there(&self, client: &Client, table: &str) -> Result<bool, Failure> {
        let sql = "SELECT to_regclass($1) IS NOT NULL";
        Ok(client.query_one(sql, &[&table]).await?.try_get(0)?)
    }
}

impl Table {
    async fn copy_in(&self, client: &Client) -> Result<(), Failure> {
        let copy = format!("COPY {} FROM STDIN", self.name);
        for rows in self.rows.chunks(ROWS_AT_ONCE) {
            let mut bytes = BytesMut::new();
            for row in rows {
                bytes.extend_from_slice(row);
            }
            let mut sink = pin!(client.copy_in(&copy).await?);
            sink.send(bytes.freeze()).await?;
            sink.finish().await?;
        }
        Ok(())
    }
}
