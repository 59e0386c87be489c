//! A follower sees the whole order: no gap, no repeat.

use std::sync::Arc;
use std::time::Duration;

use event_store::{Follow, Position};
use tokio::time::timeout;

use super::Backend;
use crate::writing::*;

const DEADLINE: Duration = Duration::from_mins(1);

/// Follows from `after` to `until`, and asserts that each position comes once and in order.
async fn follow_until(mut follower: Box<dyn Follow>, after: Position, until: Position) {
    let mut seen = after;
    while seen < until {
        let batch = timeout(DEADLINE, follower.next())
            .await
            .expect("events in time")
            .unwrap();
        assert!(!batch.is_empty());
        for event in &*batch {
            seen += 1;
            assert_eq!(event.position, seen);
        }
    }
    assert_eq!(seen, until);
}

pub async fn no_gap_and_no_repeat_while_sixteen_tasks_append(backend: &impl Backend) {
    const TASKS: u64 = 16;
    const APPENDS: u64 = 60;
    const EVENTS: u64 = 25;
    const ALL: u64 = TASKS * APPENDS * EVENTS;
    let store = backend.open().await;
    let mut followers = Vec::new();
    for after in [0, 1, 777, ALL / 2, ALL - 1] {
        followers.push(tokio::spawn(follow_until(store.follow(after), after, ALL)));
    }
    let mut late = store.follow(0);
    let writers: Vec<_> = (0..TASKS)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let room = new_room();
                for round in 0..APPENDS {
                    let events = (0..EVENTS).map(|_| said("a")).collect();
                    append(&*store, &room, round * EVENTS, events)
                        .await
                        .unwrap();
                    if round % 20 == 0 {
                        // One who joins in the middle.
                        let head = store.head().await.unwrap();
                        follow_until(store.follow(head / 2), head / 2, head).await;
                    }
                }
            })
        })
        .collect();
    let first = timeout(DEADLINE, late.next())
        .await
        .expect("events in time")
        .unwrap();
    for task in writers.into_iter().chain(followers) {
        task.await.unwrap();
    }
    // One who fell so far behind that what it needs is no longer in memory.
    let seen = first.last().unwrap().position;
    follow_until(late, seen, ALL).await;
    assert_eq!(store.head().await.unwrap(), ALL);
    assert_dense(&whole_log(&*store).await);
}

pub async fn a_follower_waits_and_may_be_interrupted(backend: &impl Backend) {
    let store = backend.open().await;
    let room = new_room();
    let mut follower = store.follow(0);
    for version in 0..20 {
        assert!(
            timeout(Duration::from_millis(1), follower.next())
                .await
                .is_err()
        );
        append(&*store, &room, version, vec![said("a")])
            .await
            .unwrap();
        let batch = timeout(DEADLINE, follower.next())
            .await
            .expect("in time")
            .unwrap();
        assert_eq!(positions(&batch), [version + 1]);
    }
}

pub async fn a_follower_may_start_beyond_the_end(backend: &impl Backend) {
    let store = backend.open().await;
    let room = new_room();
    let mut follower = store.follow(2);
    append(&*store, &room, 0, vec![said("a"), said("b"), said("c")])
        .await
        .unwrap();
    let batch = timeout(DEADLINE, follower.next())
        .await
        .expect("in time")
        .unwrap();
    assert_eq!(positions(&batch), [3]);
}
