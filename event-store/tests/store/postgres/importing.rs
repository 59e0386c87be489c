//! Events of another log are taken over as they are, or not at all.

use std::sync::Arc;

use event_store::postgres::{PostgresImport, PostgresLogReader};
use event_store::{EventStore, Import, Recorded, StoreError};

use super::Postgres;
use crate::writing::*;

/// Streams of several rooms, with dedupe hashes and sealed parts.
async fn source() -> Vec<Arc<Recorded>> {
    let home = Postgres::new().await;
    let log = home.store().await;
    let rooms = [new_room(), new_room()];
    for version in 0..700 {
        let room = &rooms[usize::from(version % 3 == 0)];
        let expected = log
            .read_stream(room, u64::MAX, event_store::Direction::Backward, 1)
            .await
            .unwrap()
            .first()
            .map_or(0, |event| event.sequence);
        let mut event = whispered("셋", "account:1", Some("room-day:1:2026-11-21"));
        event.dedupe = Some(*event.event_id.as_bytes());
        append(&log, room, expected, vec![event]).await.unwrap();
    }
    whole_log(&log).await
}

async fn all(target: &Postgres) -> Vec<Arc<Recorded>> {
    whole_log(&PostgresLogReader::open(&target.url()).await.unwrap()).await
}

#[tokio::test]
async fn a_log_that_is_taken_over_is_the_same_log_and_goes_on() {
    let events = source().await;
    let target = Postgres::new().await;
    let import = PostgresImport::open(&target.url()).await.unwrap();
    assert_eq!(import.import(&[]).await, Ok(0));
    assert_eq!(import.import(&events[..1]).await, Ok(1));
    assert_eq!(import.import(&events[1..]).await, Ok(700));
    assert_eq!(all(&target).await, events);

    let log = target.store().await;
    let last = events.last().unwrap();
    append(&log, &last.stream, last.sequence, vec![said("5")])
        .await
        .unwrap();
}

#[tokio::test]
async fn an_event_at_another_position_keeps_its_number() {
    let mut events = source().await;
    for event in &mut events {
        Arc::make_mut(event).position *= 10;
    }
    Arc::make_mut(&mut events[3]).number = Some(4);
    let target = Postgres::new().await;
    let import = PostgresImport::open(&target.url()).await.unwrap();
    assert_eq!(import.import(&events[..4]).await, Ok(4));
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
    let target = Postgres::new().await;
    let import = PostgresImport::open(&target.url()).await.unwrap();

    let mut gap = events.clone();
    let missing = gap.remove(600);
    let refused = import.import(&gap).await;
    let expected = conflict::<u64>(&missing.stream, missing.sequence - 1);
    assert_eq!(refused, expected);

    let mut twice = events.clone();
    let first = events[0].event_id;
    Arc::make_mut(&mut twice[650]).event_id = first;
    assert_eq!(import.import(&twice).await, Err(StoreError::Duplicate));

    let mut back = events.clone();
    Arc::make_mut(&mut back[650]).recorded_at -= 1;
    let refused = import.import(&back).await;
    assert!(
        matches!(refused, Err(StoreError::Corrupt { position: 651, .. })),
        "{refused:?}"
    );

    assert_eq!(all(&target).await, []);
    assert_eq!(import.import(&events).await, Ok(700));
}
