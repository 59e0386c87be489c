//! What a server and its network do to an append, and what the caller is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use event_store::kurrentdb::KurrentEventStore;
use event_store::{EventStore, StoreError};
use kurrentdb_double::AppendFault;
use tokio::time::timeout;
use uuid::Uuid;

use super::Kurrent;
use crate::random::Random;
use crate::writing::*;

const DEADLINE: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_append_whose_answer_is_lost_is_stored_once() {
    let mut home = Kurrent::doubled().await;
    let store = home.node().await;
    let (room, mut version) = (new_room(), 0);
    for fault in [
        AppendFault::CutBefore,
        AppendFault::CutAfter,
        AppendFault::TimeOutBefore,
        AppendFault::TimeOutAfter,
        AppendFault::SilenceAfter,
        AppendFault::Busy,
    ] {
        home.double().faults().on_next_appends([fault]);
        let recorded = append(&store, &room, version, vec![said("a"), said("b")])
            .await
            .unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        version += 2;
        assert_eq!(recorded[1].sequence, version, "{fault:?}");
        assert_eq!(home.double().faults().left(), 0);
        assert_eq!(store.head().await.unwrap(), version, "{fault:?}");
    }
    assert_dense(&whole_log(&store).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_away_is_unavailable_and_found_again() {
    let mut home = Kurrent::doubled().await;
    let store = home.node().await;
    let room = new_room();
    append(&store, &room, 0, vec![said("a")]).await.unwrap();
    home.double().kill().await;

    let refused = append(&store, &room, 1, vec![said("b")]).await;
    assert!(
        matches!(refused, Err(StoreError::Unavailable(_))),
        "{refused:?}"
    );
    let refused = store.head().await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))));

    home.double().start_again().await;
    assert_eq!(store.head().await, Ok(1));
    append(&store, &room, 1, vec![said("c")]).await.unwrap();
    assert_eq!(whole_log(&store).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_reaches_a_follower_is_sent_to_the_leader() {
    let mut home = Kurrent::doubled().await;
    let mut leader = Kurrent::doubled().await;
    let address = leader.double().address();
    home.double().faults().follow("127.0.0.1", address.port());

    let store = home.node().await;
    let room = new_room();
    append(&store, &room, 0, vec![said("a")]).await.unwrap();
    let there = leader.node().await;
    assert_eq!(whole_log(&there).await, whole_log(&store).await);
    assert_eq!(there.head().await, Ok(1));

    // The leader goes, and the node that is named in the address leads.
    leader.double().kill().await;
    drop(there);
    home.double().faults().lead();
    let refused = append(&store, &room, 1, vec![said("b")]).await;
    // It does not have what was acknowledged, which no cluster would let happen.
    assert!(refused.is_err());
    assert!(*store.poisoned().borrow());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_lost_what_it_acknowledged_is_appended_to_no_more() {
    let mut home = Kurrent::doubled().await;
    let store = home.node().await;
    let room = new_room();
    append(&store, &room, 0, vec![said("a"), said("b")])
        .await
        .unwrap();
    home.double().kill().await;
    std::fs::write(home.folder.path().join("server.log"), []).unwrap();
    home.double().start_again().await;

    let refused = append(&store, &room, 2, vec![said("c")]).await;
    assert!(
        matches!(&refused, Err(StoreError::Unavailable(reason)) if reason.contains("lost")),
        "{refused:?}"
    );
    assert!(*store.poisoned().borrow());
    drop(store);

    // A new start is made with the log that is there.
    let store = home.open_with(home.copy(0)).await.unwrap();
    assert_eq!(store.head().await, Ok(0));
    append(&store, &room, 0, vec![said("d")]).await.unwrap();
    assert_dense(&whole_log(&store).await);
}

/// Appends until told to stop; gives the ids that were acknowledged.
async fn insist(store: Arc<KurrentEventStore>, stop: Arc<AtomicBool>) -> Vec<Uuid> {
    let (room, mut version, mut acknowledged) = (new_room(), 0, Vec::new());
    while !stop.load(Ordering::Relaxed) {
        let event = said("a");
        let id = event.event_id;
        match append(&*store, &room, version, vec![event]).await {
            Ok(recorded) => {
                version = recorded[0].sequence;
                acknowledged.push(id);
            }
            Err(StoreError::Unavailable(_)) => {}
            Err(StoreError::Unknown(_) | StoreError::Conflict { .. }) => {
                let last = store
                    .read_stream(&room, u64::MAX, event_store::Direction::Backward, 1)
                    .await;
                if let Ok(last) = last {
                    version = last.first().map_or(0, |event| event.sequence);
                }
            }
            Err(other) => panic!("{other}"),
        }
    }
    acknowledged
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_a_server_that_is_cut_killed_and_slow_nothing_acknowledged_is_lost_or_doubled() {
    const FAULTS: [AppendFault; 4] = [
        AppendFault::CutBefore,
        AppendFault::CutAfter,
        AppendFault::TimeOutAfter,
        AppendFault::Busy,
    ];
    let mut random = Random::new();
    let mut home = Kurrent::doubled().await;
    let nodes = [Arc::new(home.node().await), Arc::new(home.node().await)];
    let stop = Arc::new(AtomicBool::new(false));
    let tasks: Vec<_> = (0..8)
        .map(|at| tokio::spawn(insist(nodes[at % 2].clone(), stop.clone())))
        .collect();
    let mut follower = nodes[1].follow(0);
    let mut seen_ids = Vec::new();
    for round in 0..30 {
        match random.below(4) {
            0 => home.double().cut(),
            1 if round % 5 == 0 => {
                home.double().kill().await;
                home.double().start_again().await;
            }
            2 => home.double().faults().end_subscriptions(),
            _ => {
                let fault = FAULTS[usize::try_from(random.below(4)).unwrap()];
                home.double().faults().on_next_appends([fault]);
            }
        }
        // The next trouble comes when this one is over: something was appended since.
        let batch = timeout(DEADLINE, follower.next()).await.expect("in time");
        seen_ids.extend(batch.unwrap().iter().map(|event| event.event_id));
    }
    stop.store(true, Ordering::Relaxed);
    let mut acknowledged = Vec::new();
    for task in tasks {
        acknowledged.extend(timeout(DEADLINE, task).await.expect("in time").unwrap());
    }
    let head = nodes[0].head().await.unwrap();
    while u64::try_from(seen_ids.len()).unwrap() < head {
        let batch = timeout(DEADLINE, follower.next()).await.expect("in time");
        seen_ids.extend(batch.unwrap().iter().map(|event| event.event_id));
    }
    let late = home.node().await;
    let log = whole_log(&late).await;
    assert_dense(&log);
    let ids: Vec<_> = log.iter().map(|event| event.event_id).collect();
    assert_eq!(ids, seen_ids);
    let there: std::collections::HashSet<_> = ids.iter().collect();
    assert_eq!(there.len(), ids.len(), "nothing is there twice");
    assert!(acknowledged.iter().all(|id| there.contains(id)));
}
