//! Keys that were just asked for: a walk asks for the same few many times.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use event_store::keys::{Key, KeyBytes, KeyError, KeyStore};
use zeroize::Zeroizing;

/// For how long: a key that the server destroys is gone here soon after.
const REMEMBERED_FOR: Duration = Duration::from_secs(1);
/// How many at once.
const REMEMBERED_KEYS: usize = 65_536;

/// A key store that is read through a short memory.
pub struct Remembered<K> {
    keys: K,
    memory: Mutex<Memory>,
}

struct Memory {
    since: Instant,
    keys: HashMap<Arc<str>, Key>,
}

impl<K> Remembered<K> {
    pub fn new(keys: K) -> Self {
        let memory = Memory {
            since: Instant::now(),
            keys: HashMap::new(),
        };
        Self {
            keys,
            memory: Mutex::new(memory),
        }
    }
}

impl Memory {
    fn forget_what_is_old(&mut self) {
        if self.since.elapsed() >= REMEMBERED_FOR || self.keys.len() >= REMEMBERED_KEYS {
            self.keys.clear();
            self.since = Instant::now();
        }
    }
}

impl<K: KeyStore> KeyStore for Remembered<K> {
    fn get(&self, name: &str) -> Result<Key, KeyError> {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.forget_what_is_old();
        if let Some(key) = memory.keys.get(name) {
            return Ok(key.clone());
        }
        let key = self.keys.get(name)?;
        memory.keys.insert(name.into(), key.clone());
        Ok(key)
    }

    fn get_many(&self, names: &[Arc<str>]) -> Result<Vec<Key>, KeyError> {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.forget_what_is_old();
        let unknown: Vec<Arc<str>> = names
            .iter()
            .filter(|name| !memory.keys.contains_key(*name))
            .cloned()
            .collect();
        let found = self.keys.get_many(&unknown)?;
        memory.keys.extend(unknown.into_iter().zip(found));
        let key = |name| memory.keys.get(name).cloned().unwrap_or(Key::Absent);
        Ok(names.iter().map(key).collect())
    }

    fn warm(&self, names: &mut dyn Iterator<Item = &Arc<str>>) {
        let names: HashSet<&Arc<str>> = names.collect();
        let names: Vec<Arc<str>> = names.into_iter().cloned().collect();
        // Whoever asks for one that was not read ahead is told why.
        drop(self.get_many(&names));
    }

    fn get_or_create(&self, names: &[Arc<str>]) -> Result<Vec<Arc<KeyBytes>>, KeyError> {
        self.keys.get_or_create(names)
    }

    fn destroy(&self, names: &[Arc<str>]) -> Result<(), KeyError> {
        self.keys.destroy(names)
    }

    fn forget(&self, names: &[Arc<str>]) {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        for name in names {
            memory.keys.remove(name);
        }
        drop(memory);
        self.keys.forget(names);
    }

    fn key_names(&self, after: &str, limit: usize) -> Result<Vec<Arc<str>>, KeyError> {
        self.keys.key_names(after, limit)
    }

    fn adopt(&self, keys: &[(Arc<str>, Option<KeyBytes>)]) -> Result<(), KeyError> {
        self.keys.adopt(keys)
    }

    fn secret(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyError> {
        self.keys.secret(name)
    }

    fn put_secret(&self, name: &str, value: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        self.keys.put_secret(name, value)
    }

    fn secret_names(&self, prefix: &str) -> Result<Vec<String>, KeyError> {
        self.keys.secret_names(prefix)
    }

    fn remove_secret(&self, name: &str) -> Result<(), KeyError> {
        self.keys.remove_secret(name)
    }

    fn rotate_master(&self, new_master: KeyBytes) -> Result<(), KeyError> {
        self.keys.rotate_master(new_master)
    }
}
