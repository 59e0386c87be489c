//! Opening the key store of a database: its tables, and the right master key.

use parking_lot::{Mutex, RwLock};

use super::PostgresKeyStore;
use super::cache::Cache;
use super::master::{self, Master};
use super::remote::{Remote, SCHEMA, aside};
use crate::OpenError;
use crate::keys::{KeyBytes, KeyError};
use crate::postgres::{self, Component, PostgresUrl};

const COMPONENT: Component = Component {
    name: "keys",
    schema: Some(SCHEMA),
    steps: &[include_str!(
        "../../../../migrations/keys/postgres/0001_keys.sql"
    )],
};

impl PostgresKeyStore {
    /// Opens to write, with the tables made or brought up to date. A master key that is not the
    /// one under which the store was written is refused, unless the store holds neither key nor
    /// secret yet. Blocks.
    pub fn open(url: &PostgresUrl, master: KeyBytes) -> Result<Self, OpenError> {
        aside(|| {
            let remote = Remote::start(url)?;
            bring_up_to_date(&remote)?;
            Self::assemble(remote, master, true)
        })
    }

    /// Opens to read only, beside servers; the tables must be up to date. It caches nothing, so
    /// that a key that a server destroys is gone here at once. Blocks.
    pub fn open_read_only(url: &PostgresUrl, master: KeyBytes) -> Result<Self, OpenError> {
        aside(|| {
            let remote = Remote::start(url)?;
            let pending = count_pending(&remote)?;
            if pending > 0 {
                return Err(OpenError::Server {
                    place: remote.place().to_owned(),
                    reason: format!(
                        "the key store there lacks {pending} of this release's schema steps: \
                         start the server once, or migrate"
                    ),
                });
            }
            Self::assemble(remote, master, false)
        })
    }

    fn assemble(remote: Remote, key: KeyBytes, writable: bool) -> Result<Self, OpenError> {
        let candidate = key.clone();
        let check = remote
            .call(async move |connection| master::check(connection, &candidate, writable).await)
            .map_err(|cause| cannot_open(&remote, cause))?;
        let Some(check) = check else {
            return Err(OpenError::WrongMaster {
                place: remote.place().to_owned(),
            });
        };
        Ok(Self {
            remote,
            writable,
            master: RwLock::new(Master { key, check }),
            cache: RwLock::new(Cache::new()),
            wanted: Mutex::default(),
            creating: Mutex::default(),
        })
    }

    /// Whether the database holds neither key nor secret, or no tables of them. Only then may a
    /// new master key be made; needs none. Blocks.
    pub fn is_fresh(url: &PostgresUrl) -> Result<bool, OpenError> {
        aside(|| {
            let remote = Remote::start(url)?;
            remote
                .call(async |connection| {
                    let step = connection.transaction().await?;
                    let there = step
                        .query_one("SELECT to_regclass('keys.master') IS NOT NULL", &[])
                        .await?;
                    Ok(!there.try_get::<_, bool>(0)? || master::holds_nothing(&step).await?)
                })
                .map_err(|cause| cannot_open(&remote, cause))
        })
    }

    /// Takes the schema steps that are still to be taken, one node at a time, and gives how many
    /// there were. Needs no master key. Blocks.
    pub fn migrate(url: &PostgresUrl) -> Result<usize, OpenError> {
        aside(|| bring_up_to_date(&Remote::start(url)?))
    }

    /// How many schema steps are still to be taken; changes nothing. Blocks.
    pub fn pending(url: &PostgresUrl) -> Result<usize, OpenError> {
        aside(|| count_pending(&Remote::start(url)?))
    }

    /// Whether there is neither key, tombstone nor secret. Blocks.
    pub fn is_empty(&self) -> Result<bool, KeyError> {
        aside(|| {
            self.remote.call(async |connection| {
                let step = connection.transaction().await?;
                master::holds_nothing(&step).await
            })
        })
    }
}

fn bring_up_to_date(remote: &Remote) -> Result<usize, OpenError> {
    remote
        .call_once(async |connection| Ok(postgres::migrate(connection, &COMPONENT).await?))
        .map_err(|cause| cannot_open(remote, cause))
}

fn count_pending(remote: &Remote) -> Result<usize, OpenError> {
    remote
        .call(async |connection| Ok(postgres::pending_steps(connection, &COMPONENT).await?))
        .map_err(|cause| cannot_open(remote, cause))
}

fn cannot_open(remote: &Remote, cause: KeyError) -> OpenError {
    OpenError::Server {
        place: remote.place().to_owned(),
        reason: match cause {
            KeyError::Unavailable(reason) => reason,
            other => other.to_string(),
        },
    }
}
