//! The embedded key store: one SQLite file, every value wrapped under the master key.

mod adopt;
mod master;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use zeroize::Zeroizing;

use super::wrapping::{self, Kind};
use super::{CACHED_KEYS, Key, KeyBytes, KeyError, KeyStore};
use crate::database::{self, OpenError, Schema, WriterLock};
use crate::generations::Generations;

const SCHEMA: Schema = Schema {
    application_id: 0x6d6b_6579,
    migrations: &[include_str!(
        "../../../migrations/keys/sqlite/0001_keys.sql"
    )],
};

/// Leaves a tombstone, whatever was there.
const BURY: &str = "INSERT INTO keys (name, wrapped) VALUES (?1, NULL)
     ON CONFLICT (name) DO UPDATE SET wrapped = NULL WHERE keys.wrapped IS NOT NULL";

/// Keys and secrets in one file, durable when a call returns.
///
/// Locks are taken in the order `writer`, `master`, `reader`, `cache`.
pub struct SqliteKeyStore {
    path: PathBuf,
    /// Closed before the writer, since only a writer that closes last empties the WAL.
    reader: Mutex<Connection>,
    /// None on a store that was opened to read.
    writer: Option<Mutex<Connection>>,
    master: RwLock<KeyBytes>,
    cache: RwLock<Generations<Arc<str>, Key>>,
    /// Names of keys that callers wait to have made; who gets the writer makes all of them.
    wanted: Mutex<Vec<Arc<str>>>,
    _lock: Option<WriterLock>,
}

impl SqliteKeyStore {
    /// Opens to write, made if it is not there. A master key that is not the one under which the
    /// store was written is refused, unless the store holds neither key nor secret yet.
    pub fn open(path: impl AsRef<Path>, master: KeyBytes) -> Result<Self, OpenError> {
        let path = path.as_ref();
        let lock = WriterLock::acquire(path)?;
        let writer = database::open_to_write(path, &SCHEMA)?;
        // What is overwritten or deleted leaves no copy in free space.
        writer
            .pragma_update(None, "secure_delete", true)
            .map_err(|cause| OpenError::of(path, &cause))?;
        master::check(&writer, path, &master, true)?;
        Self::assemble(path, Some(writer), master, Some(lock))
    }

    /// Opens to read only, beside a server. It caches nothing, so that a key that the server
    /// destroys is gone here at once.
    pub fn open_read_only(path: impl AsRef<Path>, master: KeyBytes) -> Result<Self, OpenError> {
        let path = path.as_ref();
        let reader = database::open_to_read(path, &SCHEMA)?;
        master::check(&reader, path, &master, false)?;
        drop(reader);
        Self::assemble(path, None, master, None)
    }

    fn assemble(
        path: &Path,
        writer: Option<Connection>,
        master: KeyBytes,
        lock: Option<WriterLock>,
    ) -> Result<Self, OpenError> {
        Ok(Self {
            path: path.to_owned(),
            writer: writer.map(Mutex::new),
            master: RwLock::new(master),
            reader: Mutex::new(database::open_to_read(path, &SCHEMA)?),
            cache: RwLock::new(Generations::new(CACHED_KEYS)),
            wanted: Mutex::default(),
            _lock: lock,
        })
    }

    /// Whether the file at `path` holds neither key nor secret, or is not there. Only then may a
    /// new master key be made; needs none.
    pub fn is_fresh(path: impl AsRef<Path>) -> Result<bool, OpenError> {
        let path = path.as_ref();
        match path.metadata() {
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(true),
            Err(cause) => return Err(OpenError::io(path, &cause)),
            Ok(file) if file.len() == 0 => return Ok(true),
            Ok(_) => {}
        }
        let reader = database::open_to_read(path, &SCHEMA)?;
        holds_nothing(&reader).map_err(|cause| OpenError::of(path, &cause))
    }

    /// Whether there is neither key, tombstone nor secret.
    pub fn is_empty(&self) -> Result<bool, KeyError> {
        Ok(holds_nothing(&self.reader.lock())?)
    }

    /// Copies the store as it is at one moment to `target`, which must not exist. The copy needs
    /// the same master key. On disk on return.
    pub fn backup_to(&self, target: impl AsRef<Path>) -> Result<(), KeyError> {
        let source = database::open_to_read(&self.path, &SCHEMA)
            .map_err(|cause| KeyError::Unavailable(cause.to_string()))?;
        database::copy(&source, target.as_ref())
            .map_err(|cause| KeyError::Unavailable(format!("backup failed: {cause}")))
    }

    fn writer(&self) -> Result<&Mutex<Connection>, KeyError> {
        self.writer
            .as_ref()
            .ok_or_else(|| KeyError::Unavailable("it was opened to read".into()))
    }

    fn cached(&self, name: &str) -> Option<Key> {
        if let Some(key) = self.cache.read().young(name) {
            return Some(key.clone());
        }
        self.cache.write().touch(name).cloned()
    }

    /// Reads past the cache, and remembers what it finds.
    fn read(&self, name: &str) -> Result<Key, KeyError> {
        let key = {
            let master = self.master.read();
            let wrapped = self
                .reader
                .lock()
                .prepare_cached("SELECT wrapped FROM keys WHERE name = ?1")?
                .query_row([name], |row| row.get::<_, Option<Vec<u8>>>(0))
                .optional()?;
            match wrapped {
                None => return Ok(Key::Absent),
                Some(None) => Key::Destroyed,
                Some(Some(wrapped)) => {
                    Key::Present(Arc::new(wrapping::unwrap_key(&master, name, &wrapped)?))
                }
            }
        };
        if self.writer.is_none() {
            return Ok(key);
        }
        // What a destruction left here since the row was read must stay.
        let mut cache = self.cache.write();
        if let Some(newer) = cache.touch(name) {
            return Ok(newer.clone());
        }
        cache.insert(name.into(), key.clone());
        Ok(key)
    }

    /// Makes those of `names` that have no row, in one transaction.
    fn create(&self, writer: &mut Connection, names: &[Arc<str>]) -> Result<(), KeyError> {
        let mut made = Vec::new();
        let step = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let master = self.master.read();
            let mut insert = step.prepare_cached(
                "INSERT INTO keys (name, wrapped) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            )?;
            for name in names {
                let mut key = KeyBytes::default();
                getrandom::fill(&mut *key)
                    .map_err(|cause| KeyError::Unavailable(cause.to_string()))?;
                let wrapped = wrapping::wrap(&master, Kind::Key, name, &*key)?;
                if insert.execute((name, wrapped))? == 1 {
                    made.push((name.clone(), Key::Present(Arc::new(key))));
                }
            }
        }
        step.commit()?;
        let mut cache = self.cache.write();
        for (name, key) in made {
            cache.insert(name, key);
        }
        Ok(())
    }

    /// Empties the WAL, which still holds what was overwritten. A reader in another process may
    /// be in the way; then the next one does it.
    fn forget_overwritten(writer: &Connection) -> Result<(), KeyError> {
        let busy: bool =
            writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if busy {
            tracing::warn!("the WAL of the key store is in use and was not emptied");
        }
        Ok(())
    }
}

impl KeyStore for SqliteKeyStore {
    fn get(&self, name: &str) -> Result<Key, KeyError> {
        match self.cached(name) {
            Some(key) => Ok(key),
            None => self.read(name),
        }
    }

    fn get_or_create(&self, names: &[Arc<str>]) -> Result<Vec<Arc<KeyBytes>>, KeyError> {
        let mut found = Vec::with_capacity(names.len());
        let mut missing = Vec::new();
        for name in names {
            match self.get(name)? {
                Key::Present(key) => found.push(key),
                Key::Destroyed => return Err(KeyError::Destroyed(name.clone())),
                Key::Absent => missing.push(name.clone()),
            }
        }
        if missing.is_empty() {
            return Ok(found);
        }
        let writer = self.writer()?;
        self.wanted.lock().extend(missing);
        {
            let mut writer = writer.lock();
            let wanted = std::mem::take(&mut *self.wanted.lock());
            if !wanted.is_empty() {
                self.create(&mut writer, &wanted)?;
            }
        }
        names
            .iter()
            .map(|name| match self.get(name)? {
                Key::Present(key) => Ok(key),
                Key::Destroyed => Err(KeyError::Destroyed(name.clone())),
                Key::Absent => Err(KeyError::Unavailable(format!("key {name} was not made"))),
            })
            .collect()
    }

    fn destroy(&self, names: &[Arc<str>]) -> Result<(), KeyError> {
        let mut writer = self.writer()?.lock();
        let step = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut bury = step.prepare_cached(BURY)?;
            for name in names {
                bury.execute([name])?;
            }
        }
        step.commit()?;
        {
            let mut cache = self.cache.write();
            for name in names {
                cache.insert(name.clone(), Key::Destroyed);
            }
        }
        Self::forget_overwritten(&writer)
    }

    fn forget(&self, names: &[Arc<str>]) {
        let mut cache = self.cache.write();
        for name in names {
            cache.remove(&**name);
        }
    }

    fn key_names(&self, after: &str, limit: usize) -> Result<Vec<Arc<str>>, KeyError> {
        let reader = self.reader.lock();
        let mut select = reader
            .prepare_cached("SELECT name FROM keys WHERE name > ?1 ORDER BY name LIMIT ?2")?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let names = select.query_map((after, limit), |row| row.get(0))?;
        Ok(names.collect::<Result<_, _>>()?)
    }

    fn adopt(&self, keys: &[(Arc<str>, Option<KeyBytes>)]) -> Result<(), KeyError> {
        let mut writer = self.writer()?.lock();
        let step = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        adopt::adopt(&step, &self.master.read(), keys)?;
        step.commit()?;
        let mut buried = keys.iter().filter(|(_, key)| key.is_none()).peekable();
        if buried.peek().is_none() {
            return Ok(());
        }
        let mut cache = self.cache.write();
        for (name, _) in buried {
            cache.insert(name.clone(), Key::Destroyed);
        }
        drop(cache);
        Self::forget_overwritten(&writer)
    }

    fn secret(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyError> {
        let master = self.master.read();
        let wrapped: Option<Vec<u8>> = self
            .reader
            .lock()
            .query_row(
                "SELECT wrapped FROM secrets WHERE name = ?1",
                [name],
                |row| row.get(0),
            )
            .optional()?;
        wrapped
            .map(|wrapped| wrapping::unwrap(&master, Kind::Secret, name, &wrapped))
            .transpose()
    }

    fn put_secret(&self, name: &str, value: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        {
            let writer = self.writer()?.lock();
            let wrapped = wrapping::wrap(&self.master.read(), Kind::Secret, name, value)?;
            writer.execute(
                "INSERT INTO secrets (name, wrapped) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                (name, wrapped),
            )?;
        }
        self.secret(name)?
            .ok_or_else(|| KeyError::Unavailable(format!("secret {name} was removed")))
    }

    fn secret_names(&self, prefix: &str) -> Result<Vec<String>, KeyError> {
        let reader = self.reader.lock();
        let mut select = reader.prepare_cached(
            "SELECT name FROM secrets WHERE substr(name, 1, length(?1)) = ?1 ORDER BY name",
        )?;
        let names = select.query_map([prefix], |row| row.get(0))?;
        Ok(names.collect::<Result<_, _>>()?)
    }

    fn remove_secret(&self, name: &str) -> Result<(), KeyError> {
        let writer = self.writer()?.lock();
        writer.execute("DELETE FROM secrets WHERE name = ?1", [name])?;
        Self::forget_overwritten(&writer)
    }

    fn rotate_master(&self, new_master: KeyBytes) -> Result<(), KeyError> {
        let mut writer = self.writer()?.lock();
        let step = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let old_master = self.master.read();
            for (kind, table) in [(Kind::Key, "keys"), (Kind::Secret, "secrets")] {
                master::rewrap(&step, kind, table, &old_master, &new_master)?;
            }
            let check = wrapping::wrap_check(&new_master)?;
            step.execute("UPDATE master SET wrapped = ?1", [check])?;
        }
        // No reader may unwrap rows of one side of the commit with the master of the other.
        let mut master = self.master.write();
        step.commit()?;
        *master = new_master;
        drop(master);
        Self::forget_overwritten(&writer)
    }
}

fn holds_nothing(connection: &Connection) -> Result<bool, rusqlite::Error> {
    connection.query_row(
        "SELECT NOT EXISTS (SELECT 1 FROM keys) AND NOT EXISTS (SELECT 1 FROM secrets)",
        [],
        |row| row.get(0),
    )
}

impl From<rusqlite::Error> for KeyError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Unavailable(error.to_string())
    }
}
