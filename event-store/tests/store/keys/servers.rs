//! The key store on a server that is killed, restarted, cut off and locked.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use event_store::OpenError;
use event_store::keys::{Key, KeyBytes, KeyError, KeyStore, PostgresKeyStore};
use event_store::postgres::PostgresUrl;
use test_support::{Cluster, Database};

use super::{is_destroyed, master, numbered, present};

/// A call is answered within this, whatever the server does.
const BOUND: Duration = Duration::from_secs(8);

fn url(text: &str) -> PostgresUrl {
    text.parse().unwrap()
}

#[test]
fn a_killed_server_is_waited_for_by_nobody_and_found_again_by_the_next_call() {
    let cluster = Cluster::start();
    let keys = PostgresKeyStore::open(&url(cluster.url()), master()).unwrap();
    let made = keys.get_or_create(&["a".into(), "b".into()]).unwrap();
    keys.forget(&["b".into()]);
    cluster.kill();

    assert_eq!(present(&keys, "a"), made[0], "from memory");
    let begun = Instant::now();
    let refused = [
        keys.get("b").map(drop),
        keys.get_or_create(&["c".into()]).map(drop),
        keys.destroy(&["a".into()]),
        keys.secret("d").map(drop),
        keys.key_names("", 1).map(drop),
        keys.rotate_master(KeyBytes::new([9; 32])),
    ];
    for outcome in refused {
        assert!(matches!(outcome, Err(KeyError::Unavailable(_))));
    }
    assert!(begun.elapsed() < BOUND, "{:?}", begun.elapsed());
    let refused = PostgresKeyStore::open(&url(cluster.url()), master()).err();
    assert!(matches!(refused, Some(OpenError::Server { .. })));

    cluster.start_again();
    assert_eq!(present(&keys, "b"), made[1]);
    keys.get_or_create(&["c".into()]).unwrap();
    keys.forget(&["a".into()]);
    assert_eq!(present(&keys, "a"), made[0], "it was not destroyed");
    // Connections that the store has not used since are dead; it gets past them.
    cluster.restart_at_once();
    keys.put_secret("d", b"e").unwrap();
}

#[test]
fn keys_that_were_read_ahead_need_no_server() {
    let cluster = Cluster::start();
    let [making, reading] =
        [0, 1].map(|_| PostgresKeyStore::open(&url(cluster.url()), master()).unwrap());
    let names = numbered(300);
    let made = making.get_or_create(&names).unwrap();
    making.destroy(&["gone".into()]).unwrap();
    reading.warm(&mut names.iter().chain(&names).chain(&["gone".into()]));
    cluster.kill();
    reading.warm(&mut names.iter().chain(&["unknown".into()]));
    for (name, key) in std::iter::zip(&names, made) {
        assert_eq!(present(&reading, name), key);
    }
    assert!(is_destroyed(&reading, "gone"));
    assert!(matches!(
        reading.get("unknown"),
        Err(KeyError::Unavailable(_))
    ));
}

#[test]
fn every_key_that_was_given_outlives_restarts_under_load() {
    const WRITERS: usize = 3;
    let cluster = Cluster::start();
    let nodes = [0, 1].map(|_| PostgresKeyStore::open(&url(cluster.url()), master()).unwrap());
    let done = AtomicBool::new(false);
    let given: Vec<(Arc<str>, Arc<KeyBytes>)> = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let (node, done) = (&nodes[writer % 2], &done);
                scope.spawn(move || {
                    let mut given = Vec::new();
                    for number in 0.. {
                        if done.load(Ordering::Relaxed) {
                            break;
                        }
                        // The names of different writers meet.
                        let name: Arc<str> = format!("key:{}", number + writer).into();
                        match node.get_or_create(std::slice::from_ref(&name)) {
                            Ok(key) => given.push((name, key[0].clone())),
                            Err(KeyError::Unavailable(_)) => {}
                            Err(other) => panic!("{other}"),
                        }
                    }
                    given
                })
            })
            .collect();
        for _ in 0..3 {
            cluster.restart_at_once();
            // As soon as it is there again, the nodes make keys again.
            let name: Arc<str> = "after".into();
            nodes[0].get_or_create(std::slice::from_ref(&name)).unwrap();
            nodes[0].forget(&[name]);
        }
        done.store(true, Ordering::Relaxed);
        let given = writers.into_iter().map(|writer| writer.join().unwrap());
        given.flatten().collect()
    });
    assert!(!given.is_empty());
    drop(nodes);
    let keys = PostgresKeyStore::open(&url(cluster.url()), master()).unwrap();
    for (name, key) in given {
        assert_eq!(present(&keys, &name), key, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_are_cut_while_calls_run_are_replaced() {
    let database = Database::new().await;
    let keys = PostgresKeyStore::open(&url(&database.url()), master()).unwrap();
    let names = numbered(60);
    let client = database.connect().await;
    let (cut_now, mut cuts) = tokio::sync::mpsc::unbounded_channel();
    let cutting = tokio::spawn(async move {
        let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                   WHERE datname = current_database() AND pid <> pg_backend_pid()";
        let mut cut = 0;
        while cuts.recv().await.is_some() {
            cut += client.query_one(sql, &[]).await.unwrap().get::<_, i64>(0);
        }
        cut
    });
    let making = tokio::task::spawn_blocking(move || {
        let mut given = Vec::new();
        for name in &names {
            cut_now.send(()).unwrap();
            match keys.get_or_create(std::slice::from_ref(name)) {
                Ok(key) => given.push((name.clone(), key[0].clone())),
                Err(KeyError::Unavailable(_)) => {}
                Err(other) => panic!("{other}"),
            }
        }
        drop(cut_now);
        (keys, given)
    });
    let (keys, given) = making.await.unwrap();
    assert!(cutting.await.unwrap() > 0);
    let all: Vec<Arc<str>> = given.iter().map(|(name, _)| name.clone()).collect();
    keys.forget(&all);
    for (name, key) in given {
        assert_eq!(present(&keys, &name), key, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_whose_connection_is_cut_is_made_anew() {
    let database = Database::new().await;
    let keys = PostgresKeyStore::open(&url(&database.url()), master()).unwrap();
    let made = keys.get_or_create(&["a".into()]).unwrap();
    keys.forget(&["a".into()]);
    let mut client = database.connect().await;
    let lock = client.transaction().await.unwrap();
    lock.batch_execute("LOCK TABLE keys.keys IN ACCESS EXCLUSIVE MODE")
        .await
        .unwrap();
    let calls = tokio::task::spawn_blocking(move || {
        let found = present(&keys, "a");
        keys.destroy(&["b".into()]).unwrap();
        assert!(is_destroyed(&keys, "b"));
        found
    });
    let waiting = "SELECT pid FROM pg_stat_activity
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let pid: i32 = loop {
        let rows = lock.query(waiting, &[]).await.unwrap();
        if let Some(row) = rows.first() {
            break row.get(0);
        }
    };
    lock.execute("SELECT pg_terminate_backend($1)", &[&pid])
        .await
        .unwrap();
    lock.rollback().await.unwrap();
    assert_eq!(calls.await.unwrap(), made[0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_table_is_not_waited_for_for_ever() {
    let database = Database::new().await;
    let keys = PostgresKeyStore::open(&url(&database.url()), master()).unwrap();
    keys.get_or_create(&["a".into()]).unwrap();
    let mut client = database.connect().await;
    let lock = client.transaction().await.unwrap();
    lock.batch_execute("LOCK TABLE keys.keys IN ACCESS EXCLUSIVE MODE")
        .await
        .unwrap();

    present(&keys, "a");
    let begun = Instant::now();
    let waiting = |name: &'static str| {
        let keys = &keys;
        move || {
            let outcome = keys.get_or_create(&[name.into()]);
            assert!(matches!(outcome, Err(KeyError::Unavailable(_))));
        }
    };
    std::thread::scope(|scope| {
        for name in ["b", "c", "d", "e", "f", "g", "h", "i", "j", "k"] {
            scope.spawn(waiting(name));
        }
    });
    assert!(begun.elapsed() < BOUND, "{:?}", begun.elapsed());

    lock.rollback().await.unwrap();
    assert!(matches!(keys.get("b"), Ok(Key::Absent)));
    keys.get_or_create(&["b".into()]).unwrap();
}
