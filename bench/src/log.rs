//! A fresh log of the engine asked for, with its keys, gone when it is dropped.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use api::clock::{Clock, SystemClock};
use event_store::EventStore;
use event_store::keys::{KeyBytes, KeyStore, PostgresKeyStore, SqliteKeyStore};
use event_store::postgres::{PostgresEventStore, PostgresOptions, PostgresUrl};
use event_store::sqlite::{Options, SqliteEventStore};
use tempfile::TempDir;
use test_support::Database;

use crate::arguments::{Common, Engine};
use crate::failure::Failure;
use crate::postgres::fresh_database;

/// A log that holds nothing yet, and its keys.
pub struct Log {
    pub store: Arc<dyn EventStore>,
    pub keys: Arc<dyn KeyStore>,
    home: Home,
}

/// Where a log is.
pub enum Home {
    Folder(TempDir),
    Database(Database),
}

impl Log {
    /// Makes one.
    pub async fn fresh(common: &Common) -> Result<Self, Failure> {
        match common.engine {
            Engine::Sqlite => Self::in_folder(folder(common)?),
            Engine::Postgres => Self::in_database(fresh_database(common).await?).await,
        }
    }

    fn in_folder(folder: TempDir) -> Result<Self, Failure> {
        let keys = SqliteKeyStore::open(folder.path().join("keys.db"), master())?;
        let keys: Arc<dyn KeyStore> = Arc::new(keys);
        let (path, given) = (events_file(folder.path()), Arc::clone(&keys));
        let store = SqliteEventStore::open(path, given, clock(), &Options::default())?;
        Ok(Self {
            store: Arc::new(store),
            keys,
            home: Home::Folder(folder),
        })
    }

    async fn in_database(database: Database) -> Result<Self, Failure> {
        let url: PostgresUrl = database.url().parse()?;
        let of_keys = url.clone();
        let opening =
            tokio::task::spawn_blocking(move || PostgresKeyStore::open(&of_keys, master()));
        let keys: Arc<dyn KeyStore> = Arc::new(opening.await??);
        let (given, options) = (Arc::clone(&keys), PostgresOptions::default());
        let store = PostgresEventStore::open(&url, given, clock(), &options).await?;
        Ok(Self {
            store: Arc::new(store),
            keys,
            home: Home::Database(database),
        })
    }

    pub fn home(&self) -> &Home {
        &self.home
    }
}

/// The file of the embedded log in its folder.
pub fn events_file(folder: &Path) -> PathBuf {
    folder.join("events.db")
}

/// A folder of its own where the files of this run are to be.
pub fn folder(common: &Common) -> Result<TempDir, Failure> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("maeum-bench");
    Ok(match &common.folder {
        Some(parent) => builder.tempdir_in(parent)?,
        None => builder.tempdir()?,
    })
}

/// Any key does: nothing outlives the run.
pub fn master() -> KeyBytes {
    KeyBytes::new([7; 32])
}

fn clock() -> event_store::Clock {
    Arc::new(|| SystemClock.now_us())
}
