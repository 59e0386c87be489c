//! Index and read models of one engine, with the keys that open what stands in them.

use std::sync::Arc;

use event_store::keys::{KeyStore, SqliteKeyStore};
use event_store::postgres::PostgresUrl;
use projections::search::{Finder, SCHEMA, Tokens};
use projections::{
    PostgresReadOptions, PostgresReadStore, ReadStore, ReadStoreOptions, SqliteReadStore,
};
use tempfile::TempDir;
use test_support::Database;

use crate::arguments::{Common, Engine};
use crate::failure::Failure;
use crate::log::{folder, master};
use crate::postgres::{connect, fresh_database};
use crate::report::Measured;

/// Everything that answers take; gone when it is dropped.
pub struct Stores {
    pub read: Arc<dyn ReadStore>,
    pub index: Arc<dyn ReadStore>,
    pub keys: Arc<dyn KeyStore>,
    pub tokens: Arc<Tokens>,
    database: Option<Database>,
    folder: TempDir,
}

impl Stores {
    pub async fn fresh(common: &Common) -> Result<Self, Failure> {
        let folder = folder(common)?;
        let keys = SqliteKeyStore::open(folder.path().join("keys.db"), master())?;
        let mut database = None;
        let (read, index): (Arc<dyn ReadStore>, Arc<dyn ReadStore>) = match common.engine {
            Engine::Sqlite => {
                let options = ReadStoreOptions::default();
                let open = |name| SqliteReadStore::open(folder.path().join(name), &options);
                (Arc::new(open("read.db")?), Arc::new(open("search.db")?))
            }
            Engine::Postgres => {
                let made = fresh_database(common).await?;
                let url: PostgresUrl = made.url().parse()?;
                database = Some(made);
                let of_read = PostgresReadOptions::default();
                let of_index = PostgresReadOptions {
                    schema: SCHEMA,
                    ..PostgresReadOptions::default()
                };
                (
                    Arc::new(PostgresReadStore::open(&url, &of_read).await?),
                    Arc::new(PostgresReadStore::open(&url, &of_index).await?),
                )
            }
        };
        Ok(Self {
            read,
            index,
            keys: Arc::new(keys),
            tokens: Arc::new(Tokens::new([7; 32])),
            database,
            folder,
        })
    }

    pub fn finder(&self) -> Finder {
        Finder {
            index: Arc::clone(&self.index) as _,
            messages: Arc::clone(&self.read) as _,
            keys: Arc::clone(&self.keys),
            tokens: Arc::clone(&self.tokens),
        }
    }

    /// What the index takes on disk for each of so many messages.
    pub async fn bytes_each(&self, messages: u64) -> Result<f64, Failure> {
        let bytes = match &self.database {
            None => {
                let size = |name| match self.folder.path().join(name).metadata() {
                    Ok(file) => file.len(),
                    Err(_) => 0,
                };
                size("search.db") + size("search.db-wal")
            }
            Some(database) => {
                let client = connect(&database.url()).await?;
                let sql = format!("SELECT pg_total_relation_size('{SCHEMA}.search_messages')");
                let size: i64 = client.query_one(&sql, &[]).await?.try_get(0)?;
                size.unsigned_abs()
            }
        };
        let second = std::time::Duration::from_secs(1);
        let of = |count| Measured::rate(count, second).rate;
        Ok(of(bytes) / of(messages))
    }
}
