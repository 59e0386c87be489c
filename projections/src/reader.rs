//! The port through which read models are asked.

use async_trait::async_trait;

use crate::row::RowError;
use crate::{Row, Sql, Value};

/// Why a query has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The file or server cannot be read or written now, or is closing.
    #[error("the read store is unavailable: {0}")]
    Unavailable(String),
    /// The engine refuses the statement.
    #[error("a statement failed: {0}")]
    Statement(String),
    #[error(transparent)]
    Row(#[from] RowError),
}

/// Answers queries on the read models. What was committed before the call is in the answer.
#[async_trait]
pub trait Reader: Send + Sync {
    /// Executes one statement that only reads.
    async fn query(&self, sql: Sql, parameters: Vec<Value>) -> Result<Vec<Row>, ReadError>;
}

/// Queries of a row type, by the function that reads one row.
pub(crate) async fn many<T>(
    reader: &dyn Reader,
    sql: Sql,
    parameters: Vec<Value>,
    read: fn(&Row) -> Result<T, RowError>,
) -> Result<Vec<T>, ReadError> {
    let rows = reader.query(sql, parameters).await?;
    rows.iter()
        .map(|row| read(row).map_err(ReadError::Row))
        .collect()
}

/// The first row, if there is one.
pub(crate) async fn first<T>(
    reader: &dyn Reader,
    sql: Sql,
    parameters: Vec<Value>,
    read: fn(&Row) -> Result<T, RowError>,
) -> Result<Option<T>, ReadError> {
    let rows = reader.query(sql, parameters).await?;
    rows.first().map(read).transpose().map_err(ReadError::Row)
}

/// The only row of a query that always has one, such as a count.
pub(crate) async fn only<T>(
    reader: &dyn Reader,
    sql: Sql,
    parameters: Vec<Value>,
    read: fn(&Row) -> Result<T, RowError>,
) -> Result<T, ReadError> {
    first(reader, sql, parameters, read)
        .await?
        .ok_or_else(|| ReadError::Statement("a query that always has a row had none".into()))
}

/// One page of a list: from 1, and how many rows it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    pub page: u32,
    pub size: u32,
}

impl Page {
    /// How many rows stand before it.
    pub(crate) fn offset(self) -> u64 {
        u64::from(self.page.saturating_sub(1)) * u64::from(self.size)
    }
}
