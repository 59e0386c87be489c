//! Keys and secrets come and go.

use std::sync::Arc;

use event_store::keys::{Key, KeyError, KeyStore};

use super::{Home, is_destroyed, master, numbered, present};

pub async fn keys_secrets_and_tombstones_are_there_after_reopening(home: &impl Home) {
    let keys = home.open(master()).unwrap();
    let made = keys
        .get_or_create(&["a".into(), "b".into(), "a".into()])
        .unwrap();
    assert_eq!(made[0], made[2]);
    assert_ne!(made[0], made[1]);
    keys.destroy(&["b".into(), "never-was".into()]).unwrap();
    keys.destroy(&["b".into()]).unwrap();
    for name in ["pepper:2", "pepper:1", "signing:1"] {
        keys.put_secret(name, b"salt").unwrap();
    }
    keys.remove_secret("signing:1").unwrap();
    keys.remove_secret("signing:1").unwrap();
    drop(keys);

    let keys = home.open(master()).unwrap();
    assert_eq!(present(&*keys, "a"), made[0]);
    for name in ["b", "never-was"] {
        assert!(is_destroyed(&*keys, name));
        assert_eq!(
            keys.get_or_create(&["a".into(), name.into()]),
            Err(KeyError::Destroyed(name.into()))
        );
    }
    assert!(matches!(keys.get("c"), Ok(Key::Absent)));
    assert_eq!(&**keys.secret("pepper:1").unwrap().unwrap(), b"salt");
    assert_eq!(keys.secret("signing:1").unwrap(), None);
    assert_eq!(
        keys.secret_names("pepper:").unwrap(),
        ["pepper:1", "pepper:2"]
    );
    assert_eq!(keys.secret_names("").unwrap().len(), 2);
    assert_eq!(keys.secret_names("pepper:_").unwrap(), [""; 0]);
}

pub async fn many_who_want_the_same_new_keys_get_the_same(home: &impl Home) {
    let keys = home.open(master()).unwrap();
    let names = numbered(50);
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

pub async fn several_keys_are_found_in_the_order_asked_for(home: &impl Home) {
    let keys = home.open(master()).unwrap();
    let made = keys.get_or_create(&numbered(20)).unwrap();
    keys.destroy(&["gone".into()]).unwrap();
    let asked: Vec<Arc<str>> = ["a:0007", "gone", "absent", "a:0003", "a:0007"]
        .map(Into::into)
        .to_vec();
    let check = |keys: &dyn KeyStore| {
        let found = keys.get_many(&asked).unwrap();
        let found: Vec<Option<_>> = found
            .iter()
            .map(|key| match key {
                Key::Present(key) => Some(key.clone()),
                Key::Destroyed | Key::Absent => None,
            })
            .collect();
        let (three, seven) = (Some(made[3].clone()), Some(made[7].clone()));
        assert_eq!(found, [seven.clone(), None, None, three, seven]);
        assert!(is_destroyed(keys, "gone"));
    };
    check(&*keys);
    drop(keys);
    let keys = home.open(master()).unwrap();
    for _ in ["not in memory", "in memory"] {
        check(&*keys);
    }
    assert!(keys.get_many(&[]).unwrap().is_empty());
}

pub async fn a_secret_is_any_bytes_and_the_first_stays(home: &impl Home) {
    let keys = home.open(master()).unwrap();
    let long: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    for (name, value) in [("empty", &[][..]), ("zero", &[0]), ("long", &long)] {
        assert_eq!(&**keys.put_secret(name, value).unwrap(), value);
        assert_eq!(&**keys.put_secret(name, b"another").unwrap(), value);
        assert_eq!(&**keys.secret(name).unwrap().unwrap(), value);
    }
}

pub async fn a_destroyed_key_does_not_come_back(home: &impl Home) {
    let keys = home.open(master()).unwrap();
    let names = numbered(10);
    keys.get_or_create(&names).unwrap();
    keys.destroy(&names[..5]).unwrap();
    // In any order, with names that are there twice and names that were never there.
    let again: Vec<Arc<str>> = ["x", "a:0001", "x", "a:0000"].map(Into::into).to_vec();
    keys.destroy(&again).unwrap();
    keys.forget(&names);
    for name in &names[..5] {
        assert!(is_destroyed(&*keys, name));
    }
    for name in &names[5..] {
        present(&*keys, name);
    }
    assert_eq!(
        keys.get_or_create(&["x".into()]),
        Err(KeyError::Destroyed("x".into()))
    );
}

pub async fn a_reader_sees_a_destruction_at_once_and_changes_nothing(home: &impl Home) {
    let keys = home.open(master()).unwrap();
    let made = keys.get_or_create(&["a".into()]).unwrap();
    keys.put_secret("pepper", b"salt").unwrap();
    let reader = home.open_read_only(master()).unwrap();
    assert_eq!(present(&*reader, "a"), made[0]);
    assert_eq!(reader.get_or_create(&["a".into()]).unwrap(), made);

    let names = ["b".into()];
    let refused = [
        reader.get_or_create(&names).map(drop),
        reader.destroy(&names),
        reader.adopt(&[("b".into(), None)]),
        reader.put_secret("b", b"c").map(drop),
        reader.remove_secret("pepper"),
        reader.rotate_master(master()),
    ];
    for outcome in refused {
        assert!(matches!(outcome, Err(KeyError::Unavailable(_))));
    }
    keys.destroy(&["a".into()]).unwrap();
    assert!(is_destroyed(&*reader, "a"));
    assert!(matches!(reader.get("b"), Ok(Key::Absent)));
    assert_eq!(reader.secret_names("").unwrap(), ["pepper"]);
}

pub async fn calls_from_every_kind_of_thread_are_answered(home: &impl Home) {
    let keys = home.open(master()).unwrap();
    let names = numbered(4);
    let use_it = |name: Arc<str>| {
        let keys = Arc::clone(&keys);
        move || {
            assert!(matches!(keys.get(&name), Ok(Key::Absent)));
            keys.get_or_create(&[Arc::clone(&name)]).unwrap();
            keys.forget(&[Arc::clone(&name)]);
            present(&*keys, &name);
        }
    };
    // On a worker of a runtime, and on a thread that may block.
    let task = use_it(names[0].clone());
    tokio::spawn(async move { task() }).await.unwrap();
    tokio::task::spawn_blocking(use_it(names[1].clone()))
        .await
        .unwrap();
    // Where the test itself runs, on a runtime of one thread, and where there is no runtime.
    use_it(names[2].clone())();
    let (on_a_runtime, elsewhere) = (use_it(names[3].clone()), use_it("b".into()));
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(async { on_a_runtime() });
        elsewhere();
    });
    thread.join().unwrap();
    // The last one that holds the store may be a task as well.
    tokio::spawn(async move { drop(keys) }).await.unwrap();
}
