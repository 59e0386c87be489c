//! Leases as rows beside the log, by the clock of the database.

use std::time::Duration;

use async_trait::async_trait;
use tokio_postgres::Error;
use uuid::Uuid;

use super::{Component, Connections, PoolOptions, PostgresUrl, migrate, pending_steps};
use crate::leases::Leases;
use crate::{OpenError, StoreError};

/// The tables of leases.
const LEASES: Component = Component {
    name: "leases",
    schema: None,
    steps: &[include_str!(
        "../../../migrations/events/postgres/leases.sql"
    )],
};

/// Connections at most.
const CONNECTIONS: usize = 1;

const HOLD: &str = "INSERT INTO leases AS held (name, holder, epoch, until)
     VALUES ($1, $2, 1, clock_timestamp() + make_interval(secs => $3))
     ON CONFLICT (name) DO UPDATE SET
         holder = excluded.holder,
         epoch = held.epoch + CASE WHEN held.holder = excluded.holder THEN 0 ELSE 1 END,
         until = excluded.until
     WHERE held.holder = excluded.holder OR held.until < clock_timestamp()";

/// Those that ran out long ago are of no interest to anyone.
const FORGET: &str = "DELETE FROM leases WHERE until < clock_timestamp() - interval '1 hour'";

/// Leases of the nodes that share one PostgreSQL log.
pub struct PostgresLeases(Connections);

impl PostgresLeases {
    /// Opens them in the database of the log, and makes their table.
    pub async fn open(url: &PostgresUrl) -> Result<Self, OpenError> {
        let connections = connections(url)?;
        let mut client = connections.open().await?;
        let failed = |reason: String| OpenError::Server {
            place: url.to_string(),
            reason,
        };
        migrate(&mut client, &LEASES)
            .await
            .map_err(|error| failed(error.to_string()))?;
        client
            .execute(FORGET, &[])
            .await
            .map_err(|error| failed(error.to_string()))?;
        drop(client);
        Ok(Self(connections))
    }

    /// How many steps of their schema are still to be taken.
    pub async fn pending(url: &PostgresUrl) -> Result<usize, OpenError> {
        let connections = connections(url)?;
        let client = connections.open().await?;
        pending_steps(&client, &LEASES)
            .await
            .map_err(|error| OpenError::Server {
                place: url.to_string(),
                reason: error.to_string(),
            })
    }
}

fn connections(url: &PostgresUrl) -> Result<Connections, OpenError> {
    let options = PoolOptions {
        size: CONNECTIONS,
        ..PoolOptions::default()
    };
    Connections::new(url, &options)
}

fn unavailable(cause: &Error) -> StoreError {
    StoreError::Unavailable(cause.to_string())
}

#[async_trait]
impl Leases for PostgresLeases {
    async fn hold(&self, name: &str, holder: Uuid, span: Duration) -> Result<bool, StoreError> {
        let client = self.0.get().await?;
        let statement = client.prepare_cached(HOLD).await;
        let statement = statement.map_err(|cause| unavailable(&cause))?;
        let taken = client
            .execute(&statement, &[&name, &holder, &span.as_secs_f64()])
            .await
            .map_err(|cause| unavailable(&cause))?;
        Ok(taken == 1)
    }

    async fn release(&self, name: &str, holder: Uuid) -> Result<(), StoreError> {
        let client = self.0.get().await?;
        client
            .execute(
                "DELETE FROM leases WHERE name = $1 AND holder = $2",
                &[&name, &holder],
            )
            .await
            .map_err(|cause| unavailable(&cause))?;
        Ok(())
    }

    async fn holders(&self, prefix: &str) -> Result<Vec<Uuid>, StoreError> {
        let client = self.0.get().await?;
        let rows = client
            .query(
                "SELECT holder FROM leases
                 WHERE starts_with(name, $1) AND until >= clock_timestamp()",
                &[&prefix],
            )
            .await
            .map_err(|cause| unavailable(&cause))?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }
}
