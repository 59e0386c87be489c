//! The WAL is used again and again, and is gone after closing.

use std::sync::Arc;
use std::time::Duration;

use event_store::EventStore;
use event_store::sqlite::Options;

use super::{Sqlite, open_with};
use crate::writing::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_wal_does_not_grow_without_bound_and_is_gone_after_closing() {
    const MIB: u64 = 1024 * 1024;
    let home = Sqlite::new();
    let options = Options {
        checkpoint_every: Duration::from_millis(20),
        ..Options::default()
    };
    let store = Arc::new(open_with(&home.log(), &home.keys(), &options).unwrap());
    let wal = home.log().with_extension("db-wal");
    let text = "x".repeat(100_000);
    let mut longest = 0;
    // 150 MiB in all.
    for _ in 0..375 {
        let tasks: Vec<_> = (0..4)
            .map(|_| {
                let (store, text) = (store.clone(), text.clone());
                tokio::spawn(async move {
                    append(&*store, &new_room(), 0, vec![said(&text)])
                        .await
                        .unwrap();
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        longest = longest.max(wal.metadata().unwrap().len());
    }
    assert!(longest < 64 * MIB, "{} MiB", longest / MIB);
    store.close().await;
    assert!(!wal.exists());
    drop(store);
    let store = home.store();
    assert_eq!(store.head().await.unwrap(), 1_500);
}

#[tokio::test]
async fn an_idle_log_empties_its_wal() {
    let home = Sqlite::new();
    let options = Options {
        checkpoint_every: Duration::from_millis(5),
        idle_after: Duration::from_millis(20),
        ..Options::default()
    };
    let store = open_with(&home.log(), &home.keys(), &options).unwrap();
    append(&store, &new_room(), 0, vec![said("a")])
        .await
        .unwrap();
    let wal = home.log().with_extension("db-wal");
    let emptied = async {
        while wal.metadata().unwrap().len() > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), emptied)
        .await
        .expect("an empty WAL");
    append(&store, &new_room(), 0, vec![said("b")])
        .await
        .unwrap();
}
