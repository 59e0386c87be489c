//! Where read models are, on each engine.

use std::path::PathBuf;
use std::sync::Arc;

use event_store::postgres::PostgresUrl;
use projections::{
    PostgresReadOptions, PostgresReadStore, ReadStore, ReadStoreOptions, SqliteReadStore,
};
use test_support::Database;

/// What holds read models.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// The file or database of one test's own.
#[derive(Clone)]
pub enum Place {
    File(PathBuf),
    Database(Arc<Database>),
    /// A database at another address, e.g. behind a proxy.
    At(String),
}

impl Place {
    /// A read store that is opened there.
    pub async fn open(&self) -> Opened {
        match self {
            Self::File(path) => {
                let store = SqliteReadStore::open(path, &ReadStoreOptions::default());
                Opened::File(Arc::new(store.unwrap()))
            }
            Self::Database(_) | Self::At(_) => {
                let options = PostgresReadOptions::default();
                let store = PostgresReadStore::open(&self.url(), &options).await;
                Opened::Database(Arc::new(store.unwrap()))
            }
        }
    }

    /// Where the search index of these read models is.
    pub fn search(&self) -> Self {
        match self {
            Self::File(path) => Self::File(path.with_file_name("search.db")),
            Self::Database(_) | Self::At(_) => self.clone(),
        }
    }

    /// The store of the search index.
    pub async fn open_search(&self) -> Opened {
        match self.search() {
            place @ Self::File(_) => place.open().await,
            place @ (Self::Database(_) | Self::At(_)) => {
                let options = search_options();
                let store = PostgresReadStore::open(&place.url(), &options).await;
                Opened::Database(Arc::new(store.unwrap()))
            }
        }
    }

    /// All that the search index keeps.
    pub async fn search_bytes(&self) -> Vec<u8> {
        match self.search() {
            Self::File(path) => std::fs::read(path).unwrap(),
            Self::Database(database) => {
                let client = database.connect().await;
                let sql = "SELECT m::text FROM search.search_messages m";
                let rows = client.query(sql, &[]).await.unwrap();
                let rows: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
                rows.join("\n").into_bytes()
            }
            Self::At(url) => panic!("{url} is not a database of the test's own"),
        }
    }

    /// Loses the search index.
    pub async fn lose_search(&self) {
        match self.search() {
            Self::File(path) => std::fs::remove_file(path).unwrap(),
            place @ (Self::Database(_) | Self::At(_)) => {
                place.execute("DROP SCHEMA search CASCADE").await;
            }
        }
    }

    /// Where what analysts count is.
    pub fn analytics(&self) -> Self {
        match self {
            Self::File(path) => Self::File(path.with_file_name("analytics.db")),
            Self::Database(_) | Self::At(_) => self.clone(),
        }
    }

    /// The store of what analysts count.
    pub async fn open_analytics(&self) -> Opened {
        match self.analytics() {
            place @ Self::File(_) => place.open().await,
            place @ (Self::Database(_) | Self::At(_)) => {
                let options = analytics_options();
                let store = PostgresReadStore::open(&place.url(), &options).await;
                Opened::Database(Arc::new(store.unwrap()))
            }
        }
    }

    /// Every row of what analysts count.
    pub async fn analytics_rows(&self) -> Vec<String> {
        match self.analytics() {
            place @ Self::File(_) => place.rows().await,
            place @ (Self::Database(_) | Self::At(_)) => {
                let mut rows = Vec::new();
                let collect = |table: &str, row: &str| rows.push(format!("{table} {row}"));
                let options = analytics_options();
                projections::postgres::dump(&place.url(), &options, collect)
                    .await
                    .unwrap();
                rows
            }
        }
    }

    fn url(&self) -> PostgresUrl {
        match self {
            Self::File(path) => panic!("{} is a file", path.display()),
            Self::Database(database) => database.url().parse().unwrap(),
            Self::At(url) => url.parse().unwrap(),
        }
    }

    /// Every row of every table.
    pub async fn rows(&self) -> Vec<String> {
        let mut rows = Vec::new();
        let collect = |table: &str, row: &str| rows.push(format!("{table} {row}"));
        match self {
            Self::File(path) => projections::sqlite::dump(path, collect).unwrap(),
            Self::Database(_) | Self::At(_) => {
                let options = PostgresReadOptions::default();
                projections::postgres::dump(&self.url(), &options, collect)
                    .await
                    .unwrap();
            }
        }
        rows
    }

    /// Loses everything.
    pub async fn lose(&self) {
        match self {
            Self::File(path) => std::fs::remove_file(path).unwrap(),
            Self::Database(_) | Self::At(_) => {
                self.execute("DROP SCHEMA read_models CASCADE").await;
            }
        }
    }

    /// Changes rows behind everybody's back.
    pub async fn execute(&self, sql: &str) {
        match self {
            Self::File(path) => {
                let connection = rusqlite::Connection::open(path).unwrap();
                connection.execute_batch(sql).unwrap();
            }
            Self::Database(database) => {
                let there = format!("SET search_path = read_models; {sql}");
                database.execute(&there).await;
            }
            Self::At(url) => panic!("{url} is not a database of the test's own"),
        }
    }
}

fn search_options() -> PostgresReadOptions {
    PostgresReadOptions {
        schema: projections::search::SCHEMA,
        ..PostgresReadOptions::default()
    }
}

fn analytics_options() -> PostgresReadOptions {
    PostgresReadOptions {
        schema: projections::analytics::SCHEMA,
        ..PostgresReadOptions::default()
    }
}

/// An open read store.
#[derive(Clone)]
pub enum Opened {
    File(Arc<SqliteReadStore>),
    Database(Arc<PostgresReadStore>),
}

impl Opened {
    pub fn store(&self) -> Arc<dyn ReadStore> {
        match self {
            Self::File(store) => Arc::clone(store) as _,
            Self::Database(store) => Arc::clone(store) as _,
        }
    }

    pub async fn close(&self) {
        match self {
            Self::File(store) => store.close().await.unwrap(),
            Self::Database(store) => store.close().await,
        }
    }
}

/// Makes each function a test of its own on each engine.
macro_rules! on_both_engines {
    ($($name:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($crate::places::Engine::Sqlite).await;
            })+
        }

        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($crate::places::Engine::Postgres).await;
            })+
        }
    };
}
pub(crate) use on_both_engines;
