//! The key store on PostgreSQL: one schema that many nodes share.

mod cache;
mod failure;
mod master;
mod opening;
mod remote;
mod statements;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};
use zeroize::Zeroizing;

use super::wrapping::{self, Kind};
use super::{Key, KeyBytes, KeyError, KeyStore};
use crate::postgres::POOL_WAIT;
use cache::Cache;
use master::Master;
use remote::{Remote, aside};

/// Keys and secrets in the schema `keys` of a database, durable when a call returns.
///
/// Several nodes may hold it open. Of two that make the same key at once both get the same. What
/// one destroys the others hold in memory until [`KeyStore::forget`]. When one changes the master
/// key, the others must be started again with the new one: until then they read what they have in
/// memory, and are refused what they write ([`KeyError::Unavailable`]) or what was not in memory
/// ([`KeyError::DoesNotUnwrap`]).
///
/// A destroyed key leaves its table at once and the table's pages by a vacuum that follows. What
/// remains of it, in the unused space of pages, the WAL, replicas and base backups, is wrapped under
/// the master key, and lost for ever when the master key is rotated and the old one removed.
///
/// Locks are taken in the order `creating`, `master`, `cache`.
pub struct PostgresKeyStore {
    remote: Remote,
    writable: bool,
    master: RwLock<Master>,
    cache: RwLock<Cache>,
    /// Names of keys that callers wait to have made; who gets `creating` makes all of them.
    wanted: Mutex<Vec<Arc<str>>>,
    creating: Mutex<()>,
}

impl PostgresKeyStore {
    fn check_writable(&self) -> Result<(), KeyError> {
        if self.writable {
            return Ok(());
        }
        Err(KeyError::Unavailable("it was opened to read".to_owned()))
    }

    fn cached(&self, name: &str) -> Option<Key> {
        if let Some(key) = self.cache.read().young(name) {
            return Some(key.clone());
        }
        self.cache.write().touch(name).cloned()
    }

    /// Reads past the cache, and remembers what it finds.
    fn read(&self, names: &[Arc<str>]) -> Result<HashMap<Arc<str>, Key>, KeyError> {
        let asked = self.cache.read().now();
        let mut found: HashMap<Arc<str>, Key> = HashMap::with_capacity(names.len());
        let mut damaged = None;
        {
            let master = self.master.read();
            let names = names.to_vec();
            let rows = self
                .remote
                .call(async move |connection| statements::read(connection, &names).await)?;
            for (name, wrapped) in rows {
                let key = match wrapped.map(|it| wrapping::unwrap_key(&master.key, &name, &it)) {
                    None => Key::Destroyed,
                    Some(Ok(key)) => Key::Present(Arc::new(key)),
                    Some(Err(cause)) => {
                        damaged = Some(cause);
                        continue;
                    }
                };
                found.insert(name.into(), key);
            }
        }
        if self.writable {
            let keys = found.iter().map(|(name, key)| (name.clone(), key.clone()));
            self.cache.write().remember(asked, keys);
        }
        damaged.map_or(Ok(found), Err)
    }

    /// Makes those of `names` that have no row, in one transaction.
    fn create(&self, names: Vec<Arc<str>>) -> Result<(), KeyError> {
        let asked = self.cache.read().now();
        let mut keys: HashMap<Arc<str>, KeyBytes> = HashMap::new();
        let mut wrapped = Vec::with_capacity(names.len());
        let master = self.master.read().clone();
        for name in names {
            if keys.contains_key(&name) {
                continue;
            }
            let mut key = KeyBytes::default();
            getrandom::fill(&mut *key).map_err(|cause| KeyError::Unavailable(cause.to_string()))?;
            let value = wrapping::wrap(&master.key, Kind::Key, &name, &*key)?;
            wrapped.push((name.clone(), value));
            keys.insert(name, key);
        }
        let made = self.remote.call(async move |connection| {
            statements::create(connection, &master, &wrapped).await
        })?;
        let made = made.into_iter().filter_map(|name| {
            let (name, key) = keys.remove_entry(&*name)?;
            Some((name, Key::Present(Arc::new(key))))
        });
        self.cache.write().remember(asked, made);
        Ok(())
    }

    /// Frees what was overwritten or deleted. A transaction that began before may be in the way;
    /// then autovacuum does it.
    fn vacuum(&self, table: &'static str) {
        let vacuum = self.remote.call_once(async move |connection| {
            Ok(connection.batch_execute(&format!("VACUUM {table}")).await?)
        });
        if let Err(cause) = vacuum {
            tracing::warn!(%cause, table, "a table of the key store was not vacuumed");
        }
    }

    /// The answer to the commit of a rotation may be what was lost: finds out.
    fn settle(&self, new: &Master, cause: KeyError) -> Result<(), KeyError> {
        let new = new.clone();
        let current = self
            .remote
            .call(async move |connection| master::is_current(connection, &new).await);
        match current {
            Ok(true) => Ok(()),
            Ok(false) => Err(cause),
            Err(_) => Err(KeyError::Unavailable(format!(
                "{cause}; whether the new master key holds is not known: keep both"
            ))),
        }
    }
}

impl KeyStore for PostgresKeyStore {
    fn get(&self, name: &str) -> Result<Key, KeyError> {
        if let Some(key) = self.cached(name) {
            return Ok(key);
        }
        let found = aside(|| self.read(&[name.into()]))?;
        Ok(found.get(name).cloned().unwrap_or(Key::Absent))
    }

    fn get_many(&self, names: &[Arc<str>]) -> Result<Vec<Key>, KeyError> {
        let cached: Vec<Option<Key>> = names.iter().map(|name| self.cached(name)).collect();
        let missing: Vec<Arc<str>> = std::iter::zip(names, &cached)
            .filter(|(_, key)| key.is_none())
            .map(|(name, _)| name.clone())
            .collect();
        let found = if missing.is_empty() {
            HashMap::new()
        } else {
            aside(|| self.read(&missing))?
        };
        let key = |(name, key): (&Arc<str>, Option<Key>)| {
            key.or_else(|| found.get(name).cloned())
                .unwrap_or(Key::Absent)
        };
        Ok(std::iter::zip(names, cached).map(key).collect())
    }

    fn warm(&self, names: &mut dyn Iterator<Item = &Arc<str>>) {
        if !self.writable {
            return;
        }
        let missing: HashSet<&Arc<str>> =
            names.filter(|name| self.cached(name).is_none()).collect();
        if missing.is_empty() {
            return;
        }
        let missing: Vec<Arc<str>> = missing.into_iter().cloned().collect();
        if let Err(cause) = aside(|| self.read(&missing)) {
            tracing::debug!(%cause, "keys were not read ahead");
        }
    }

    fn get_or_create(&self, names: &[Arc<str>]) -> Result<Vec<Arc<KeyBytes>>, KeyError> {
        let mut found = Vec::with_capacity(names.len());
        let mut missing = Vec::new();
        for (name, key) in std::iter::zip(names, self.get_many(names)?) {
            match key {
                Key::Present(key) => found.push(key),
                Key::Destroyed => return Err(KeyError::Destroyed(name.clone())),
                Key::Absent => missing.push(name.clone()),
            }
        }
        if missing.is_empty() {
            return Ok(found);
        }
        self.check_writable()?;
        self.wanted.lock().extend(missing);
        aside(|| {
            let Some(_alone) = self.creating.try_lock_for(POOL_WAIT) else {
                return Err(KeyError::Unavailable("others are making keys".to_owned()));
            };
            let wanted = std::mem::take(&mut *self.wanted.lock());
            if wanted.is_empty() {
                return Ok(());
            }
            self.create(wanted)
        })?;
        std::iter::zip(names, self.get_many(names)?)
            .map(|(name, key)| match key {
                Key::Present(key) => Ok(key),
                Key::Destroyed => Err(KeyError::Destroyed(name.clone())),
                Key::Absent => Err(KeyError::Unavailable(format!("key {name} was not made"))),
            })
            .collect()
    }

    fn destroy(&self, names: &[Arc<str>]) -> Result<(), KeyError> {
        self.check_writable()?;
        aside(|| {
            let (master, buried) = (self.master.read().clone(), names.to_vec());
            self.remote.call(async move |connection| {
                statements::bury(connection, &master, &buried).await
            })?;
            self.cache.write().bury(names);
            self.vacuum("keys");
            Ok(())
        })
    }

    fn forget(&self, names: &[Arc<str>]) {
        self.cache.write().forget(names);
    }

    fn key_names(&self, after: &str, limit: usize) -> Result<Vec<Arc<str>>, KeyError> {
        let after = after.to_owned();
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        aside(|| {
            self.remote.call(async move |connection| {
                let sql = "SELECT name FROM keys WHERE name > $1 ORDER BY name LIMIT $2";
                let rows = connection.query(sql, &[&after, &limit]).await?;
                rows.iter()
                    .map(|row| Ok(row.try_get::<_, &str>(0)?.into()))
                    .collect()
            })
        })
    }

    fn adopt(&self, keys: &[(Arc<str>, Option<KeyBytes>)]) -> Result<(), KeyError> {
        self.check_writable()?;
        let (mut present, mut destroyed) = (Vec::new(), Vec::new());
        for (name, key) in keys {
            match key {
                Some(key) => present.push((name.clone(), key.clone())),
                None => destroyed.push(name.clone()),
            }
        }
        aside(|| {
            let (master, buried) = (self.master.read().clone(), destroyed.clone());
            self.remote.call(async move |connection| {
                statements::adopt(connection, &master, &present, &buried).await
            })?;
            if !destroyed.is_empty() {
                self.cache.write().bury(&destroyed);
                self.vacuum("keys");
            }
            Ok(())
        })
    }

    fn secret(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyError> {
        aside(|| {
            let master = self.master.read();
            let asked = name.to_owned();
            let wrapped = self.remote.call(async move |connection| {
                let sql = "SELECT wrapped FROM secrets WHERE name = $1";
                let row = connection.query_opt(sql, &[&asked]).await?;
                Ok(row.map(|row| row.try_get::<_, Vec<u8>>(0)).transpose()?)
            })?;
            wrapped
                .map(|wrapped| wrapping::unwrap(&master.key, Kind::Secret, name, &wrapped))
                .transpose()
        })
    }

    fn put_secret(&self, name: &str, value: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        self.check_writable()?;
        aside(|| {
            let (master, taken) = (self.master.read().clone(), name.to_owned());
            let wrapped = wrapping::wrap(&master.key, Kind::Secret, name, value)?;
            self.remote.call(async move |connection| {
                let step = master::begin(connection, &master).await?;
                let sql =
                    "INSERT INTO secrets (name, wrapped) VALUES ($1, $2) ON CONFLICT DO NOTHING";
                step.execute(sql, &[&taken, &wrapped]).await?;
                Ok(step.commit().await?)
            })
        })?;
        self.secret(name)?
            .ok_or_else(|| KeyError::Unavailable(format!("secret {name} was removed")))
    }

    fn secret_names(&self, prefix: &str) -> Result<Vec<String>, KeyError> {
        let prefix = prefix.to_owned();
        aside(|| {
            self.remote.call(async move |connection| {
                let sql = "SELECT name FROM secrets WHERE starts_with(name, $1) ORDER BY name";
                let rows = connection.query(sql, &[&prefix]).await?;
                rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
            })
        })
    }

    fn remove_secret(&self, name: &str) -> Result<(), KeyError> {
        self.check_writable()?;
        let name = name.to_owned();
        aside(|| {
            self.remote.call(async move |connection| {
                let sql = "DELETE FROM secrets WHERE name = $1";
                connection.execute(sql, &[&name]).await?;
                Ok(())
            })?;
            self.vacuum("secrets");
            Ok(())
        })
    }

    fn rotate_master(&self, new_master: KeyBytes) -> Result<(), KeyError> {
        self.check_writable()?;
        let new = Master::new(new_master)?;
        aside(|| {
            // No reader may unwrap rows of one side of the commit with the master of the other.
            let mut master = self.master.write();
            let (old, next) = (master.clone(), new.clone());
            let rotated = self
                .remote
                .call_once(async move |connection| master::rotate(connection, &old, &next).await);
            if let Err(cause) = rotated {
                self.settle(&new, cause)?;
            }
            *master = new;
            drop(master);
            for table in ["keys", "secrets"] {
                self.vacuum(table);
            }
            Ok(())
        })
    }
}
