//! Where a server of a test keeps its things, on the engine that the tests are run for.

use std::path::{Path, PathBuf};

use futures_util::TryStreamExt;
use tempfile::TempDir;

use crate::Database;

/// Names the engine: `sqlite`, which is what it is if unset, or `postgres`.
const ENGINE: &str = "MAEUM_TEST_ENGINE";

/// Which engine keeps log, keys and read models.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    /// The one that this run of the tests is for.
    pub fn of_this_run() -> Self {
        match std::env::var(ENGINE).as_deref() {
            Err(_) | Ok("sqlite") => Self::Sqlite,
            Ok("postgres") => Self::Postgres,
            Ok(other) => panic!("{ENGINE} is {other:?}; known are sqlite and postgres"),
        }
    }
}

/// The databases of a server on PostgreSQL.
struct Databases {
    /// Of log and read models.
    log: Database,
    keys: Database,
}

/// A folder, and databases where the engine has them; gone when dropped.
pub struct Place {
    folder: TempDir,
    databases: Option<Databases>,
}

impl Place {
    /// A fresh one, on the engine of this run.
    pub async fn new() -> Self {
        match Engine::of_this_run() {
            Engine::Sqlite => Self::with(None),
            Engine::Postgres => Self::with(Some(Databases {
                log: Database::new().await,
                keys: Database::new().await,
            })),
        }
    }

    /// A fresh one on the PostgreSQL server with this superuser's database, whatever the run.
    pub async fn on(server: &str) -> Self {
        Self::with(Some(Databases {
            log: Database::on(server).await,
            keys: Database::on(server).await,
        }))
    }

    fn with(databases: Option<Databases>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("data")).unwrap();
        Self { folder, databases }
    }

    /// The folder of the server's data.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A folder for what is not the server's.
    pub fn beside(&self) -> &Path {
        self.folder.path()
    }

    pub fn engine(&self) -> Engine {
        match self.databases {
            None => Engine::Sqlite,
            Some(_) => Engine::Postgres,
        }
    }

    /// The database of log and read models, where the engine has one.
    pub fn database(&self) -> Option<&Database> {
        self.databases.as_ref().map(|databases| &databases.log)
    }

    /// The database of keys, where the engine has one.
    pub fn key_database(&self) -> Option<&Database> {
        self.databases.as_ref().map(|databases| &databases.keys)
    }

    /// What the server's settings say of its stores, as lines of TOML.
    pub fn settings(&self) -> String {
        self.databases.as_ref().map_or_else(String::new, |of| {
            let (log, keys) = (of.log.url(), of.keys.url());
            format!(
                "server.event_store = \"{log}\"\nserver.read_store = \"{log}\"\n\
                 server.key_store = \"{keys}\"\n"
            )
        })
    }

    /// The same as flags, for `maeum` and `maeum-replay`.
    pub fn flags(&self) -> Vec<String> {
        let mut flags = vec!["--data".to_owned(), self.data().display().to_string()];
        if let Some(of) = &self.databases {
            let stores = [
                ("--event-store", of.log.url()),
                ("--read-store", of.log.url()),
                ("--key-store", of.keys.url()),
            ];
            flags.extend(
                stores
                    .into_iter()
                    .flat_map(|(flag, url)| [flag.into(), url]),
            );
        }
        flags
    }

    /// Deletes the read models of a server that is down.
    pub async fn forget_read_models(&self) {
        if let Some(of) = &self.databases {
            return of.log.execute("DROP SCHEMA read_models CASCADE").await;
        }
        for entry in std::fs::read_dir(self.data()).unwrap() {
            let entry = entry.unwrap();
            if entry.file_name().to_string_lossy().starts_with("read.db") {
                std::fs::remove_file(entry.path()).unwrap();
            }
        }
    }

    /// All that is kept: every file below the folder, and every table of every database, with a
    /// name each.
    pub async fn contents(&self) -> Vec<(String, Vec<u8>)> {
        let mut contents = Vec::new();
        files_below(self.folder.path(), &mut contents);
        if let Some(of) = &self.databases {
            for database in [&of.log, &of.keys] {
                tables_of(database, &mut contents).await;
            }
        }
        contents
    }
}

fn files_below(folder: &Path, contents: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_below(&path, contents);
        } else {
            contents.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
}

async fn tables_of(database: &Database, contents: &mut Vec<(String, Vec<u8>)>) {
    let client = database.connect().await;
    let tables = client
        .query(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
             WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
            &[],
        )
        .await
        .unwrap();
    for table in tables {
        let table: String = table.get(0);
        let copied = client
            .copy_out(&format!("COPY {table} TO STDOUT (FORMAT binary)"))
            .await
            .unwrap();
        let chunks: Vec<_> = copied.try_collect().await.unwrap();
        contents.push((table, chunks.concat()));
    }
}
