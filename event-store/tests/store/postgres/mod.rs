//! The log in PostgreSQL: the contract, and the faults that it survives.

mod importing;
mod losing_connections;
mod lost_answers;
mod nodes;
mod ordering;
mod refusals;
mod waiting;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use event_store::keys::{KeyBytes, SqliteKeyStore};
use event_store::postgres::{PostgresEventStore, PostgresOptions, PostgresUrl};
use event_store::{Clock, EventStore};
use tempfile::TempDir;
use test_support::Database;

use crate::contract::{Backend, every_case};

every_case!(Postgres);

/// A database with a log; the keys, which all its nodes share, are elsewhere.
struct Postgres {
    database: Database,
    keys: Arc<SqliteKeyStore>,
    _folder: TempDir,
    clock: Arc<AtomicI64>,
}

impl Postgres {
    async fn new() -> Self {
        Self::in_database(Database::new().await)
    }

    fn in_database(database: Database) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.db");
        Self {
            database,
            keys: Arc::new(SqliteKeyStore::open(path, KeyBytes::new([7; 32])).unwrap()),
            _folder: folder,
            clock: Arc::new(AtomicI64::new(1_763_700_000_000_000)),
        }
    }

    fn url(&self) -> PostgresUrl {
        self.database.url().parse().unwrap()
    }

    /// A node of its own.
    async fn store(&self) -> PostgresEventStore {
        self.store_with(&PostgresOptions::default()).await
    }

    async fn store_with(&self, options: &PostgresOptions) -> PostgresEventStore {
        self.open_at(&self.url(), options).await
    }

    /// A node that knows the database by another address.
    async fn store_at(&self, url: &str) -> PostgresEventStore {
        self.open_at(&url.parse().unwrap(), &PostgresOptions::default())
            .await
    }

    async fn open_at(&self, url: &PostgresUrl, options: &PostgresOptions) -> PostgresEventStore {
        let clock = Arc::clone(&self.clock);
        let clock: Clock = Arc::new(move || clock.load(Ordering::Relaxed));
        PostgresEventStore::open(url, self.keys.clone(), clock, options)
            .await
            .unwrap()
    }
}

#[async_trait]
impl Backend for Postgres {
    async fn fresh() -> Self {
        Self::new().await
    }

    async fn open(&self) -> Arc<dyn EventStore> {
        Arc::new(self.store().await)
    }

    fn clock(&self) -> &AtomicI64 {
        &self.clock
    }
}
