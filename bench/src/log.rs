//! A fresh log of the engine asked for, with its keys, gone when it is dropped.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use api::clock::{Clock, SystemClock};
use event_store::EventStore;
use event_store::keys::{KeyBytes, KeyStore, SqliteKeyStore};
use event_store::sqlite::{Options, SqliteEventStore};
use tempfile::TempDir;

use crate::arguments::{Common, Engine};
use crate::failure::Failure;

/// A log that holds nothing yet, and its keys.
pub struct Log {
    pub store: Arc<dyn EventStore>,
    pub keys: Arc<dyn KeyStore>,
    folder: TempDir,
}

impl Log {
    /// Makes one.
    pub fn fresh(common: &Common) -> Result<Self, Failure> {
        let folder = folder(common)?;
        let keys: Arc<dyn KeyStore> = Arc::new(SqliteKeyStore::open(
            folder.path().join("keys.db"),
            master(),
        )?);
        let store: Arc<dyn EventStore> = match common.engine {
            Engine::Sqlite => Arc::new(SqliteEventStore::open(
                events_file(folder.path()),
                Arc::clone(&keys),
                Arc::new(|| SystemClock.now_us()),
                &Options::default(),
            )?),
            Engine::Postgres => {
                return Err(Failure::Asked("there is no PostgreSQL log yet".to_owned()));
            }
        };
        Ok(Self {
            store,
            keys,
            folder,
        })
    }

    /// The file of the embedded log.
    pub fn events_file(&self) -> PathBuf {
        events_file(self.folder.path())
    }
}

fn events_file(folder: &Path) -> PathBuf {
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
fn master() -> KeyBytes {
    KeyBytes::new([7; 32])
}

/// What must be known of the disk to quote figures; none where there is nothing to say.
pub fn disk_note(common: &Common) -> Result<Option<String>, Failure> {
    /// `TMPFS_MAGIC` of Linux.
    const TMPFS: u64 = 0x0102_1994;
    let folder = folder(common)?;
    let file_system = rustix::fs::statfs(folder.path()).map_err(std::io::Error::from)?;
    let in_memory = u64::try_from(file_system.f_type).is_ok_and(|kind| kind == TMPFS);
    Ok(in_memory
        .then(|| "the files are in memory, where a flush costs nothing: use --folder".to_owned()))
}
