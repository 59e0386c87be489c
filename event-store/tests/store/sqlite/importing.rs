//! Events of another log are taken over as they are, or not at all.

use std::sync::Arc;

use event_store::sqlite::{SqliteImport, SqliteLogReader};
use event_store::{Import, Recorded, StoreError};

use super::Sqlite;
use crate::contract::Backend;
use crate::writing::{append, conflict, new_room, said, whispered, whole_log};

/// Two streams, with a dedupe hash and a sealed part.
async fn source() -> Vec<Arc<Recorded>> {
    let log = Sqlite::new().open().await;
    let (a, b) = (new_room(), new_room());
    let mut first = said("1");
    first.dedupe = Some([3; 16]);
    append(&*log, &a, 0, vec![first, said("2")]).await.unwrap();
    let sealed = whispered("셋", "account:1", Some("room-day:1:2026-11-21"));
    append(&*log, &b, 0, vec![sealed]).await.unwrap();
    append(&*log, &a, 2, vec![said("4")]).await.unwrap();
    whole_log(&*log).await
}

async fn all(target: &Sqlite) -> Vec<Arc<Recorded>> {
    whole_log(&SqliteLogReader::open(target.log()).unwrap()).await
}

#[tokio::test]
async fn a_log_that_is_taken_over_is_the_same_log() {
    let events = source().await;
    let target = Sqlite::new();
    {
        let import = SqliteImport::open(target.log()).unwrap();
        assert_eq!(import.import(&events[..1]).await, Ok(1));
        assert_eq!(import.import(&events[1..]).await, Ok(4));
    }
    assert_eq!(all(&target).await, events);
    // It goes on as a log of its own.
    let log = target.open().await;
    append(&*log, &events[0].stream, 3, vec![said("5")])
        .await
        .unwrap();
}

#[tokio::test]
async fn an_event_at_another_position_keeps_its_number() {
    let mut events = source().await;
    // As from a store whose positions have gaps.
    for event in &mut events {
        Arc::make_mut(event).position *= 10;
    }
    Arc::make_mut(&mut events[3]).number = Some(4);
    let target = Sqlite::new();
    let import = SqliteImport::open(target.log()).unwrap();
    assert_eq!(import.import(&events).await, Ok(4));
    let numbers: Vec<_> = all(&target)
        .await
        .iter()
        .map(|event| (event.position, event.number))
        .collect();
    assert_eq!(
        numbers,
        [(1, Some(10)), (2, Some(20)), (3, Some(30)), (4, None)]
    );
}

#[tokio::test]
async fn what_does_not_follow_is_refused_and_leaves_nothing() {
    let events = source().await;
    let target = Sqlite::new();
    let import = SqliteImport::open(target.log()).unwrap();

    let gap = [events[0].clone(), events[3].clone()];
    assert_eq!(import.import(&gap).await, conflict(&gap[0].stream, 1));

    let mut copy = (*events[2]).clone();
    copy.event_id = events[0].event_id;
    let twice = [events[0].clone(), Arc::new(copy)];
    assert_eq!(import.import(&twice).await, Err(StoreError::Duplicate));

    let mut early = (*events[2]).clone();
    early.recorded_at = events[0].recorded_at - 1;
    let back = [events[0].clone(), Arc::new(early)];
    let refused = import.import(&back).await;
    assert!(
        matches!(refused, Err(StoreError::Corrupt { position: 3, .. })),
        "{refused:?}"
    );

    assert_eq!(all(&target).await, []);
    assert_eq!(import.import(&events).await, Ok(4));
}

#[tokio::test]
async fn nobody_else_writes_meanwhile() {
    let target = Sqlite::new();
    let import = SqliteImport::open(target.log()).unwrap();
    assert!(SqliteImport::open(target.log()).is_err());
    drop(import);
    assert!(SqliteImport::open(target.log()).is_ok());
}
