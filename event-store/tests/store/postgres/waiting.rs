//! Locks that others hold, and connections that are all in use: nobody waits for long, and
//! nothing piles up.

use std::sync::Arc;
use std::time::{Duration, Instant};

use event_store::postgres::PostgresOptions;
use event_store::{EventStore, StoreError};

use super::Postgres;
use crate::writing::*;

/// The longest that an append waits for its turn and for locks, and what a busy machine adds.
const PATIENCE: Duration = Duration::from_millis(2_000 + 2 * 1_500 + 1_500);

/// How long the lock is held.
const HELD: Duration = Duration::from_secs(5);

/// How soon after its end all is well.
const RECOVERY: Duration = Duration::from_secs(1);

/// Appends that come at once, each of this many bytes: more than the queue holds.
const WAVE: usize = 120;
const BYTES: usize = 900_000;

async fn appends_are_refused_while(lock: &str) {
    let home = Postgres::new().await;
    let store = Arc::new(home.store().await);
    append(&*store, &new_room(), 0, vec![said("before")])
        .await
        .unwrap();
    let mut holder = home.database.connect().await;
    let holder = holder.transaction().await.unwrap();
    holder.batch_execute(lock).await.unwrap();

    let since = Instant::now();
    let large = "a".repeat(BYTES);
    let mut no_room = 0;
    while since.elapsed() < HELD {
        let wave: Vec<_> = (0..WAVE)
            .map(|_| {
                let (store, event) = (store.clone(), said(&large));
                tokio::spawn(async move {
                    let started = Instant::now();
                    let result = append(&*store, &new_room(), 0, vec![event]).await;
                    (result, started.elapsed())
                })
            })
            .collect();
        for append in wave {
            let (result, waited) = append.await.unwrap();
            let Err(StoreError::Unavailable(reason)) = result else {
                panic!("{lock}: {result:?}");
            };
            no_room += usize::from(reason.contains("no room"));
            assert!(waited < PATIENCE, "{lock}: {waited:?}, {reason}");
        }
    }
    assert!(no_room > 0, "the queue has a limit");

    holder.rollback().await.unwrap();
    let released = Instant::now();
    append(&*store, &new_room(), 0, vec![said("after")])
        .await
        .unwrap();
    assert!(released.elapsed() < RECOVERY, "{:?}", released.elapsed());
    let log = whole_log(&*store).await;
    assert_dense(&log);
    assert_eq!(log.len(), 2, "what was refused is not stored later");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_table_refuses_appends_in_time() {
    appends_are_refused_while("LOCK TABLE events IN ACCESS EXCLUSIVE MODE").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_idles_with_the_head_locked_refuses_appends_in_time() {
    appends_are_refused_while("SELECT FROM log_head FOR UPDATE").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_wait_for_a_connection_no_longer_than_is_said() {
    let home = Postgres::new().await;
    let store = Arc::new(home.store_with(&PostgresOptions { readers: 2 }).await);
    append(&*store, &new_room(), 0, vec![said("a")])
        .await
        .unwrap();
    let mut holder = home.database.connect().await;
    let holder = holder.transaction().await.unwrap();
    holder
        .batch_execute("LOCK TABLE events IN ACCESS EXCLUSIVE MODE")
        .await
        .unwrap();
    let reads: Vec<_> = (0..50)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                let started = Instant::now();
                (store.read_all(0, 9).await, started.elapsed())
            })
        })
        .collect();
    for read in reads {
        let (result, waited) = read.await.unwrap();
        assert!(
            matches!(result, Err(StoreError::Unavailable(_))),
            "{result:?}"
        );
        assert!(waited < PATIENCE, "{waited:?}");
    }
    holder.rollback().await.unwrap();
    let released = Instant::now();
    assert_eq!(store.read_all(0, 9).await.unwrap().events.len(), 1);
    assert!(released.elapsed() < RECOVERY, "{:?}", released.elapsed());
}
