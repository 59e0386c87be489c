//! A key store in memory for the tests of this folder; it keeps secrets only.

use std::collections::BTreeMap;
use std::sync::Arc;

use event_store::keys::{Key, KeyBytes, KeyError, KeyStore};
use parking_lot::Mutex;
use zeroize::Zeroizing;

#[derive(Default)]
pub(super) struct MemoryKeys(Mutex<BTreeMap<String, Vec<u8>>>);

impl KeyStore for MemoryKeys {
    fn get(&self, _: &str) -> Result<Key, KeyError> {
        Ok(Key::Absent)
    }
    fn get_or_create(&self, _: &[Arc<str>]) -> Result<Vec<Arc<KeyBytes>>, KeyError> {
        Err(KeyError::Unavailable("secrets only".to_owned()))
    }
    fn destroy(&self, _: &[Arc<str>]) -> Result<(), KeyError> {
        Ok(())
    }
    fn forget(&self, _: &[Arc<str>]) {}
    fn key_names(&self, _: &str, _: usize) -> Result<Vec<Arc<str>>, KeyError> {
        Ok(Vec::new())
    }
    fn adopt(&self, _: &[(Arc<str>, Option<KeyBytes>)]) -> Result<(), KeyError> {
        Err(KeyError::Unavailable("secrets only".to_owned()))
    }
    fn secret(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyError> {
        Ok(self.0.lock().get(name).cloned().map(Zeroizing::new))
    }
    fn put_secret(&self, name: &str, value: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let mut secrets = self.0.lock();
        let stored = secrets
            .entry(name.to_owned())
            .or_insert_with(|| value.to_vec());
        Ok(Zeroizing::new(stored.clone()))
    }
    fn secret_names(&self, prefix: &str) -> Result<Vec<String>, KeyError> {
        Ok(self
            .0
            .lock()
            .keys()
            .filter(|name| name.starts_with(prefix))
            .cloned()
            .collect())
    }
    fn remove_secret(&self, name: &str) -> Result<(), KeyError> {
        self.0.lock().remove(name);
        Ok(())
    }
    fn rotate_master(&self, _: KeyBytes) -> Result<(), KeyError> {
        Ok(())
    }
}
