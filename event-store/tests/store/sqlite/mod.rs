//! The embedded store: the contract, and the faults that it survives.

mod backup;
mod damage;
mod failed_flush;
mod files;
mod full_disk;
mod importing;
mod killed;
mod power_cut;
mod refusals;
mod sealing;
mod torn_wal;
mod volume;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use event_store::keys::{KeyBytes, SqliteKeyStore};
use event_store::sqlite::{Clock, Options, SqliteEventStore};
use event_store::{EventStore, OpenError};
use tempfile::TempDir;

use crate::contract::{Backend, every_case};

every_case!(Sqlite);

/// A folder with a log, its keys beside it.
struct Sqlite {
    folder: TempDir,
    clock: Arc<AtomicI64>,
}

impl Sqlite {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            folder,
            clock: Arc::new(AtomicI64::new(1_763_700_000_000_000)),
        }
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("events.db")
    }

    fn keys(&self) -> PathBuf {
        self.folder.path().join("keys.db")
    }

    fn store(&self) -> SqliteEventStore {
        open(&self.log(), &self.keys()).unwrap()
    }
}

#[async_trait]
impl Backend for Sqlite {
    async fn fresh() -> Self {
        Self::new()
    }

    async fn open(&self) -> Arc<dyn EventStore> {
        let clock = Arc::clone(&self.clock);
        let clock: Clock = Arc::new(move || clock.load(Ordering::Relaxed));
        let keys = Arc::new(SqliteKeyStore::open(self.keys(), master()).unwrap());
        Arc::new(SqliteEventStore::open(self.log(), keys, clock, &Options::default()).unwrap())
    }

    fn clock(&self) -> &AtomicI64 {
        &self.clock
    }
}

fn master() -> KeyBytes {
    KeyBytes::new([7; 32])
}

fn open(log: &Path, keys: &Path) -> Result<SqliteEventStore, OpenError> {
    open_with(log, keys, &Options::default())
}

fn open_with(log: &Path, keys: &Path, options: &Options) -> Result<SqliteEventStore, OpenError> {
    let keys = Arc::new(SqliteKeyStore::open(keys, master())?);
    SqliteEventStore::open(log, keys, Arc::new(|| 1_763_700_000_000_000), options)
}

/// Copies what a power cut would leave of a database: the file and its WAL, not its locks.
fn copy_database(from: &Path, to: &Path) {
    for suffix in ["", "-wal"] {
        let (mut from, mut to) = (from.as_os_str().to_owned(), to.as_os_str().to_owned());
        from.push(suffix);
        to.push(suffix);
        if Path::new(&from).exists() {
            std::fs::copy(&from, &to).unwrap();
        }
    }
}

/// Whether the long forms of the tests were asked for.
fn long() -> bool {
    std::env::var("MAEUM_TEST_LONG").is_ok_and(|value| value == "1")
}
