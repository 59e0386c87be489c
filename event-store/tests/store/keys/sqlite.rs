//! The embedded key store: the contract, and what is true of its file.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use event_store::OpenError;
use event_store::keys::{KeyBytes, KeyError, KeyStore, SqliteKeyStore};
use tempfile::TempDir;

use super::{Home, every_case, master, present};

every_case!(Folder);

/// A folder with a file of keys.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("keys.db")
    }

    fn store(&self) -> SqliteKeyStore {
        SqliteKeyStore::open(self.path(), master()).unwrap()
    }
}

#[async_trait]
impl Home for Folder {
    async fn fresh() -> Self {
        Self::new()
    }

    fn open(&self, master: KeyBytes) -> Result<Arc<dyn KeyStore>, OpenError> {
        Ok(Arc::new(SqliteKeyStore::open(self.path(), master)?))
    }

    fn open_read_only(&self, master: KeyBytes) -> Result<Arc<dyn KeyStore>, OpenError> {
        let keys = SqliteKeyStore::open_read_only(self.path(), master)?;
        Ok(Arc::new(keys))
    }

    fn is_fresh(&self) -> bool {
        SqliteKeyStore::is_fresh(self.path()).unwrap()
    }

    fn place(&self) -> String {
        self.path().display().to_string()
    }

    async fn flip_a_bit(&self, table: &str, name: &str) {
        let file = rusqlite::Connection::open(self.path()).unwrap();
        let select = format!("SELECT wrapped FROM {table} WHERE name = ?1");
        let mut wrapped: Vec<u8> = file.query_row(&select, [name], |row| row.get(0)).unwrap();
        *wrapped.last_mut().unwrap() ^= 1;
        let update = format!("UPDATE {table} SET wrapped = ?2 WHERE name = ?1");
        assert_eq!(file.execute(&update, (name, wrapped)).unwrap(), 1);
    }
}

#[test]
fn a_closed_store_is_one_file() {
    let home = Folder::new();
    let keys = home.store();
    assert!(keys.is_empty().unwrap());
    keys.get_or_create(&["a".into()]).unwrap();
    assert!(!keys.is_empty().unwrap());
    drop(keys);
    assert!(!home.path().with_extension("db-wal").exists());
}

#[test]
fn nothing_of_a_destroyed_key_is_left_in_the_files() {
    let home = Folder::new();
    let keys = home.store();
    keys.get_or_create(&["a".into(), "b".into(), "c".into()])
        .unwrap();
    let wrapped = |name: &str| -> Vec<u8> {
        let sql = "SELECT wrapped FROM keys WHERE name = ?1";
        let file = rusqlite::Connection::open(home.path()).unwrap();
        file.query_row(sql, [name], |row| row.get(0)).unwrap()
    };
    let found = |wrapped: &[u8]| {
        std::fs::read_dir(home.0.path()).unwrap().any(|entry| {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            bytes.windows(wrapped.len()).any(|window| window == wrapped)
        })
    };
    let (a, b) = (wrapped("a"), wrapped("b"));
    assert!(found(&a) && found(&b));
    keys.destroy(&["a".into()]).unwrap();
    assert!(!found(&a) && found(&b));
    keys.adopt(&[("b".into(), None)]).unwrap();
    assert!(!found(&b));
}

#[test]
fn a_second_writer_of_keys_is_refused_and_a_copy_needs_the_same_master() {
    let home = Folder::new();
    let keys = home.store();
    keys.get_or_create(&["a".into()]).unwrap();
    let refused = SqliteKeyStore::open(home.path(), master()).err();
    assert_eq!(refused, Some(OpenError::Locked { path: home.path() }));

    let copy = home.0.path().join("copy.db");
    keys.backup_to(&copy).unwrap();
    assert!(matches!(
        keys.backup_to(&copy),
        Err(KeyError::Unavailable(_))
    ));
    let copied = SqliteKeyStore::open(&copy, master()).unwrap();
    assert_eq!(present(&copied, "a"), present(&keys, "a"));
}

#[cfg(unix)]
#[test]
fn only_their_owner_can_read_the_keys() {
    use std::os::unix::fs::PermissionsExt;
    let home = Folder::new();
    let keys = home.store();
    keys.get_or_create(&["a".into()]).unwrap();
    keys.backup_to(home.0.path().join("copy.db")).unwrap();
    for entry in std::fs::read_dir(home.0.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", entry.path().display());
    }
}
