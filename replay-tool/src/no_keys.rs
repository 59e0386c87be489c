//! For those who hold the log and not its keys: every sealed part reads as if it were erased.

use std::sync::Arc;

use event_store::keys::{Key, KeyBytes, KeyError, KeyStore};
use zeroize::Zeroizing;

pub struct NoKeys;

impl KeyStore for NoKeys {
    fn get(&self, _name: &str) -> Result<Key, KeyError> {
        Ok(Key::Destroyed)
    }

    fn get_or_create(&self, _names: &[Arc<str>]) -> Result<Vec<Arc<KeyBytes>>, KeyError> {
        Err(reading_only())
    }

    fn destroy(&self, _names: &[Arc<str>]) -> Result<(), KeyError> {
        Err(reading_only())
    }

    fn forget(&self, _names: &[Arc<str>]) {}

    fn key_names(&self, _after: &str, _limit: usize) -> Result<Vec<Arc<str>>, KeyError> {
        Ok(Vec::new())
    }

    fn adopt(&self, _keys: &[(Arc<str>, Option<KeyBytes>)]) -> Result<(), KeyError> {
        Err(reading_only())
    }

    fn secret(&self, _name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyError> {
        Ok(None)
    }

    fn put_secret(&self, _name: &str, _value: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        Err(reading_only())
    }

    fn secret_names(&self, _prefix: &str) -> Result<Vec<String>, KeyError> {
        Ok(Vec::new())
    }

    fn remove_secret(&self, _name: &str) -> Result<(), KeyError> {
        Err(reading_only())
    }

    fn rotate_master(&self, _new_master: KeyBytes) -> Result<(), KeyError> {
        Err(reading_only())
    }
}

fn reading_only() -> KeyError {
    KeyError::Unavailable("opened without keys, for reading".to_owned())
}
