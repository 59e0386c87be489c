//! The key store: subject and bucket keys, and secrets of the whole system, wrapped by a master.

mod keyed_hash;
mod postgres;
mod sqlite;
mod wrapping;

use std::sync::Arc;

use zeroize::Zeroizing;

pub use keyed_hash::{PEPPER, keyed_hash};
pub use postgres::PostgresKeyStore;
pub use sqlite::SqliteKeyStore;

/// Unwrapped keys that one store holds in memory.
const CACHED_KEYS: usize = 131_072;

/// Rows that a change of the master key holds in memory at once.
const ROTATION_PAGE: usize = 1_000;

/// 32 bytes of a key, wiped when dropped.
pub type KeyBytes = Zeroizing<[u8; 32]>;

/// What the key store says of one key.
#[derive(Clone)]
pub enum Key {
    Present(Arc<KeyBytes>),
    /// A tombstone: destroyed on purpose, for ever.
    Destroyed,
    /// There is neither key nor tombstone.
    Absent,
}

/// Why the key store did not do what was asked.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum KeyError {
    /// The store cannot be read or written now, or not by this process.
    #[error("the key store is unavailable: {0}")]
    Unavailable(String),
    /// A stored key does not unwrap: another master key, or damage.
    #[error("key {0} does not unwrap; is this the right master key?")]
    DoesNotUnwrap(Arc<str>),
    /// A tombstone stands in its place.
    #[error("key {0} was destroyed")]
    Destroyed(Arc<str>),
    /// What was to be adopted is not what is here.
    #[error("key {0} is another one here")]
    Differs(Arc<str>),
}

/// Where keys are kept, apart from the log. Calls block; a cache makes most of them memory reads.
/// Calls are allowed on threads of a runtime; one that is not answered from memory belongs on a
/// thread that may block.
pub trait KeyStore: Send + Sync {
    /// The key of this name.
    fn get(&self, name: &str) -> Result<Key, KeyError>;

    /// The keys of these names, in their order. Worth its while where many are not in memory: a
    /// store on a server fetches them at once.
    fn get_many(&self, names: &[Arc<str>]) -> Result<Vec<Key>, KeyError> {
        names.iter().map(|name| self.get(name)).collect()
    }

    /// Brings keys that will be asked for next into memory, where one question for all is better
    /// than many. What it cannot read now, [`Self::get`] says.
    fn warm(&self, _names: &mut dyn Iterator<Item = &Arc<str>>) {}

    /// The keys of these names; those that are absent are made, and are durable on return.
    /// A tombstone is an error.
    fn get_or_create(&self, names: &[Arc<str>]) -> Result<Vec<Arc<KeyBytes>>, KeyError>;

    /// Leaves tombstones, durable on return. To destroy what is destroyed changes nothing.
    fn destroy(&self, names: &[Arc<str>]) -> Result<(), KeyError>;

    /// Drops the keys of these names from memory, so that they are read anew: another node has
    /// destroyed them. Nothing else tells a store what other nodes destroy, and what is in memory
    /// has no age: whoever follows the log calls this for every destruction that it records.
    fn forget(&self, names: &[Arc<str>]);

    /// Names of keys and of tombstones in byte order, those after `after`, at most `limit`.
    fn key_names(&self, after: &str, limit: usize) -> Result<Vec<Arc<str>>, KeyError>;

    /// Takes over keys of another store, and tombstones (none), all or none of them, durable on
    /// return. A key that is here already must be the same ([`KeyError::Differs`]), and a
    /// tombstone wins over a key on either side.
    fn adopt(&self, keys: &[(Arc<str>, Option<KeyBytes>)]) -> Result<(), KeyError>;

    /// A named secret of the whole system, of any length (pepper, signing keys); none if absent.
    fn secret(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyError>;

    /// Stores a secret, durable on return, unless the name is taken: then what stands there is
    /// given back.
    fn put_secret(&self, name: &str, value: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError>;

    /// Names of the secrets that start with `prefix`, in order.
    fn secret_names(&self, prefix: &str) -> Result<Vec<String>, KeyError>;

    /// Removes a secret, e.g. a signing key whose tokens have all expired.
    fn remove_secret(&self, name: &str) -> Result<(), KeyError>;

    /// Wraps every key anew, in one transaction.
    fn rotate_master(&self, new_master: KeyBytes) -> Result<(), KeyError>;
}
