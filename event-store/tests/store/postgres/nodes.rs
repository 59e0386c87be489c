//! Several nodes append to one log at once.

use std::sync::Arc;
use std::time::Duration;

use event_store::postgres::PostgresEventStore;
use event_store::{Append, Direction, EventStore, Recorded, StoreError, StreamName};
use tokio::time::timeout;
use uuid::Uuid;

use super::Postgres;
use crate::random::Random;
use crate::writing::*;

const NODES: usize = 3;
const TASKS: usize = 12;
const ROUNDS: u64 = 60;
const ROOMS: usize = 10;
const DEADLINE: Duration = Duration::from_mins(2);

async fn version_of(store: &PostgresEventStore, room: &StreamName) -> u64 {
    let last = store
        .read_stream(room, u64::MAX, Direction::Backward, 1)
        .await
        .unwrap();
    last.first().map_or(0, |event| event.sequence)
}

/// Appends to shared streams on what was read of them; gives what was acknowledged.
async fn contend(
    store: Arc<PostgresEventStore>,
    rooms: Arc<[StreamName]>,
    seed: u64,
) -> Vec<Arc<Recorded>> {
    let mut random = Random::of(seed);
    let mut won = Vec::new();
    for _ in 0..ROUNDS {
        let room = &rooms[usize::try_from(random.below(ROOMS as u64)).unwrap()];
        let mut expected = version_of(&store, room).await;
        loop {
            let own = new_room();
            let events = (0..=random.below(3)).map(|_| said("a")).collect();
            let append = Append {
                writes: vec![
                    write(&own, 0, vec![said("mine")]),
                    write(room, expected, events),
                ],
                requires: vec![(own.clone(), 0)],
            };
            match store.append(append).await {
                Ok(events) => {
                    won.extend(events);
                    break;
                }
                Err(StoreError::Conflict { stream, actual }) => {
                    assert_eq!(&stream, room);
                    assert_ne!(actual, expected);
                    expected = actual;
                }
                Err(other) => panic!("{other}"),
            }
        }
    }
    won
}

async fn follow_all(store: Arc<PostgresEventStore>, until: Arc<tokio::sync::Notify>) -> Vec<Uuid> {
    let mut follower = store.follow(0);
    let mut seen = Vec::new();
    let mut stop = None;
    while stop.is_none_or(|stop| (seen.len() as u64) < stop) {
        tokio::select! {
            batch = follower.next() => {
                for event in &*batch.unwrap() {
                    assert_eq!(event.position, seen.len() as u64 + 1);
                    seen.push(event.event_id);
                }
            }
            () = until.notified(), if stop.is_none() => {
                stop = Some(store.head().await.unwrap());
            }
        }
    }
    seen
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_version_has_one_winner_and_all_nodes_see_one_order() {
    let mut random = Random::new();
    let home = Postgres::new().await;
    let rooms: Arc<[StreamName]> = (0..ROOMS).map(|_| new_room()).collect();
    let mut nodes = Vec::new();
    for _ in 0..NODES {
        nodes.push(Arc::new(home.store().await));
    }
    let done = Arc::new(tokio::sync::Notify::new());
    let followers: Vec<_> = nodes
        .iter()
        .map(|node| tokio::spawn(follow_all(node.clone(), done.clone())))
        .collect();
    let writers: Vec<_> = (0..TASKS)
        .map(|task| {
            let node = nodes[task % NODES].clone();
            tokio::spawn(contend(node, rooms.clone(), random.next()))
        })
        .collect();
    let mut acknowledged = Vec::new();
    for writer in writers {
        acknowledged.extend(writer.await.unwrap());
    }
    let log = whole_log(&*nodes[0]).await;
    assert_dense(&log);
    acknowledged.sort_by_key(|event| event.position);
    assert_eq!(acknowledged, log, "all that was acknowledged, and no more");
    let ids: Vec<Uuid> = log.iter().map(|event| event.event_id).collect();
    for follower in followers {
        // One is notified at a time.
        done.notify_one();
        done.notify_one();
        done.notify_one();
        assert_eq!(timeout(DEADLINE, follower).await.unwrap().unwrap(), ids);
    }
}

#[tokio::test]
async fn what_a_node_remembers_of_a_stream_gives_way_to_what_another_wrote() {
    let home = Postgres::new().await;
    let (idle, busy) = (home.store().await, home.store().await);
    let room = new_room();
    append(&idle, &room, 0, vec![said("a")]).await.unwrap();
    let mut version = 1;
    // Few events that are taken in, and more than are.
    for many in [1, 3, 500, 12 * 500] {
        let stale = version;
        while version < stale + many {
            let count = many.min(500);
            let events = (0..count).map(|_| said("b")).collect();
            append(&busy, &room, version, events).await.unwrap();
            version += count;
        }
        assert_eq!(
            append(&idle, &room, stale, vec![said("c")]).await,
            conflict(&room, version)
        );
        let needs = |version| Append {
            writes: vec![write(&new_room(), 0, vec![said("d")])],
            requires: vec![(room.clone(), version)],
        };
        assert_eq!(idle.append(needs(stale)).await, conflict(&room, version));
        idle.append(needs(version)).await.unwrap();
        append(&idle, &room, version, vec![said("e")])
            .await
            .unwrap();
        version += 1;
    }
    assert_dense(&whole_log(&idle).await);
}
