//! The log in KurrentDB, on a double of the server: the contract, and the faults that it survives.
//!
//! Where `MAEUM_TEST_KURRENTDB_URL` names a real server, the contract is held there instead.

mod faults;
mod importing;
mod nodes;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use async_trait::async_trait;
use event_store::keys::{KeyBytes, SqliteKeyStore};
use event_store::kurrentdb::{KurrentEventStore, KurrentUrl};
use event_store::{Clock, EventStore, OpenError};
use kurrentdb_double::Double;
use tempfile::TempDir;

use crate::contract::{Backend, every_case};
use crate::writing::new_id;

every_case!(Kurrent);

/// Names a real server: an address without the stream.
const REAL: &str = "MAEUM_TEST_KURRENTDB_URL";

/// A server with a log; the keys, which all its nodes share, are elsewhere.
struct Kurrent {
    url: KurrentUrl,
    /// None where a real server is tested.
    double: Option<Double>,
    keys: Arc<SqliteKeyStore>,
    folder: TempDir,
    clock: Arc<AtomicI64>,
    copies: AtomicUsize,
}

impl Kurrent {
    /// On the double, whatever the run.
    async fn doubled() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let double = Double::start(&folder.path().join("server.log")).await;
        let url = double.url("").parse().unwrap();
        Self::with(url, Some(double), folder)
    }

    fn with(url: KurrentUrl, double: Option<Double>, folder: TempDir) -> Self {
        let keys = folder.path().join("keys.db");
        Self {
            url,
            double,
            keys: Arc::new(SqliteKeyStore::open(keys, KeyBytes::new([7; 32])).unwrap()),
            folder,
            clock: Arc::new(AtomicI64::new(1_763_700_000_000_000)),
            copies: AtomicUsize::new(0),
        }
    }

    fn double(&mut self) -> &mut Double {
        self.double.as_mut().unwrap()
    }

    /// The file of the copy of the nth node.
    fn copy(&self, node: usize) -> PathBuf {
        self.folder.path().join(format!("copy-{node}.db"))
    }

    /// A node of its own.
    async fn node(&self) -> KurrentEventStore {
        let node = self.copies.fetch_add(1, Ordering::Relaxed);
        self.open_with(self.copy(node)).await.unwrap()
    }

    /// A node with this file for its copy.
    async fn open_with(&self, copy: PathBuf) -> Result<KurrentEventStore, OpenError> {
        let clock = Arc::clone(&self.clock);
        let clock: Clock = Arc::new(move || clock.load(Ordering::Relaxed));
        KurrentEventStore::open(&self.url, copy, self.keys.clone(), clock).await
    }
}

#[async_trait]
impl Backend for Kurrent {
    async fn fresh() -> Self {
        let Ok(real) = std::env::var(REAL) else {
            return Self::doubled().await;
        };
        let (server, query) = real.split_once('?').unwrap_or((&real, ""));
        let server = server.trim_end_matches('/');
        let url = format!("{server}/maeum_test_{}?{query}", new_id().simple());
        Self::with(url.parse().unwrap(), None, tempfile::tempdir().unwrap())
    }

    /// With the same copy again, as after a restart.
    async fn open(&self) -> Arc<dyn EventStore> {
        Arc::new(self.open_with(self.copy(0)).await.unwrap())
    }

    fn clock(&self) -> &AtomicI64 {
        &self.clock
    }
}
