//! What the log in PostgreSQL refuses to open or to store, and why.

use std::sync::Arc;

use event_store::postgres::{PostgresEventStore, PostgresLogReader};
use event_store::{EventStore, StoreError, StreamName};

use super::Postgres;
use crate::writing::*;

#[tokio::test]
async fn a_log_is_fresh_until_it_holds_an_event() {
    let home = Postgres::new().await;
    let url = home.url();
    assert!(PostgresEventStore::is_fresh(&url).await.unwrap());
    assert_eq!(PostgresEventStore::pending(&url).await, Ok(2));
    assert_eq!(PostgresEventStore::migrate(&url).await, Ok(2));
    assert_eq!(PostgresEventStore::migrate(&url).await, Ok(0));
    assert_eq!(PostgresEventStore::pending(&url).await, Ok(0));
    assert!(PostgresEventStore::is_fresh(&url).await.unwrap());
    let store = home.store().await;
    append(&store, &new_room(), 0, vec![said("a")])
        .await
        .unwrap();
    assert!(!PostgresEventStore::is_fresh(&url).await.unwrap());
}

#[tokio::test]
async fn a_newer_or_older_schema_is_refused() {
    let home = Postgres::new().await;
    let refused = PostgresLogReader::open(&home.url()).await.err().unwrap();
    assert!(refused.to_string().contains("older than"), "{refused}");

    PostgresEventStore::migrate(&home.url()).await.unwrap();
    home.database
        .execute("UPDATE schema_steps SET taken = 99")
        .await;
    let reader = PostgresLogReader::open(&home.url()).await.err().unwrap();
    let writer = PostgresEventStore::migrate(&home.url()).await.unwrap_err();
    for refused in [reader, writer] {
        let text = refused.to_string();
        assert!(text.contains("downgrading is refused"), "{text}");
        assert!(text.contains(home.database.name()), "{text}");
    }
}

#[tokio::test]
async fn a_reader_beside_the_servers_follows_and_changes_nothing() {
    let home = Postgres::new().await;
    let store = Arc::new(home.store().await);
    let reader = PostgresLogReader::open(&home.url()).await.unwrap();
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

#[tokio::test]
async fn a_closed_store_has_stored_what_waited_and_refuses_the_rest() {
    let home = Postgres::new().await;
    let store = home.store().await;
    let mut follower = store.follow(0);
    append(&store, &new_room(), 0, vec![said("a")])
        .await
        .unwrap();
    assert_eq!(follower.next().await.unwrap().len(), 1);
    store.close().await;
    let refused = append(&store, &new_room(), 0, vec![said("b")]).await;
    assert!(
        matches!(refused, Err(StoreError::Unavailable(_))),
        "{refused:?}"
    );
    assert!(matches!(
        store.read_all(0, 9).await,
        Err(StoreError::Unavailable(_))
    ));
    assert!(matches!(
        follower.next().await,
        Err(StoreError::Unavailable(_))
    ));
    assert_eq!(home.store().await.head().await, Ok(1));
}

#[tokio::test]
async fn what_spoils_a_row_fails_its_append_alone() {
    let home = Postgres::new().await;
    let store = Arc::new(home.store().await);
    let first = append(&*store, &new_room(), 0, vec![said("a")])
        .await
        .unwrap();
    // They wait together, so that one transaction holds them all.
    let mut lock = home.database.connect().await;
    let lock = lock.transaction().await.unwrap();
    lock.execute("SELECT FROM log_head FOR UPDATE", &[])
        .await
        .unwrap();
    let mut waiting = Vec::new();
    for number in 0..40 {
        let mut event = said("b");
        if number % 4 == 1 {
            event.event_id = first[0].event_id;
        }
        if number % 4 == 2 {
            event.payload = "[".repeat(100_000).into();
            event.payload = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)).into();
        }
        let store = store.clone();
        waiting.push(tokio::spawn(async move {
            append(&*store, &new_room(), 0, vec![event]).await
        }));
    }
    lock.commit().await.unwrap();
    for (number, append) in waiting.into_iter().enumerate() {
        let result = append.await.unwrap();
        match number % 4 {
            1 => assert_eq!(result, Err(StoreError::Duplicate)),
            2 => assert!(matches!(result, Err(StoreError::Invalid(_))), "{result:?}"),
            _ => assert_eq!(result.map(|events| events.len()), Ok(1)),
        }
    }
    let log = whole_log(&*store).await;
    assert_dense(&log);
    assert_eq!(log.len(), 21);
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_named_by_its_position() {
    let home = Postgres::new().await;
    let store = home.store().await;
    let room = new_room();
    for version in 0..9 {
        append(&store, &room, version, vec![said("a")])
            .await
            .unwrap();
    }
    for (position, damage) in [
        (3, "UPDATE events SET metadata = '{}' WHERE position = 3"),
        (5, "UPDATE events SET dedupe = 'short' WHERE position = 5"),
        (7, "UPDATE events SET parts = 'x' WHERE position = 7"),
        (9, "DELETE FROM events WHERE position = 9 - 1"),
    ] {
        home.database.execute(damage).await;
        let named = store.read_all(position - 2, 2).await;
        let expected = if position == 9 { 8 } else { position };
        assert!(
            matches!(named, Err(StoreError::Corrupt { position, .. }) if position == expected),
            "{damage}: {named:?}"
        );
    }
    let mut follower = PostgresLogReader::open(&home.url())
        .await
        .unwrap()
        .follow(0);
    let named = follower.next().await;
    assert!(
        matches!(named, Err(StoreError::Corrupt { position: 3, .. })),
        "{named:?}"
    );
    let stream = store
        .read_stream(&room, 6, event_store::Direction::Forward, 1)
        .await
        .unwrap();
    assert_eq!(positions(&stream), [6]);
}

#[tokio::test]
async fn names_that_no_log_can_keep_are_refused() {
    let home = Postgres::new().await;
    let store = home.store().await;
    let long = StreamName::new("room", "a".repeat(2_000));
    let refused = append(&store, &long, 0, vec![said("a")]).await;
    assert!(
        matches!(refused, Err(StoreError::TooLarge(_))),
        "{refused:?}"
    );
    let nul = StreamName::new("room", "a\0b");
    let refused = append(&store, &nul, 0, vec![said("a")]).await;
    assert!(
        matches!(refused, Err(StoreError::Invalid(_))),
        "{refused:?}"
    );
    for payload in ["", "{", "{}x", "마음", "\"\u{1}\"", "{\"a\":01}"] {
        let mut event = said("a");
        event.payload = payload.into();
        let refused = append(&store, &new_room(), 0, vec![event]).await;
        assert!(
            matches!(refused, Err(StoreError::Invalid(_))),
            "{payload:?}: {refused:?}"
        );
    }
    for payload in ["\"\\u0000\"", " { \"a\" :1e400, \"a\": 1 } ", "null"] {
        let mut event = said("a");
        event.payload = payload.into();
        let stored = append(&store, &new_room(), 0, vec![event]).await.unwrap();
        let read = store.read_positions(&[stored[0].position]).await.unwrap();
        assert_eq!(read[0].payload, payload.as_bytes(), "byte by byte");
    }
}
