//! What the embedded log refuses to open, and why.

use std::sync::Arc;

use event_store::keys::SqliteKeyStore;
use event_store::sqlite::{SqliteEventStore, SqliteLogReader};
use event_store::{EventStore, OpenError, StoreError};

use super::{Sqlite, master, open};
use crate::writing::*;

#[tokio::test]
async fn a_second_writer_is_refused_until_the_first_has_closed() {
    let home = Sqlite::new();
    let store = home.store();
    let second_keys = home.folder.path().join("second-keys.db");
    let refused = open(&home.log(), &second_keys).err();
    assert_eq!(refused, Some(OpenError::Locked { path: home.log() }));
    append(&store, &new_room(), 0, vec![said("a")])
        .await
        .unwrap();

    store.close().await;
    let second = open(&home.log(), &second_keys).unwrap();
    assert_eq!(second.head().await.unwrap(), 1);
    let refused = append(&store, &new_room(), 0, vec![said("b")]).await;
    assert!(
        matches!(refused, Err(StoreError::Unavailable(_))),
        "{refused:?}"
    );
    assert!(matches!(
        store.read_all(0, 9).await,
        Err(StoreError::Unavailable(_))
    ));
}

#[tokio::test]
async fn a_newer_schema_and_another_file_are_refused() {
    let home = Sqlite::new();
    drop(home.store());
    let refused = open(&home.keys(), &home.folder.path().join("other-keys.db")).err();
    assert_eq!(refused, Some(OpenError::Foreign { path: home.keys() }));
    assert!(matches!(
        SqliteKeyStore::open(home.log(), master()),
        Err(OpenError::Foreign { .. })
    ));

    let raised = rusqlite::Connection::open(home.log()).unwrap();
    raised.pragma_update(None, "user_version", 99).unwrap();
    drop(raised);
    let refused = open(&home.log(), &home.keys()).err().unwrap();
    assert!(matches!(
        refused,
        OpenError::NewerSchema {
            found: 99,
            known: 1,
            ..
        }
    ));
    assert!(
        refused.to_string().contains("downgrading is refused"),
        "{refused}"
    );
    assert!(matches!(
        SqliteLogReader::open(home.log()),
        Err(OpenError::NewerSchema { .. })
    ));
}

#[tokio::test]
async fn a_log_is_fresh_until_it_holds_an_event() {
    let home = Sqlite::new();
    assert!(SqliteEventStore::is_fresh(home.log()).unwrap());
    std::fs::write(home.log(), b"").unwrap();
    assert!(SqliteEventStore::is_fresh(home.log()).unwrap());
    let store = home.store();
    assert!(SqliteEventStore::is_fresh(home.log()).unwrap());
    append(&store, &new_room(), 0, vec![said("a")])
        .await
        .unwrap();
    assert!(!SqliteEventStore::is_fresh(home.log()).unwrap());
}

#[tokio::test]
async fn a_reader_beside_the_server_follows_and_appends_nothing() {
    let home = Sqlite::new();
    let store = Arc::new(home.store());
    let reader = SqliteLogReader::open(home.log()).unwrap();
    let refused = append(&reader, &new_room(), 0, vec![said("a")]).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))));

    let mut follower = reader.follow(0);
    let writing = tokio::spawn(async move {
        let room = new_room();
        for version in 0..200 {
            append(&*store, &room, version, vec![said("a")])
                .await
                .unwrap();
        }
        store
    });
    let mut seen = 0;
    while seen < 200 {
        for event in &*follower.next().await.unwrap() {
            seen += 1;
            assert_eq!(event.position, seen);
        }
    }
    let store = writing.await.unwrap();
    assert_eq!(reader.head().await.unwrap(), 200);
    assert_eq!(whole_log(&reader).await, whole_log(&*store).await);
}
