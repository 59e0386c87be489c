//! Several nodes on one log.

use std::sync::Arc;

use event_store::{Append, EventStore, StoreError};

use super::Kurrent;
use crate::contract::Backend;
use crate::writing::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_node_appends_another_reads_at_once() {
    let home = Kurrent::fresh().await;
    let (one, other) = (home.node().await, home.node().await);
    let room = new_room();
    for version in 0..20 {
        let (writes, reads) = if version % 2 == 0 {
            (&one, &other)
        } else {
            (&other, &one)
        };
        let recorded = append(writes, &room, version, vec![said("a")])
            .await
            .unwrap();
        let read = reads
            .read_stream(&room, 1, event_store::Direction::Forward, 100)
            .await
            .unwrap();
        assert_eq!(read.last(), recorded.last());
        assert_eq!(reads.head().await, Ok(version + 1));
        assert_eq!(reads.read_positions(&[version + 1]).await, Ok(recorded));
    }
    assert_eq!(whole_log(&one).await, whole_log(&other).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_decide_across_streams_as_one_does() {
    const ROUNDS: u64 = 40;
    let home = Kurrent::fresh().await;
    let nodes = [Arc::new(home.node().await), Arc::new(home.node().await)];
    let contended = new_room();
    let tasks: Vec<_> = (0..8)
        .map(|at| {
            let (store, contended) = (nodes[at % 2].clone(), contended.clone());
            tokio::spawn(async move {
                let own = new_room();
                let mut won = 0;
                for round in 0..ROUNDS {
                    let both = Append {
                        writes: vec![
                            write(&own, won, vec![said("mine")]),
                            write(&contended, round, vec![said("ours")]),
                        ],
                        requires: vec![],
                    };
                    match store.append(both).await {
                        Ok(_) => won += 1,
                        Err(StoreError::Conflict { stream, actual }) => {
                            assert_eq!(stream, contended);
                            assert!(actual > round);
                        }
                        Err(other) => panic!("{other}"),
                    }
                }
                won
            })
        })
        .collect();
    let mut won = 0;
    for task in tasks {
        won += task.await.unwrap();
    }
    assert_eq!(won, ROUNDS, "each version has one winner");
    let log = whole_log(&*nodes[0]).await;
    assert_dense(&log);
    assert_eq!(log.len() as u64, 2 * ROUNDS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_is_never_of_yesterday() {
    let home = Kurrent::fresh().await;
    let (one, other) = (home.node().await, home.node().await);
    let (room, message) = (new_room(), new_room());
    for version in 0..20 {
        append(&one, &room, version, vec![said("a")]).await.unwrap();
        let at = |version| Append {
            writes: vec![],
            requires: vec![(room.clone(), version)],
        };
        assert_eq!(other.append(at(version + 1)).await, Ok(vec![]));
        assert_eq!(
            other.append(at(version)).await,
            conflict(&room, version + 1)
        );
        let send = Append {
            writes: vec![write(&message, version, vec![said("b")])],
            requires: vec![(room.clone(), version + 1)],
        };
        other.append(send).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_is_lost_or_of_another_log_is_made_anew() {
    let (home, another) = (Kurrent::fresh().await, Kurrent::fresh().await);
    let room = new_room();
    let store = home.node().await;
    append(&store, &room, 0, vec![said("a"), said("b")])
        .await
        .unwrap();
    let log = whole_log(&store).await;
    drop(store);
    append(&another.node().await, &room, 0, vec![said("c")])
        .await
        .unwrap();

    let store = home.open_with(another.copy(0)).await.unwrap();
    assert_eq!(whole_log(&store).await, log);
    drop(store);
    std::fs::write(home.copy(0), b"no database").unwrap();
    let store = home.open_with(home.copy(0)).await.unwrap();
    assert_eq!(whole_log(&store).await, log);
    append(&store, &room, 2, vec![said("d")]).await.unwrap();

    // No two nodes share a copy.
    assert!(home.open_with(home.copy(0)).await.is_err());
}
