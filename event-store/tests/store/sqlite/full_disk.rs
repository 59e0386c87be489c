//! A full disk: a clear error, nothing acknowledged is lost, and it goes on once there is room.

use std::sync::Arc;

use event_store::StoreError;
use event_store::sqlite::SqliteEventStore;

use super::volume::{Volume, may_mount};
use super::{Sqlite, open};
use crate::writing::*;

/// Appends from several tasks until each was refused, and gives what was acknowledged.
async fn fill(store: &Arc<SqliteEventStore>) -> Vec<uuid::Uuid> {
    let tasks: Vec<_> = (0..4)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut acknowledged = Vec::new();
                loop {
                    let event = said(&"글".repeat(300));
                    let id = event.event_id;
                    match append(&*store, &new_room(), 0, vec![event]).await {
                        Ok(_) => acknowledged.push(id),
                        Err(StoreError::Unavailable(reason)) => {
                            assert!(reason.contains("full"), "{reason}");
                            return acknowledged;
                        }
                        // The index of the WAL could not grow: then nobody can tell.
                        Err(StoreError::Unknown(_)) => return acknowledged,
                        Err(other) => panic!("{other}"),
                    }
                }
            })
        })
        .collect();
    let mut acknowledged = Vec::new();
    for task in tasks {
        acknowledged.extend(task.await.unwrap());
    }
    acknowledged
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_appends_loses_nothing_and_goes_on_once_there_is_room() {
    if !may_mount("the test of a full disk") {
        return;
    }
    let home = Sqlite::new();
    let volume = Volume::in_memory(2 * 1024);
    let log = volume.file("events.db");
    let store = Arc::new(open(&log, &home.keys()).unwrap());

    let mut acknowledged = Vec::new();
    for kib in [3, 4, 6] {
        acknowledged.extend(fill(&store).await);
        let stored = whole_log(&*store).await;
        assert_dense(&stored);
        for id in &acknowledged {
            assert!(
                stored.iter().any(|event| event.event_id == *id),
                "{id} was acknowledged"
            );
        }
        let poisoned = *store.poisoned().borrow();
        assert!(!poisoned);
        volume.resize(kib * 1024);
        let more = said("there is room");
        acknowledged.push(more.event_id);
        append(&*store, &new_room(), 0, vec![more]).await.unwrap();
    }
    store.close().await;
    drop(store);

    let store = open(&log, &home.keys()).unwrap();
    let stored = whole_log(&store).await;
    assert_dense(&stored);
    for id in &acknowledged {
        assert!(
            stored.iter().any(|event| event.event_id == *id),
            "{id} was acknowledged"
        );
    }
}
