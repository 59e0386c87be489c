//! A full disk: a clear error, nothing acknowledged is lost, and it goes on once there is room.

use std::collections::HashSet;
use std::sync::Arc;

use event_store::sqlite::SqliteEventStore;
use event_store::{StoreError, StreamName, Version};
use uuid::Uuid;

use super::volume::{Volume, may_mount};
use super::{Sqlite, open};
use crate::writing::*;

/// A stream that had no room for its next event.
struct Refused {
    room: StreamName,
    version: Version,
}

/// Appends from several tasks until each was refused; gives what was acknowledged.
async fn fill(store: &Arc<SqliteEventStore>) -> (Vec<Uuid>, Vec<Refused>) {
    let tasks: Vec<_> = (0..4)
        .map(|_| tokio::spawn(fill_a_room(store.clone())))
        .collect();
    let (mut acknowledged, mut refused) = (Vec::new(), Vec::new());
    for task in tasks {
        let (ids, room) = task.await.unwrap();
        acknowledged.extend(ids);
        refused.push(room);
    }
    (acknowledged, refused)
}

async fn fill_a_room(store: Arc<SqliteEventStore>) -> (Vec<Uuid>, Refused) {
    let room = new_room();
    let mut acknowledged = Vec::new();
    loop {
        let event = said(&"글".repeat(300));
        let id = event.event_id;
        let version = acknowledged.len() as Version;
        match append(&*store, &room, version, vec![event]).await {
            Ok(_) => acknowledged.push(id),
            // Unknown where the index of the WAL could not grow: then nobody can tell.
            Err(StoreError::Unavailable(_) | StoreError::Unknown(_)) => {
                return (acknowledged, Refused { room, version });
            }
            Err(other) => panic!("{other}"),
        }
    }
}

async fn assert_all_there(store: &SqliteEventStore, acknowledged: &[Uuid]) {
    let stored = whole_log(store).await;
    assert_dense(&stored);
    let stored: HashSet<Uuid> = stored.iter().map(|event| event.event_id).collect();
    for id in acknowledged {
        assert!(stored.contains(id), "{id} was acknowledged");
    }
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
    for mib in [3, 4, 6] {
        let (ids, refused) = fill(&store).await;
        acknowledged.extend(ids);
        assert_all_there(&store, &acknowledged).await;
        assert!(!*store.poisoned().borrow(), "a full disk is no damage");

        volume.resize(mib * 1024);
        for Refused { room, version } in refused {
            let more = said("there is room");
            acknowledged.push(more.event_id);
            append(&*store, &room, version, vec![more]).await.unwrap();
        }
    }
    store.close().await;
    drop(store);

    let store = open(&log, &home.keys()).unwrap();
    assert_all_there(&store, &acknowledged).await;
}
