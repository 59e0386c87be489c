//! Connections that are cut and servers that crash: nothing acknowledged is lost, nothing refused
//! is stored, and what is unknown is there once or not at all.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use event_store::postgres::PostgresEventStore;
use event_store::{EventStore, NewEvent, StoreError};
use test_support::{Cluster, Database};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use uuid::Uuid;

use super::Postgres;
use crate::random::Random;
use crate::writing::*;

const WRITERS: usize = 8;
const DEADLINE: Duration = Duration::from_mins(2);

/// What became of the commands of one writer.
#[derive(Default)]
struct Outcomes {
    /// Acknowledged, with their positions.
    stored: HashMap<Uuid, u64>,
    /// Answers that were lost, settled by a repeat that was told it had been recorded.
    found: HashSet<Uuid>,
    /// How often an append was answered with `Unavailable` and `Unknown`.
    unavailable: usize,
    unknown: usize,
}

/// Commands that are repeated until they are recorded, one after the other.
async fn insist(store: Arc<PostgresEventStore>, stop: Arc<AtomicBool>) -> Outcomes {
    let mut outcomes = Outcomes::default();
    while !stop.load(Ordering::Relaxed) {
        let key = *new_id().as_bytes();
        let mut unknown = Vec::new();
        loop {
            let event = NewEvent {
                dedupe: Some(key),
                ..said("again")
            };
            let id = event.event_id;
            match append(&*store, &new_room(), 0, vec![event]).await {
                Ok(events) => {
                    outcomes.stored.insert(id, events[0].position);
                    break;
                }
                Err(StoreError::Unavailable(_)) => outcomes.unavailable += 1,
                Err(StoreError::Unknown(_)) => {
                    outcomes.unknown += 1;
                    unknown.push(id);
                }
                Err(StoreError::Duplicate) => {
                    assert!(!unknown.is_empty(), "what was refused was stored");
                    outcomes.found.extend(unknown);
                    break;
                }
                Err(other) => panic!("{other}"),
            }
            tokio::task::yield_now().await;
        }
    }
    outcomes
}

/// Follows through every failure, and gives what it saw up to `until`.
async fn follow_until(store: Arc<PostgresEventStore>, until: Arc<AtomicBool>) -> Vec<Uuid> {
    let mut follower = store.follow(0);
    let mut seen = Vec::new();
    loop {
        if until.load(Ordering::Relaxed)
            && store
                .head()
                .await
                .is_ok_and(|head| head == seen.len() as u64)
        {
            return seen;
        }
        match timeout(Duration::from_millis(50), follower.next()).await {
            Ok(Ok(batch)) => {
                for event in &*batch {
                    assert_eq!(event.position, seen.len() as u64 + 1);
                    seen.push(event.event_id);
                }
            }
            Ok(Err(StoreError::Unavailable(_))) | Err(_) => tokio::task::yield_now().await,
            Ok(Err(other)) => panic!("{other}"),
        }
    }
}

struct Load {
    nodes: Vec<Arc<PostgresEventStore>>,
    stop: Arc<AtomicBool>,
    settled: Arc<AtomicBool>,
    writers: Vec<JoinHandle<Outcomes>>,
    followers: Vec<JoinHandle<Vec<Uuid>>>,
}

impl Load {
    async fn start(home: &Postgres) -> Self {
        let nodes = [Arc::new(home.store().await), Arc::new(home.store().await)];
        let (stop, settled) = (Arc::default(), Arc::default());
        let writers = (0..WRITERS)
            .map(|writer| tokio::spawn(insist(nodes[writer % 2].clone(), Arc::clone(&stop))))
            .collect();
        let followers = nodes
            .iter()
            .map(|node| tokio::spawn(follow_until(node.clone(), Arc::clone(&settled))))
            .collect();
        Self {
            nodes: nodes.to_vec(),
            stop,
            settled,
            writers,
            followers,
        }
    }

    /// Until `count` more events are there, through whatever happens.
    async fn goes_on(&self, count: u64) {
        let node = &self.nodes[0];
        let more = async {
            let mut from = None;
            loop {
                if let Ok(head) = node.head().await {
                    let from = *from.get_or_insert(head);
                    if head >= from + count {
                        return;
                    }
                }
                tokio::task::yield_now().await;
            }
        };
        timeout(DEADLINE, more).await.expect("appends go on");
    }

    async fn settle(self) {
        self.stop.store(true, Ordering::Relaxed);
        let (mut stored, mut found) = (HashMap::new(), HashSet::new());
        let (mut unavailable, mut unknown) = (0, 0);
        for writer in self.writers {
            let outcomes = timeout(DEADLINE, writer).await.unwrap().unwrap();
            stored.extend(outcomes.stored);
            found.extend(outcomes.found);
            unavailable += outcomes.unavailable;
            unknown += outcomes.unknown;
        }
        println!(
            "{} acknowledged, {} found later, {unavailable} unavailable, {unknown} unknown",
            stored.len(),
            found.len()
        );
        self.settled.store(true, Ordering::Relaxed);
        let log = whole_log(&*self.nodes[0]).await;
        assert_dense(&log);
        let mut keys = HashSet::new();
        for event in &log {
            assert!(keys.insert(event.dedupe), "a command was recorded twice");
            match stored.remove(&event.event_id) {
                Some(position) => assert_eq!(position, event.position),
                None => assert!(found.contains(&event.event_id), "nobody knows of it"),
            }
        }
        assert!(stored.is_empty(), "acknowledged and lost: {stored:?}");
        let ids: Vec<Uuid> = log.iter().map(|event| event.event_id).collect();
        for follower in self.followers {
            let seen = timeout(DEADLINE, follower).await.unwrap().unwrap();
            assert_eq!(seen, ids);
        }
        assert!(unavailable + unknown > 0, "nothing was cut");
    }
}

fn times(few: usize, many: usize) -> usize {
    if std::env::var("MAEUM_TEST_LONG").is_ok_and(|value| value == "1") {
        many
    } else {
        few
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_backends_are_terminated_again_and_again() {
    let mut random = Random::new();
    let home = Postgres::new().await;
    let load = Load::start(&home).await;
    let client = home.database.connect().await;
    for _ in 0..times(15, 200) {
        load.goes_on(1 + random.below(200)).await;
        client
            .execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid()",
                &[],
            )
            .await
            .unwrap();
    }
    load.goes_on(10).await;
    load.settle().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_crashes_again_and_again() {
    let mut random = Random::new();
    let cluster = Arc::new(tokio::task::spawn_blocking(Cluster::start).await.unwrap());
    let home = Postgres::in_database(Database::on(cluster.url()).await);
    let load = Load::start(&home).await;
    for _ in 0..times(3, 30) {
        load.goes_on(1 + random.below(300)).await;
        let crashing = cluster.clone();
        tokio::task::spawn_blocking(move || crashing.restart_at_once())
            .await
            .unwrap();
    }
    load.goes_on(10).await;
    load.settle().await;
}
