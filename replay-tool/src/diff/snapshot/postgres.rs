//! A live read store in a PostgreSQL database.

use async_trait::async_trait;
use event_store::OpenError;
use event_store::postgres::Connections;
use projections::{Checkpoint, Value};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Error, Row};
use uuid::Uuid;

use super::page_sql;
use crate::diff::live::Snapshot;
use crate::diff::table::{Table, Values};
use crate::failure::Failure;

/// Nothing else is done on this connection, and nothing waits for what it holds: old rows stay
/// for as long as it is open.
const BEGIN: &str = "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0;
    BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

pub struct PostgresSnapshot(Client);

impl PostgresSnapshot {
    /// Connects, and begins a transaction that sees the tables as they are now.
    pub async fn begin(connections: &Connections) -> Result<Self, Failure> {
        let (config, tls) = connections.outside_the_pool();
        let connected = config.connect(tls).await;
        let (client, connection) = connected.map_err(|cause| OpenError::Server {
            place: connections.place().to_owned(),
            reason: said(&cause),
        })?;
        // What ends it is told to whoever waits for an answer.
        tokio::spawn(connection);
        client
            .batch_execute(BEGIN)
            .await
            .map_err(|cause| failure(&cause))?;
        Ok(Self(client))
    }
}

#[async_trait]
impl Snapshot for PostgresSnapshot {
    async fn checkpoints(&mut self) -> Result<Vec<Checkpoint>, Failure> {
        let sql = "SELECT projection, version, position, event_id FROM checkpoints";
        let rows = self
            .0
            .query(sql, &[])
            .await
            .map_err(|cause| failure(&cause))?;
        rows.iter().map(checkpoint).collect()
    }

    async fn columns(&mut self, table: &str) -> Result<Vec<String>, Failure> {
        let sql = "SELECT attname::text FROM pg_attribute
                   WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped";
        let rows = self
            .0
            .query(sql, &[&table])
            .await
            .map_err(|cause| failure(&cause))?;
        rows.iter().map(|row| get(row, 0)).collect()
    }

    async fn rows(
        &mut self,
        table: &Table,
        after: Option<&Values>,
    ) -> Result<Vec<Values>, Failure> {
        let key: Vec<Box<dyn ToSql + Sync + Send>> =
            after.into_iter().flatten().map(parameter).collect();
        let key: Vec<&(dyn ToSql + Sync)> = key.iter().map(|value| &**value as _).collect();
        let sql = page_sql(table, after.is_some());
        let rows = self
            .0
            .query(&sql, &key)
            .await
            .map_err(|cause| failure(&cause))?;
        rows.iter()
            .map(|row| (0..row.len()).map(|column| value(row, column)).collect())
            .collect()
    }
}

fn checkpoint(row: &Row) -> Result<Checkpoint, Failure> {
    let number = |column| get::<i64>(row, column).map(i64::cast_unsigned);
    let id: Vec<u8> = get(row, 3)?;
    Ok(Checkpoint {
        projection: get(row, 0)?,
        version: number(1)?.try_into().unwrap_or(u32::MAX),
        position: number(2)?,
        event_id: Uuid::from_slice(&id)
            .map_err(|_| Failure::Live("a checkpoint names no event".to_owned()))?,
    })
}

fn parameter(value: &Value) -> Box<dyn ToSql + Sync + Send> {
    match value {
        Value::Null => Box::new(None::<i64>),
        Value::Int(value) => Box::new(*value),
        Value::Real(value) => Box::new(*value),
        Value::Text(text) => Box::new(text.to_string()),
        Value::Blob(bytes) => Box::new(bytes.to_vec()),
    }
}

fn value(row: &Row, column: usize) -> Result<Value, Failure> {
    let value = match *row.columns()[column].type_() {
        Type::INT8 => get::<Option<i64>>(row, column)?.map(Value::Int),
        Type::FLOAT8 => get::<Option<f64>>(row, column)?.map(Value::Real),
        Type::TEXT => get::<Option<&str>>(row, column)?.map(Value::from),
        Type::BYTEA => get::<Option<&[u8]>>(row, column)?.map(|bytes| Value::Blob(bytes.into())),
        ref other => {
            let name = row.columns()[column].name();
            let reason = format!("the column {name} is of type {other}, which no read model has");
            return Err(Failure::Live(reason));
        }
    };
    Ok(value.unwrap_or(Value::Null))
}

fn get<'r, T: tokio_postgres::types::FromSql<'r>>(
    row: &'r Row,
    column: usize,
) -> Result<T, Failure> {
    row.try_get(column).map_err(|cause| failure(&cause))
}

fn failure(cause: &Error) -> Failure {
    Failure::Live(said(cause))
}

/// With what the server said, which the driver's own message leaves out.
fn said(cause: &Error) -> String {
    cause
        .as_db_error()
        .map_or_else(|| cause.to_string(), |error| error.message().to_owned())
}
