//! A log that is taken over from another store, and a tool that reads beside the servers.

use std::sync::Arc;

use event_store::kurrentdb::{KurrentImport, KurrentLogReader};
use event_store::{EventStore, Import, Recorded, StoreError};

use super::Kurrent;
use crate::contract::Backend;
use crate::writing::*;

/// A log with sealed parts and events that are large together.
async fn source() -> (Kurrent, Vec<Arc<Recorded>>) {
    let home = Kurrent::fresh().await;
    let store = home.node().await;
    let (room, text) = (new_room(), "아".repeat(60_000));
    for version in 0..6 {
        let events = vec![whispered(&text, "account:1", Some("room:2"))];
        append(&store, &room, version, events).await.unwrap();
    }
    let log = whole_log(&store).await;
    (home, log)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_are_taken_over_as_they_are() {
    let (_source, log) = source().await;
    let target = Kurrent::fresh().await;
    let import = KurrentImport::open(&target.url).await.unwrap();
    assert_eq!(import.import(&log[..2]).await, Ok(2));
    assert_eq!(import.import(&log[2..]).await, Ok(6));
    let reader = KurrentLogReader::open(&target.url).await.unwrap();
    assert_eq!(whole_log(&reader).await, log);
    assert_eq!(reader.head().await, Ok(6));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_follow_is_refused_and_leaves_nothing() {
    let (_source, log) = source().await;
    let target = Kurrent::fresh().await;
    let import = KurrentImport::open(&target.url).await.unwrap();
    import.import(&log[..1]).await.unwrap();
    assert_eq!(import.import(&log[2..]).await, conflict(&log[0].stream, 1));
    let mut twin = Recorded::clone(&log[1]);
    twin.event_id = log[0].event_id;
    assert_eq!(
        import.import(&[Arc::new(twin)]).await,
        Err(StoreError::Duplicate)
    );
    let mut early = Recorded::clone(&log[1]);
    early.recorded_at = 0;
    assert!(matches!(
        import.import(&[Arc::new(early)]).await,
        Err(StoreError::Corrupt { position: 2, .. })
    ));
    assert_eq!(import.import(&log[1..]).await, Ok(6));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tool_reads_beside_a_server_and_appends_nothing() {
    let home = Kurrent::fresh().await;
    let store = home.node().await;
    let room = new_room();
    let reader = KurrentLogReader::open(&home.url).await.unwrap();
    let mut follower = reader.follow(0);
    for version in 0..5 {
        let recorded = append(&store, &room, version, vec![said("a")])
            .await
            .unwrap();
        let batch = follower.next().await.unwrap();
        assert_eq!(&*batch, &*recorded);
        let read = reader
            .read_stream(&room, 1, event_store::Direction::Forward, 9)
            .await;
        assert_eq!(read.unwrap().len() as u64, version + 1);
    }
    let refused = append(&reader, &room, 5, vec![said("b")]).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))));
}
