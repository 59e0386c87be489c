//! An append holds what it was decided on, and is stored whole or not at all.

use std::sync::Arc;

use event_store::{Append, StoreError};

use super::Backend;
use crate::writing::*;

pub async fn a_wrong_version_is_a_conflict_that_names_the_actual_one(backend: &impl Backend) {
    let store = backend.open().await;
    let (room, unknown) = (new_room(), new_room());
    append(&*store, &room, 0, vec![said("1"), said("2")])
        .await
        .unwrap();

    for expected in [0, 1, 3, u64::MAX] {
        assert_eq!(
            append(&*store, &room, expected, vec![said("")]).await,
            conflict(&room, 2)
        );
    }
    assert_eq!(
        append(&*store, &unknown, 1, vec![said("")]).await,
        conflict(&unknown, 0)
    );
    assert_eq!(store.head().await.unwrap(), 2);
    append(&*store, &room, 2, vec![said("3")]).await.unwrap();
}

pub async fn what_was_read_is_checked_with_what_is_written(backend: &impl Backend) {
    let store = backend.open().await;
    let (room, message) = (new_room(), new_room());
    append(&*store, &room, 0, vec![said("opened")])
        .await
        .unwrap();
    let send = |version| Append {
        writes: vec![write(&message, 0, vec![said("hello")])],
        requires: vec![(room.clone(), version)],
    };

    assert_eq!(store.append(send(0)).await, conflict(&room, 1));
    assert_eq!(store.append(send(2)).await, conflict(&room, 1));
    store.append(send(1)).await.unwrap();

    let check = |version| Append {
        writes: vec![],
        requires: vec![(room.clone(), version)],
    };
    assert_eq!(store.append(check(1)).await, Ok(vec![]));
    assert_eq!(store.append(check(5)).await, conflict(&room, 1));
    assert_eq!(append(&*store, &room, 1, vec![]).await, Ok(vec![]));
    assert_eq!(append(&*store, &room, 0, vec![]).await, conflict(&room, 1));
    assert_eq!(store.head().await.unwrap(), 2);
}

pub async fn several_streams_are_written_whole_or_not_at_all(backend: &impl Backend) {
    let store = backend.open().await;
    let rooms: Vec<_> = (0..4).map(|_| new_room()).collect();
    append(&*store, &rooms[3], 0, vec![said("here first")])
        .await
        .unwrap();
    let to_all = |last| Append {
        writes: rooms
            .iter()
            .map(|room| {
                let expected = if *room == rooms[3] { last } else { 0 };
                write(room, expected, vec![said("1"), said("2")])
            })
            .collect(),
        requires: vec![],
    };

    // Whether the last is wrong by what the store remembers or only by what it holds.
    assert_eq!(store.append(to_all(0)).await, conflict(&rooms[3], 1));
    drop(store);
    let store = backend.open().await;
    assert_eq!(store.append(to_all(0)).await, conflict(&rooms[3], 1));
    assert_eq!(store.append(to_all(2)).await, conflict(&rooms[3], 1));
    assert_eq!(store.head().await.unwrap(), 1);
    for room in &rooms[..3] {
        assert_eq!(
            append(&*store, room, 1, vec![said("")]).await,
            conflict(room, 0)
        );
    }

    let recorded = store.append(to_all(1)).await.unwrap();
    assert_eq!(positions(&recorded), [2, 3, 4, 5, 6, 7, 8, 9]);
    assert_dense(&whole_log(&*store).await);
}

pub async fn one_stream_may_be_written_twice_in_one_append(backend: &impl Backend) {
    let store = backend.open().await;
    let room = new_room();
    let twice = |second| Append {
        writes: vec![
            write(&room, 0, vec![said("1"), said("2")]),
            write(&room, second, vec![said("3")]),
        ],
        requires: vec![(room.clone(), 0)],
    };
    assert_eq!(store.append(twice(0)).await, conflict(&room, 2));
    assert_eq!(store.head().await.unwrap(), 0);
    store.append(twice(2)).await.unwrap();
    assert_dense(&whole_log(&*store).await);
}

pub async fn a_conflict_inside_a_batch_fails_only_itself(backend: &impl Backend) {
    const TASKS: u64 = 64;
    const ROUNDS: u64 = 20;
    let store = backend.open().await;
    let contended = new_room();
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| {
            let (store, contended) = (Arc::clone(&store), contended.clone());
            tokio::spawn(async move {
                let own = new_room();
                let mut won = 0;
                for round in 0..ROUNDS {
                    let both = Append {
                        writes: vec![
                            write(&own, round + won, vec![said("mine")]),
                            write(&contended, round, vec![said("ours")]),
                        ],
                        requires: vec![],
                    };
                    match store.append(both).await {
                        Ok(recorded) => {
                            assert_eq!(recorded.len(), 2);
                            won += 1;
                        }
                        Err(StoreError::Conflict { stream, actual }) => {
                            assert_eq!(stream, contended);
                            assert!(actual > round);
                        }
                        Err(other) => panic!("{other}"),
                    }
                    let version = round + won;
                    append(&*store, &own, version, vec![said("alone")])
                        .await
                        .unwrap();
                }
                won
            })
        })
        .collect();
    let mut won = 0;
    for task in tasks {
        won += task.await.unwrap();
    }
    assert_eq!(
        won, ROUNDS,
        "each version of the contended stream has one winner"
    );
    let log = whole_log(&*store).await;
    assert_dense(&log);
    assert_eq!(log.len() as u64, TASKS * ROUNDS + 2 * won);
}

pub async fn an_append_beyond_the_limits_is_refused_and_stores_nothing(backend: &impl Backend) {
    let store = backend.open().await;
    let room = new_room();
    let many = (0..10_000).map(|_| said("")).collect();
    let long = "아".repeat(10_000_000);

    let refusals = [
        append(&*store, &room, 0, many).await,
        append(&*store, &room, 0, vec![said(&long)]).await,
        append(&*store, &room, 0, vec![whispered(&long, "account:1", None)]).await,
    ];
    for refusal in refusals {
        assert!(
            matches!(refusal, Err(StoreError::TooLarge(_))),
            "{refusal:?}"
        );
    }
    assert_eq!(store.head().await.unwrap(), 0);
    append(&*store, &room, 0, vec![said("short")])
        .await
        .unwrap();
}
