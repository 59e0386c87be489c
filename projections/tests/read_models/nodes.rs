//! Several nodes on one PostgreSQL read store: one projects, the others stand by.

use std::time::{Duration, Instant};

use projections::{
    Batch, Fact, Lead, PostgresReadOptions, PostgresReadStore, Projection, ReadError, rebuild_into,
};
use test_support::Database;

use crate::fixture::{Live, Log, assert_same_rows};
use crate::places::{Engine, Place};
use crate::proxy::Proxy;
use crate::workload::World;

/// How soon another node must project when the one that did is gone.
const TAKEOVER: Duration = Duration::from_secs(2);

fn database(log: &Log) -> &Database {
    let Place::Database(database) = &log.place else {
        panic!("it is in a file");
    };
    database
}

/// Ends the session of the node that projects, if there is one now.
async fn end_the_one_that_leads(log: &Log) {
    let sql = "SELECT pg_terminate_backend(l.pid) FROM pg_locks l \
               JOIN pg_database d ON d.oid = l.database AND d.datname = current_database() \
               WHERE l.locktype = 'advisory' AND l.granted";
    database(log).execute(sql).await;
}

/// Ends one session of the server's choice, whatever it does.
async fn end_any(log: &Log) {
    let sql = "SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM pg_stat_activity \
               WHERE datname = current_database() AND application_name = 'maeum' \
               ORDER BY random() LIMIT 1) AS one";
    database(log).execute(sql).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_stands_by_tells_what_the_other_one_has_projected() {
    let log = Log::on(Engine::Postgres).await;
    let mut world = World::new(rand::random());
    let leads = Live::start(&log).await;
    let stands_by = Live::start(&log).await;
    assert!(matches!(stands_by.read.lead().await, Ok(Lead::Others(_))));
    for _ in 0..20 {
        log.grow(&mut world, 5).await;
        stands_by.catch_up(&log).await;
    }
    stands_by.has_stopped_nothing();
    assert!(stands_by.projector.status().is_healthy());
    let reset = stands_by.read.reset("rooms", &["rooms", "members"]).await;
    assert!(matches!(reset, Err(ReadError::Unavailable(_))));
    let store = log.store();
    let again = rebuild_into(store, log.keys(), &*stands_by.read, vec![], |_| {}).await;
    assert!(again.is_err(), "only one projects");
    leads.catch_up(&log).await;
    leads.stop().await;
    stands_by.stop().await;
    assert_same_rows(&log.rows().await, &log.rows_of_a_rebuild().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_one_stops_or_loses_its_connection_another_takes_over_at_once() {
    let log = Log::on(Engine::Postgres).await;
    let mut world = World::new(rand::random());
    let first = Live::start(&log).await;
    let second = Live::start(&log).await;
    let third = Live::start(&log).await;
    log.grow(&mut world, 20).await;
    second.catch_up(&log).await;

    first.stop().await;
    let gone = Instant::now();
    log.grow(&mut world, 1).await;
    second.catch_up(&log).await;
    assert!(gone.elapsed() < TAKEOVER, "{:?}", gone.elapsed());

    end_the_one_that_leads(&log).await;
    let gone = Instant::now();
    log.grow(&mut world, 1).await;
    second.catch_up(&log).await;
    third.catch_up(&log).await;
    assert!(gone.elapsed() < TAKEOVER, "{:?}", gone.elapsed());
    second.has_stopped_nothing();
    third.has_stopped_nothing();
    second.stop().await;
    third.stop().await;
    assert_same_rows(&log.rows().await, &log.rows_of_a_rebuild().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_that_end_at_random_leave_the_rows_of_a_rebuild_and_stop_nothing() {
    let log = Log::on(Engine::Postgres).await;
    let mut world = World::new(rand::random());
    let nodes = [Live::start(&log).await, Live::start(&log).await];
    let rounds = if std::env::var_os("MAEUM_TEST_LONG").is_some() {
        400
    } else {
        40
    };
    for _ in 0..rounds {
        let steps = 1 + world.below(20);
        log.grow(&mut world, steps).await;
        match world.below(4) {
            0 => end_any(&log).await,
            1 | 2 => end_the_one_that_leads(&log).await,
            // Both are idle when it happens.
            _ => {
                nodes[0].catch_up(&log).await;
                nodes[1].catch_up(&log).await;
            }
        }
    }
    for node in &nodes {
        node.catch_up(&log).await;
        node.has_stopped_nothing();
    }
    for node in nodes {
        node.stop().await;
    }
    assert_same_rows(&log.rows().await, &log.rows_of_a_rebuild().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_went_silent_is_replaced_and_stands_by_when_it_comes_back() {
    let mut log = Log::on(Engine::Postgres).await;
    let mut world = World::new(rand::random());
    let proxy = Proxy::before(&database(&log).url()).await;
    let direct = log.place.clone();
    log.place = Place::At(proxy.url().to_owned());
    let silent = Live::start(&log).await;
    log.grow(&mut world, 10).await;
    silent.catch_up(&log).await;
    log.place = direct;
    let other = Live::start(&log).await;

    proxy.stop_up(true);
    log.grow(&mut world, 10).await;
    other.catch_up(&log).await;

    proxy.stop_up(false);
    log.grow(&mut world, 10).await;
    silent.catch_up(&log).await;
    silent.has_stopped_nothing();
    assert!(matches!(silent.read.lead().await, Ok(Lead::Others(_))));
    silent.stop().await;
    other.stop().await;
    assert_same_rows(&log.rows().await, &log.rows_of_a_rebuild().await);
}

/// Asks for a table that is not there.
struct Broken;

impl Projection for Broken {
    fn name(&self) -> &'static str {
        "broken"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [&'static str] {
        &[]
    }

    fn project(&self, fact: &Fact, batch: &mut Batch) {
        if fact.recorded.position == 5 {
            batch.push("DELETE FROM nowhere", vec![]);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_stopped_on_the_node_that_leads_is_told_by_those_that_stand_by() {
    let log = Log::on(Engine::Postgres).await;
    let projections = || -> Vec<Box<dyn Projection>> {
        let mut all = projections::all();
        all.push(Box::new(Broken));
        all
    };
    let leads = Live::with(&log, projections()).await;
    let stands_by = Live::with(&log, projections()).await;
    let mut world = World::new(21);
    log.grow(&mut world, 20).await;
    let found = leads.until_stopped("broken").await;
    assert!(found.starts_with("position 5: "), "{found}");
    assert_eq!(stands_by.until_stopped("broken").await, found);
    stands_by.catch_up(&log).await;
    assert!(!stands_by.projector.status().is_healthy());

    // Whoever takes over finds it as well.
    leads.stop().await;
    log.grow(&mut world, 1).await;
    assert_eq!(stands_by.until_stopped("broken").await, found);
    stands_by.catch_up(&log).await;
    stands_by.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn schemas_of_one_database_are_led_apart() {
    let log = Log::on(Engine::Postgres).await;
    let url = database(&log).url().parse().unwrap();
    let other = PostgresReadOptions {
        schema: "rehearsal",
        ..PostgresReadOptions::default()
    };
    let live = Live::start(&log).await;
    log.grow(&mut World::new(22), 50).await;
    live.catch_up(&log).await;
    let read = PostgresReadStore::open(&url, &other).await.unwrap();
    let all = projections::all();
    let done = rebuild_into(log.store(), log.keys(), &read, all, |_| {}).await;
    assert_eq!(done.unwrap().position, log.head().await);
    read.close().await;
    live.stop().await;
    let one = projections::postgres::digest(&url, &PostgresReadOptions::default()).await;
    let two = projections::postgres::digest(&url, &other).await;
    assert_eq!(one.unwrap(), two.unwrap());
}
