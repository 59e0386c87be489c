//! A command that carries a key is recorded once.

use std::sync::Arc;

use event_store::{NewEvent, StoreError};

use super::Backend;
use crate::writing::*;

fn once(dedupe: u8, text: &str) -> NewEvent {
    NewEvent {
        dedupe: Some([dedupe; 16]),
        ..said(text)
    }
}

pub async fn a_repeated_command_is_refused_and_its_outcome_is_found(backend: &impl Backend) {
    let store = backend.open().await;
    let (room, other) = (new_room(), new_room());
    let first = append(&*store, &room, 0, vec![once(1, "a"), said("b")])
        .await
        .unwrap();

    assert_eq!(
        append(&*store, &room, 2, vec![once(1, "a")]).await,
        Err(StoreError::Duplicate)
    );
    assert_eq!(
        append(&*store, &other, 0, vec![once(1, "a")]).await,
        Err(StoreError::Duplicate)
    );
    assert_eq!(
        append(&*store, &room, 0, vec![once(1, "a")]).await,
        conflict(&room, 2)
    );
    let mut same_id = said("c");
    same_id.event_id = first[1].event_id;
    assert_eq!(
        append(&*store, &room, 2, vec![same_id]).await,
        Err(StoreError::Duplicate)
    );

    let found = store.find_outcome(&room, [1; 16]).await.unwrap();
    assert_eq!(found.as_ref(), Some(&first[0]));
    assert_eq!(store.find_outcome(&other, [1; 16]).await.unwrap(), None);
    assert_eq!(store.find_outcome(&room, [2; 16]).await.unwrap(), None);
    append(&*store, &room, 2, vec![once(2, "d")]).await.unwrap();
    assert_dense(&whole_log(&*store).await);
}

pub async fn a_repeat_leaves_nothing_of_its_append(backend: &impl Backend) {
    let store = backend.open().await;
    let (room, other) = (new_room(), new_room());
    append(&*store, &room, 0, vec![once(1, "a")]).await.unwrap();

    let mut half = one(write(&other, 0, vec![said("b"), said("c")]));
    half.writes
        .push(write(&room, 1, vec![said("d"), once(1, "a")]));
    assert_eq!(store.append(half).await, Err(StoreError::Duplicate));

    assert_eq!(store.head().await.unwrap(), 1);
    let log = append(&*store, &other, 0, vec![said("e")]).await.unwrap();
    assert_eq!((log[0].position, log[0].sequence), (2, 1));
    append(&*store, &room, 1, vec![said("f")]).await.unwrap();
    assert_dense(&whole_log(&*store).await);
}

pub async fn of_many_equal_commands_at_once_one_is_stored(backend: &impl Backend) {
    let store = backend.open().await;
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                append(&*store, &new_room(), 0, vec![said("a"), once(7, "b")]).await
            })
        })
        .collect();
    let mut stored = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => stored += 1,
            Err(error) => assert_eq!(error, StoreError::Duplicate),
        }
    }
    assert_eq!(stored, 1);
    assert_eq!(whole_log(&*store).await.len(), 2);
}
