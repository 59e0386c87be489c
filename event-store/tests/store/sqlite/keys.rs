//! The embedded key store.

use std::sync::Arc;

use event_store::OpenError;
use event_store::keys::{Key, KeyBytes, KeyError, KeyStore, SqliteKeyStore};

use super::{Sqlite, master};

fn other_master() -> KeyBytes {
    KeyBytes::new([8; 32])
}

fn present(keys: &SqliteKeyStore, name: &str) -> Arc<KeyBytes> {
    match keys.get(name).unwrap() {
        Key::Present(key) => key,
        Key::Destroyed => panic!("{name} was destroyed"),
        Key::Absent => panic!("{name} is absent"),
    }
}

#[test]
fn keys_secrets_and_tombstones_are_there_after_reopening() {
    let home = Sqlite::new();
    let keys = SqliteKeyStore::open(home.keys(), master()).unwrap();
    assert!(keys.is_empty().unwrap());
    let made = keys
        .get_or_create(&["a".into(), "b".into(), "a".into()])
        .unwrap();
    assert_eq!(made[0], made[2]);
    assert_ne!(made[0], made[1]);
    keys.destroy(&["b".into(), "never-was".into()]).unwrap();
    keys.destroy(&["b".into()]).unwrap();
    assert_eq!(
        &**keys.put_secret("pepper:1", b"long and short").unwrap(),
        b"long and short"
    );
    assert_eq!(
        &**keys.put_secret("pepper:1", b"another").unwrap(),
        b"long and short"
    );
    keys.put_secret("pepper:2", b"").unwrap();
    keys.put_secret("signing:1", b"x").unwrap();
    keys.remove_secret("signing:1").unwrap();
    drop(keys);
    assert!(
        !home.keys().with_extension("db-wal").exists(),
        "the file alone holds everything"
    );

    let keys = SqliteKeyStore::open(home.keys(), master()).unwrap();
    assert!(!keys.is_empty().unwrap());
    assert_eq!(present(&keys, "a"), made[0]);
    for name in ["b", "never-was"] {
        assert!(matches!(keys.get(name), Ok(Key::Destroyed)));
        assert_eq!(
            keys.get_or_create(&[name.into()]),
            Err(KeyError::Destroyed(name.into()))
        );
    }
    assert!(matches!(keys.get("c"), Ok(Key::Absent)));
    assert_eq!(
        &**keys.secret("pepper:1").unwrap().unwrap(),
        b"long and short"
    );
    assert_eq!(keys.secret("signing:1").unwrap(), None);
    assert_eq!(
        keys.secret_names("pepper:").unwrap(),
        ["pepper:1", "pepper:2"]
    );
    assert_eq!(keys.secret_names("").unwrap().len(), 2);
}

#[test]
fn many_who_want_the_same_new_keys_get_the_same() {
    let home = Sqlite::new();
    let keys = SqliteKeyStore::open(home.keys(), master()).unwrap();
    let names: Vec<Arc<str>> = (0..50)
        .map(|number| format!("key:{number}").into())
        .collect();
    let made: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| keys.get_or_create(&names).unwrap()))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert!(made.iter().all(|keys| *keys == made[0]));
}

#[test]
fn a_wrong_master_key_is_refused_unless_there_is_nothing_to_lose() {
    let home = Sqlite::new();
    assert!(SqliteKeyStore::is_fresh(home.keys()).unwrap());
    drop(SqliteKeyStore::open(home.keys(), master()).unwrap());
    assert!(SqliteKeyStore::is_fresh(home.keys()).unwrap());

    let keys = SqliteKeyStore::open(home.keys(), other_master()).unwrap();
    keys.get_or_create(&["a".into()]).unwrap();
    drop(keys);

    assert!(!SqliteKeyStore::is_fresh(home.keys()).unwrap());
    let refused = SqliteKeyStore::open(home.keys(), master()).err();
    assert_eq!(refused, Some(OpenError::WrongMaster { path: home.keys() }));
    let refused = SqliteKeyStore::open_read_only(home.keys(), master()).err();
    assert_eq!(refused, Some(OpenError::WrongMaster { path: home.keys() }));
    SqliteKeyStore::open(home.keys(), other_master()).unwrap();
}

#[test]
fn a_new_master_key_wraps_everything_anew() {
    let home = Sqlite::new();
    let keys = SqliteKeyStore::open(home.keys(), master()).unwrap();
    let names: Vec<Arc<str>> = (0..2_500)
        .map(|number| format!("key:{number}").into())
        .collect();
    let before = keys.get_or_create(&names).unwrap();
    keys.destroy(&["gone".into()]).unwrap();
    keys.put_secret("pepper", b"salt").unwrap();

    keys.rotate_master(other_master()).unwrap();
    keys.get_or_create(&["later".into()]).unwrap();
    drop(keys);

    assert!(matches!(
        SqliteKeyStore::open(home.keys(), master()),
        Err(OpenError::WrongMaster { .. })
    ));
    let keys = SqliteKeyStore::open(home.keys(), other_master()).unwrap();
    assert_eq!(keys.get_or_create(&names).unwrap(), before);
    present(&keys, "later");
    assert!(matches!(keys.get("gone"), Ok(Key::Destroyed)));
    assert_eq!(&**keys.secret("pepper").unwrap().unwrap(), b"salt");
}

#[test]
fn nothing_of_a_destroyed_key_is_left_in_the_files() {
    let home = Sqlite::new();
    let keys = SqliteKeyStore::open(home.keys(), master()).unwrap();
    keys.get_or_create(&["a".into(), "b".into()]).unwrap();
    let wrapped: Vec<u8> = rusqlite::Connection::open(home.keys())
        .unwrap()
        .query_row("SELECT wrapped FROM keys WHERE name = 'a'", [], |row| {
            row.get(0)
        })
        .unwrap();
    let found = || {
        std::fs::read_dir(home.folder.path()).unwrap().any(|entry| {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            bytes.windows(wrapped.len()).any(|window| window == wrapped)
        })
    };
    assert!(found());
    keys.destroy(&["a".into()]).unwrap();
    assert!(!found());
}

#[test]
fn a_reader_beside_the_server_sees_a_destruction_at_once_and_changes_nothing() {
    let home = Sqlite::new();
    let keys = SqliteKeyStore::open(home.keys(), master()).unwrap();
    keys.get_or_create(&["a".into()]).unwrap();
    let reader = SqliteKeyStore::open_read_only(home.keys(), master()).unwrap();
    present(&reader, "a");

    assert!(matches!(
        reader.get_or_create(&["b".into()]),
        Err(KeyError::Unavailable(_))
    ));
    assert!(matches!(
        reader.destroy(&["a".into()]),
        Err(KeyError::Unavailable(_))
    ));
    keys.destroy(&["a".into()]).unwrap();
    assert!(matches!(reader.get("a"), Ok(Key::Destroyed)));
}

#[test]
fn a_second_writer_of_keys_is_refused_and_a_copy_needs_the_same_master() {
    let home = Sqlite::new();
    let keys = SqliteKeyStore::open(home.keys(), master()).unwrap();
    keys.get_or_create(&["a".into()]).unwrap();
    let refused = SqliteKeyStore::open(home.keys(), master()).err();
    assert_eq!(refused, Some(OpenError::Locked { path: home.keys() }));

    let copy = home.folder.path().join("copy.db");
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
    let home = Sqlite::new();
    let keys = SqliteKeyStore::open(home.keys(), master()).unwrap();
    keys.get_or_create(&["a".into()]).unwrap();
    keys.backup_to(home.folder.path().join("copy.db")).unwrap();
    for entry in std::fs::read_dir(home.folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", entry.path().display());
    }
}
