//! A damaged file is refused, or what is damaged is refused to be read.

use std::path::Path;

use event_store::{EventStore, OpenError, StoreError};

use super::{Sqlite, copy_database, open};
use crate::writing::*;

const PAGE: usize = 4096;

/// A closed log of many pages.
async fn long_log() -> Sqlite {
    let home = Sqlite::new();
    let store = home.store();
    for _ in 0..40 {
        let events = (0..50).map(|_| said(&"글".repeat(50))).collect();
        append(&store, &new_room(), 0, events).await.unwrap();
    }
    store.close().await;
    home
}

/// The page on which row `position` of the table stands.
fn page_of(log: &Path, position: i64) -> usize {
    let id: Vec<u8> = rusqlite::Connection::open(log)
        .unwrap()
        .query_row(
            "SELECT event_id FROM events WHERE position = ?1",
            [position],
            |row| row.get(0),
        )
        .unwrap();
    let bytes = std::fs::read(log).unwrap();
    // The id stands in a leaf of the table and in one of an index; only the first is a 0x0d page.
    let page = bytes
        .windows(id.len())
        .enumerate()
        .filter(|(_, window)| *window == id)
        .map(|(place, _)| place / PAGE)
        .find(|page| bytes[page * PAGE] == 0x0d);
    page.expect("the row's page")
}

fn spoil(log: &Path, page: usize) {
    let mut bytes = std::fs::read(log).unwrap();
    bytes[page * PAGE..(page + 1) * PAGE].fill(0xa5);
    std::fs::write(log, bytes).unwrap();
}

#[tokio::test]
async fn after_an_unclean_stop_a_corrupt_page_is_refused_on_opening() {
    let home = long_log().await;
    let copy = home.folder.path().join("copy.db");
    {
        // Copied while it is open, so the copy was not closed.
        let store = home.store();
        append(&store, &new_room(), 0, vec![said("last")])
            .await
            .unwrap();
        copy_database(&home.log(), &copy);
    }
    assert!(copy.with_extension("db-wal").exists());
    spoil(&copy, page_of(&home.log(), 1_000));

    let refused = open(&copy, &home.keys()).err().expect("a refusal");
    assert!(matches!(refused, OpenError::Corrupt { .. }), "{refused}");
}

#[tokio::test]
async fn after_a_clean_stop_a_corrupt_page_is_refused_when_it_is_read() {
    let home = long_log().await;
    spoil(&home.log(), page_of(&home.log(), 1_000));
    let store = home.store();

    assert!(store.read_all(1_900, 50).await.is_ok());
    let refused = store.read_positions(&[1_000]).await;
    assert!(
        matches!(
            refused,
            Err(StoreError::Corrupt {
                position: 1_000,
                ..
            })
        ),
        "{refused:?}"
    );
    let refused = store.read_all(0, 2_000).await.map(|page| page.events.len());
    assert!(
        matches!(
            refused,
            Err(StoreError::Corrupt {
                position: 900..=1_000,
                ..
            })
        ),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    let home = Sqlite::new();
    std::fs::write(
        home.log(),
        "not a database, and long enough to be one".repeat(500),
    )
    .unwrap();
    let refused = open(&home.log(), &home.keys()).err();
    assert!(
        matches!(refused, Some(OpenError::Corrupt { .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_missing_event_is_named_and_not_passed_over() {
    let home = long_log().await;
    let thief = rusqlite::Connection::open(home.log()).unwrap();
    thief
        .execute("DELETE FROM events WHERE position = 77", [])
        .unwrap();
    drop(thief);
    let store = home.store();

    let refused = store.read_all(70, 20).await.map(|page| page.events.len());
    assert!(
        matches!(refused, Err(StoreError::Corrupt { position: 77, .. })),
        "{refused:?}"
    );
    let mut follower = store.follow(70);
    let refused = follower.next().await.map(|batch| batch.len());
    assert!(
        matches!(refused, Err(StoreError::Corrupt { position: 77, .. })),
        "{refused:?}"
    );
}
