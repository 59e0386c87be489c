//! Opening log, keys and read models, each on the engine that the settings name.

use std::path::Path;
use std::sync::Arc;

use event_store::keys::{KeyBytes, KeyStore, PostgresKeyStore, SqliteKeyStore};
#[cfg(feature = "kurrentdb")]
use event_store::kurrentdb::KurrentEventStore;
use event_store::postgres::{PostgresEventStore, PostgresLeases, PostgresOptions};
use event_store::sqlite::{Options, SqliteEventStore};
use event_store::{EventStore, Leases, Location, OneNode, OpenError};
use projections::{
    PostgresReadOptions, PostgresReadStore, ReadError, ReadStore, ReadStoreOptions,
    SqliteReadStore, analytics, postgres, search,
};
use uuid::Uuid;

use crate::clock::Clock;
use crate::master;
use crate::settings::Settings;
use crate::start::StartError;

/// The copy that a node has of a log in KurrentDB, in the data folder. It can be lost.
#[cfg(feature = "kurrentdb")]
const LOG_COPY: &str = "log-copy.db";

/// The log, open to write.
#[derive(Clone)]
pub enum Log {
    Sqlite(Arc<SqliteEventStore>),
    Postgres(Arc<PostgresEventStore>),
    #[cfg(feature = "kurrentdb")]
    Kurrent(Arc<KurrentEventStore>),
}

impl Log {
    pub fn store(&self) -> Arc<dyn EventStore> {
        match self {
            Self::Sqlite(store) => Arc::clone(store) as _,
            Self::Postgres(store) => Arc::clone(store) as _,
            #[cfg(feature = "kurrentdb")]
            Self::Kurrent(store) => Arc::clone(store) as _,
        }
    }

    /// Waits until the log cannot be written any more by this process.
    pub async fn failed(&self) {
        let mut poisoned = match self {
            Self::Sqlite(store) => store.poisoned(),
            Self::Postgres(store) => store.poisoned(),
            #[cfg(feature = "kurrentdb")]
            Self::Kurrent(store) => store.poisoned(),
        };
        if poisoned.wait_for(|poisoned| *poisoned).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Refuses further appends and finishes those that wait.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(store) => store.close().await,
            Self::Postgres(store) => store.close().await,
            #[cfg(feature = "kurrentdb")]
            Self::Kurrent(store) => store.close().await,
        }
    }
}

/// The read models, open to write.
#[derive(Clone)]
pub enum ReadModels {
    Sqlite(Arc<SqliteReadStore>),
    Postgres(Arc<PostgresReadStore>),
}

impl ReadModels {
    pub async fn open(settings: &Settings) -> Result<Self, StartError> {
        let failed = |error| StartError::because("the read models cannot be opened", error);
        let opened = Self::open_at(&settings.store_places().read, postgres::SCHEMA).await;
        opened.map_err(failed)
    }

    /// The store of the search index, apart from the other read models.
    pub async fn open_search(settings: &Settings) -> Result<Self, StartError> {
        let failed = |error| StartError::because("the search index cannot be opened", error);
        let opened = Self::open_at(&settings.store_places().search, search::SCHEMA).await;
        opened.map_err(failed)
    }

    /// The store of what analysts count, apart from all others.
    pub async fn open_analytics(settings: &Settings) -> Result<Self, StartError> {
        let failed = |error| StartError::because("the counts of analysts cannot be opened", error);
        let opened = Self::open_at(&settings.store_places().analytics, analytics::SCHEMA).await;
        opened.map_err(failed)
    }

    async fn open_at(place: &Location, schema: &'static str) -> Result<Self, StartError> {
        let failed = |error: ReadError| StartError(error.to_string());
        match place {
            Location::File(path) => {
                made_folder(path)?;
                let store = SqliteReadStore::open(path, &ReadStoreOptions::default());
                Ok(Self::Sqlite(Arc::new(store.map_err(failed)?)))
            }
            Location::Postgres(url) => {
                let options = PostgresReadOptions {
                    schema,
                    ..PostgresReadOptions::default()
                };
                let store = PostgresReadStore::open(url, &options).await;
                Ok(Self::Postgres(Arc::new(store.map_err(failed)?)))
            }
            Location::Kurrent(_) => Err(only_events()),
        }
    }

    pub fn store(&self) -> Arc<dyn ReadStore> {
        match self {
            Self::Sqlite(store) => Arc::clone(store) as _,
            Self::Postgres(store) => Arc::clone(store) as _,
        }
    }

    /// Finishes what was asked for, and lets go.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(store) => {
                if let Err(error) = store.close().await {
                    tracing::warn!(%error, "the read models will be made anew after a reboot");
                }
            }
            Self::Postgres(store) => store.close().await,
        }
    }
}

/// Log and keys, open.
pub struct Stores {
    pub log: Log,
    pub keys: Arc<dyn KeyStore>,
}

/// Opens log and keys. A master key is made only where neither holds anything yet.
pub async fn open_stores(
    settings: &Settings,
    clock: &Arc<dyn Clock>,
) -> Result<Stores, StartError> {
    let places = settings.store_places();
    std::fs::create_dir_all(&settings.server.data)
        .map_err(|error| StartError::because("the data folder cannot be made", error))?;
    let unknown = |error| StartError::because("the stores cannot be examined", error);
    let master = if let Some(key) = settings.master_key() {
        key
    } else {
        let fresh = match &places.events {
            Location::File(path) => SqliteEventStore::is_fresh(path).map_err(unknown),
            Location::Postgres(url) => PostgresEventStore::is_fresh(url).await.map_err(unknown),
            #[cfg(feature = "kurrentdb")]
            Location::Kurrent(url) => KurrentEventStore::is_fresh(url).await.map_err(unknown),
            #[cfg(not(feature = "kurrentdb"))]
            Location::Kurrent(_) => Err(no_kurrentdb()),
        };
        let fresh = fresh? && keys_are_fresh(&places.keys).await?;
        master::read_or_make(&places.master, fresh)?
    };
    let keys = open_keys(&places.keys, master).await?;
    let clock = Arc::clone(clock);
    let clock = Arc::new(move || clock.now_us());
    let sealing = Arc::clone(&keys);
    let failed = |error| StartError::because("the event store cannot be opened", error);
    let log = match &places.events {
        Location::File(path) => {
            made_folder(path)?;
            let store = SqliteEventStore::open(path, sealing, clock, &Options::default());
            Log::Sqlite(Arc::new(store.map_err(failed)?))
        }
        Location::Postgres(url) => {
            let options = PostgresOptions::default();
            let store = PostgresEventStore::open(url, sealing, clock, &options).await;
            Log::Postgres(Arc::new(store.map_err(failed)?))
        }
        #[cfg(feature = "kurrentdb")]
        Location::Kurrent(url) => {
            let copy = settings.server.data.join(LOG_COPY);
            let store = KurrentEventStore::open(url, copy, sealing, clock).await;
            Log::Kurrent(Arc::new(store.map_err(failed)?))
        }
        #[cfg(not(feature = "kurrentdb"))]
        Location::Kurrent(_) => return Err(no_kurrentdb()),
    };
    Ok(Stores { log, keys })
}

async fn keys_are_fresh(place: &Location) -> Result<bool, StartError> {
    let unknown = |error| StartError::because("the key store cannot be examined", error);
    match place.clone() {
        Location::File(path) => SqliteKeyStore::is_fresh(path).map_err(unknown),
        Location::Postgres(url) => {
            blocking(move || PostgresKeyStore::is_fresh(&url).map_err(unknown)).await
        }
        Location::Kurrent(_) => Err(only_events()),
    }
}

/// Opens the keys to write.
pub async fn open_keys(
    place: &Location,
    master: KeyBytes,
) -> Result<Arc<dyn KeyStore>, StartError> {
    let failed = |error: OpenError| StartError::because("the key store cannot be opened", error);
    match place.clone() {
        Location::File(path) => {
            made_folder(&path)?;
            let keys = SqliteKeyStore::open(&path, master).map_err(failed)?;
            Ok(Arc::new(keys))
        }
        Location::Postgres(url) => {
            blocking(move || {
                let keys = PostgresKeyStore::open(&url, master).map_err(failed)?;
                Ok(Arc::new(keys) as Arc<dyn KeyStore>)
            })
            .await
        }
        Location::Kurrent(_) => Err(only_events()),
    }
}

/// The leases of the nodes that share the log: beside it, or beside the read models that they
/// share where the log is in KurrentDB.
pub async fn open_leases(settings: &Settings, node: Uuid) -> Result<Arc<dyn Leases>, StartError> {
    let places = settings.store_places();
    let place = match places.events {
        Location::Kurrent(_) => places.read,
        events => events,
    };
    match place {
        Location::File(_) => Ok(Arc::new(OneNode(node))),
        Location::Kurrent(_) => Err(only_events()),
        Location::Postgres(url) => {
            let leases = PostgresLeases::open(&url).await;
            let leases = leases
                .map_err(|error| StartError::because("the leases cannot be opened", error))?;
            Ok(Arc::new(leases))
        }
    }
}

fn only_events() -> StartError {
    StartError("KurrentDB keeps the log only, neither keys nor read models".to_owned())
}

#[cfg(not(feature = "kurrentdb"))]
fn no_kurrentdb() -> StartError {
    StartError("this program was built without KurrentDB (feature kurrentdb)".to_owned())
}

/// Calls of the key store wait in place.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StartError> + Send + 'static,
) -> Result<T, StartError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| StartError::because("the key store", error))?
}

/// A store may be named in a folder that is not there yet.
fn made_folder(path: &Path) -> Result<(), StartError> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => std::fs::create_dir_all(folder)
            .map_err(|error| StartError::because(format!("{}", folder.display()), error)),
        _ => Ok(()),
    }
}
