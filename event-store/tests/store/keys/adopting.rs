//! Taking over the keys of another store.

use std::sync::Arc;

use event_store::keys::{Key, KeyBytes, KeyError, KeyStore, SqliteKeyStore};

use super::{Home, is_destroyed, master, numbered, other_master, present};

/// Names from the store a page at a time, with what stands there.
fn pages(keys: &dyn KeyStore, limit: usize) -> Vec<Vec<(Arc<str>, Option<KeyBytes>)>> {
    let mut pages: Vec<Vec<_>> = Vec::new();
    loop {
        let last = pages.last().and_then(|page| page.last());
        let after: Arc<str> = last.map_or("".into(), |(name, _)| Arc::clone(name));
        let names = keys.key_names(&after, limit).unwrap();
        if names.is_empty() {
            return pages;
        }
        assert!(names.len() <= limit);
        let found = keys.get_many(&names).unwrap();
        let row = |(name, key)| match key {
            Key::Present(key) => (name, Some((*key).clone())),
            Key::Destroyed => (name, None),
            Key::Absent => panic!("{name} has a name and no row"),
        };
        pages.push(names.into_iter().zip(found).map(row).collect());
    }
}

pub async fn keys_and_tombstones_move_page_by_page(home: &impl Home) {
    let folder = tempfile::tempdir().unwrap();
    let source = SqliteKeyStore::open(folder.path().join("keys.db"), other_master()).unwrap();
    source.get_or_create(&numbered(250)).unwrap();
    source
        .get_or_create(&["ä".into(), "Z".into(), "한".into(), "b c".into()])
        .unwrap();
    source.destroy(&["a:0100".into(), "never".into()]).unwrap();
    let moved = pages(&source, 100);
    let names: Vec<_> = moved.concat().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), 255);
    assert!(names.is_sorted(), "{names:?}");

    let keys = home.open(master()).unwrap();
    for page in &moved {
        keys.adopt(page).unwrap();
    }
    // An interrupted copy begins anew.
    for page in &moved {
        keys.adopt(page).unwrap();
    }
    drop(keys);
    let keys = home.open(master()).unwrap();
    assert_eq!(pages(&*keys, 100), moved);
    assert_eq!(pages(&*keys, 7).concat(), moved.concat());
    assert!(keys.key_names("", 0).unwrap().is_empty());
    assert_eq!(keys.key_names("never", usize::MAX).unwrap().len(), 2);
}

pub async fn what_is_adopted_must_be_what_is_here(home: &impl Home) {
    let keys = home.open(master()).unwrap();
    let made = keys.get_or_create(&["here".into()]).unwrap();
    let new = KeyBytes::new([1; 32]);
    let page = [
        ("a".into(), Some(new.clone())),
        ("here".into(), Some(new.clone())),
        ("z".into(), None),
    ];
    assert_eq!(keys.adopt(&page), Err(KeyError::Differs("here".into())));
    assert_eq!(keys.key_names("", 10).unwrap(), ["here".into()]);
    assert!(matches!(keys.get("a"), Ok(Key::Absent)));

    let page = [
        ("a".into(), Some(new.clone())),
        ("here".into(), Some((*made[0]).clone())),
    ];
    keys.adopt(&page).unwrap();
    assert_eq!(*present(&*keys, "a"), new);
    assert_eq!(present(&*keys, "here"), made[0]);
}

pub async fn a_tombstone_wins_over_a_key_on_either_side(home: &impl Home) {
    let keys = home.open(master()).unwrap();
    keys.get_or_create(&["a".into()]).unwrap();
    keys.destroy(&["b".into()]).unwrap();
    keys.adopt(&[
        ("a".into(), None),
        ("b".into(), Some(KeyBytes::new([1; 32]))),
        ("c".into(), None),
    ])
    .unwrap();
    for _ in ["in memory", "anew"] {
        for name in ["a", "b", "c"] {
            assert!(is_destroyed(&*keys, name), "{name}");
        }
        keys.forget(&["a".into(), "b".into(), "c".into()]);
    }
}
