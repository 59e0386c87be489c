//! The live read models, on either engine, held fast at one moment.

use std::path::PathBuf;

use async_trait::async_trait;
use event_store::Location;
use event_store::postgres::{Connections, PoolOptions};
use projections::Checkpoint;

use super::snapshot::{FileSnapshot, PostgresSnapshot};
use super::table::{Table, Values};
use crate::failure::Failure;
use crate::place;

/// The schema of the read models in a PostgreSQL database.
const SCHEMA: &str = "read_models";

/// The tables of a read store at one moment.
#[async_trait]
pub trait Snapshot: Send {
    async fn checkpoints(&mut self) -> Result<Vec<Checkpoint>, Failure>;

    /// The names of a table's columns, in no order; none where there is no such table.
    async fn columns(&mut self, table: &str) -> Result<Vec<String>, Failure>;

    /// The next rows of a table in the order of its primary key, after a row with this key, or
    /// the first ones. None at the end.
    async fn rows(&mut self, table: &Table, after: Option<&Values>)
    -> Result<Vec<Values>, Failure>;
}

/// Where the live read models are.
pub enum Live {
    File(PathBuf),
    Postgres(Box<Connections>),
}

impl Live {
    /// Opens nothing yet.
    pub fn at(location: &Location) -> Result<Self, Failure> {
        match location {
            Location::File(path) => {
                place::there(path, "read store", "--data or --read-store")?;
                Ok(Self::File(path.clone()))
            }
            Location::Postgres(url) => {
                let options = PoolOptions {
                    schema: Some(SCHEMA),
                    ..PoolOptions::default()
                };
                Ok(Self::Postgres(Box::new(Connections::new(url, &options)?)))
            }
            Location::Kurrent(_) => Err(Failure::OnlyEvents),
        }
    }

    /// Holds them fast as they are now.
    pub async fn snapshot(&self) -> Result<Box<dyn Snapshot>, Failure> {
        match self {
            Self::File(path) => Ok(Box::new(FileSnapshot::open(path)?)),
            Self::Postgres(connections) => {
                Ok(Box::new(PostgresSnapshot::begin(connections).await?))
            }
        }
    }
}
