//! A log with keys in a temporary folder, and read models that follow it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use domain::Event;
use event_store::keys::{KeyStore, SqliteKeyStore};
use event_store::sqlite::{Options, SqliteEventStore};
use event_store::{
    Append, EventStore, Metadata, NewEvent, OpenPart, Position, Recorded, SealKeys, StreamName,
    Write,
};
use parking_lot::Mutex;
use projections::{Projection, Projector, ProjectorHandle, ReadStore, Reader, Tail};
use tempfile::TempDir;
use test_support::Database;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::places::{Engine, Opened, Place};
use crate::workload::World;

/// Longer than anything here takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// A log, its keys, and who writes to it.
pub struct Log {
    pub folder: TempDir,
    pub keys: Arc<SqliteKeyStore>,
    pub store: Arc<SqliteEventStore>,
    /// Where the read models that follow it are.
    pub place: Place,
    clock: Arc<AtomicI64>,
    versions: Mutex<HashMap<StreamName, u64>>,
    event_ids: AtomicU64,
    /// Makes event ids of one log differ from those of another.
    history: u64,
}

impl Log {
    pub fn new() -> Self {
        Self::of_history(1)
    }

    pub async fn on(engine: Engine) -> Self {
        Self::of_history(1).with_read_models_on(engine).await
    }

    pub async fn with_read_models_on(mut self, engine: Engine) -> Self {
        if engine == Engine::Postgres {
            self.place = Place::Database(Arc::new(Database::new().await));
        }
        self
    }

    pub fn of_history(history: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let master = Zeroizing::new([7; 32]);
        let keys = Arc::new(SqliteKeyStore::open(folder.path().join("keys.db"), master).unwrap());
        let clock = Arc::new(AtomicI64::new(1_000_000));
        let now = {
            let clock = Arc::clone(&clock);
            Arc::new(move || clock.load(Ordering::SeqCst))
        };
        let path = folder.path().join("events.db");
        let store = SqliteEventStore::open(&path, Arc::clone(&keys) as _, now, &Options::default())
            .unwrap();
        Self {
            place: Place::File(folder.path().join("read.db")),
            folder,
            keys,
            store: Arc::new(store),
            clock,
            versions: Mutex::default(),
            event_ids: AtomicU64::new(1),
            history,
        }
    }

    pub fn store(&self) -> Arc<dyn EventStore> {
        Arc::clone(&self.store) as _
    }

    pub fn keys(&self) -> Arc<dyn KeyStore> {
        Arc::clone(&self.keys) as _
    }

    /// All rows of the read models that follow it.
    pub async fn rows(&self) -> Vec<String> {
        self.place.rows().await
    }

    /// What the log's clock shows from now on, in microseconds.
    pub fn at(&self, now_us: i64) -> &Self {
        self.clock.store(now_us, Ordering::SeqCst);
        self
    }

    pub fn advance(&self, by_us: i64) {
        self.clock.fetch_add(by_us, Ordering::SeqCst);
    }

    pub async fn head(&self) -> Position {
        self.store.head().await.unwrap()
    }

    /// Lets so many things happen, a millisecond apart.
    pub async fn grow(&self, world: &mut World, steps: usize) {
        for _ in 0..steps {
            let decision = world.step(self.head().await);
            self.append(decision).await;
            self.advance(1_000);
        }
    }

    /// Appends events, each to the stream given with it, as one decision.
    pub async fn append(&self, events: Vec<(StreamName, Event)>) -> Vec<Arc<Recorded>> {
        let raw = events
            .into_iter()
            .map(|(stream, event)| (stream, self.new_event(&event)))
            .collect();
        self.append_raw(raw).await
    }

    pub async fn append_raw(&self, events: Vec<(StreamName, NewEvent)>) -> Vec<Arc<Recorded>> {
        let mut append = Append::default();
        {
            let mut versions = self.versions.lock();
            for (stream, event) in events {
                let version = versions.entry(stream.clone()).or_default();
                *version += 1;
                match append
                    .writes
                    .last_mut()
                    .filter(|write| write.stream == stream)
                {
                    Some(write) => write.events.push(event),
                    None => append.writes.push(Write {
                        stream,
                        expected: *version - 1,
                        events: vec![event],
                    }),
                }
            }
        }
        self.store.append(append).await.unwrap()
    }

    pub fn new_event(&self, event: &Event) -> NewEvent {
        let (payload, parts) = event.encode().unwrap();
        let parts = parts.into_iter().map(|part| OpenPart {
            keys: SealKeys {
                subject: part.keys.subject.to_string().into(),
                bucket: part.keys.bucket.map(|bucket| bucket.to_string().into()),
            },
            content: part.content,
        });
        NewEvent {
            event_id: self.event_id(),
            dedupe: None,
            event_type: event.event_type().into(),
            event_version: event.event_version().into(),
            number: None,
            metadata: Metadata {
                actor: None,
                role: "system".into(),
                address: None,
                causation_id: None,
                correlation_id: Uuid::nil(),
                fingerprint: None,
            },
            payload: payload.into(),
            parts: parts.collect(),
        }
    }

    /// An event that no release has ever written.
    pub fn poison(&self) -> (StreamName, NewEvent) {
        let harmless = Event::Account(domain::AccountEvent::Activated {});
        let poison = NewEvent {
            event_type: "weather.changed".into(),
            ..self.new_event(&harmless)
        };
        (StreamName::new("weather", self.event_id()), poison)
    }

    fn event_id(&self) -> Uuid {
        let number = self.event_ids.fetch_add(1, Ordering::SeqCst);
        let mut random = [0; 10];
        random[2..].copy_from_slice(&self.history.to_be_bytes());
        uuid::Builder::from_unix_timestamp_millis(number, &random).into_uuid()
    }

    /// All rows of the read models that a rebuild from the log makes.
    pub async fn rows_of_a_rebuild(&self) -> Vec<String> {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("scratch.db");
        let progress =
            projections::rebuild(self.store(), self.keys(), &path, projections::all(), |_| {})
                .await
                .unwrap();
        assert_eq!(progress.position, self.head().await);
        Place::File(path).rows().await
    }
}

/// Names the first difference instead of printing both.
pub fn assert_same_rows(found: &[String], expected: &[String]) {
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found, expected, "the first row that differs");
    }
    assert_eq!(
        found.len(),
        expected.len(),
        "one has rows that the other has not"
    );
}

/// Read models that follow a log.
pub struct Live {
    pub tail: Tail,
    pub opened: Opened,
    pub read: Arc<dyn ReadStore>,
    pub projector: ProjectorHandle,
}

impl Live {
    pub async fn start(log: &Log) -> Self {
        Self::with(log, projections::all()).await
    }

    pub async fn with(log: &Log, projections: Vec<Box<dyn Projection>>) -> Self {
        let opened = log.place.open().await;
        let read = opened.store();
        let tail = Tail::start(log.store(), log.keys(), log.head().await);
        let projector = Projector::start(&tail, Arc::clone(&read), projections)
            .await
            .unwrap();
        Self {
            tail,
            opened,
            read,
            projector,
        }
    }

    /// Waits until everything that is in the log now is in the rows.
    pub async fn catch_up(&self, log: &Log) {
        let head = log.head().await;
        assert!(
            self.projector.wait_for(head, PATIENCE).await,
            "not at {head}: {:?}",
            self.projector.status()
        );
    }

    /// Every projection still runs.
    pub fn has_stopped_nothing(&self) {
        for one in self.projector.status().projections {
            assert_eq!(one.stopped, None, "{}", one.name);
        }
    }

    pub fn reader(&self) -> &dyn Reader {
        &*self.read
    }

    pub async fn stop(self) {
        self.projector.stop().await;
        self.tail.stop();
        self.opened.close().await;
    }

    /// Waits until a projection, or all, has stopped.
    pub async fn until_stopped(&self, name: &str) -> String {
        let find = || {
            let status = self.projector.status();
            let one = status.projections.into_iter().find(|one| one.name == name);
            one.and_then(|one| one.stopped)
        };
        let wait = async {
            loop {
                if let Some(reason) = find() {
                    return reason;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, wait)
            .await
            .expect("a stopped projection")
    }
}
