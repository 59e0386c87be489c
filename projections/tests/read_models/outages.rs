//! A PostgreSQL server that goes down, loses answers, has no time, or is given what it refuses.

use std::sync::Arc;
use std::time::{Duration, Instant};

use projections::{
    Batch, Fact, Lead, PostgresReadOptions, PostgresReadStore, Projection, ReadError, ReadStore,
    Reader, Sql, Turn, rebuild_into,
};
use test_support::{Cluster, Database};
use uuid::Uuid;

use crate::fixture::{Live, Log, assert_same_rows};
use crate::places::{Engine, Opened, Place};
use crate::proxy::Proxy;
use crate::workload::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_crashes_under_the_projector_loses_nothing_for_good() {
    let cluster = Arc::new(Cluster::start());
    let database = Database::on(cluster.url()).await;
    let mut log = Log::new();
    log.place = Place::Database(Arc::new(database));
    let mut world = World::new(rand::random());
    let live = Live::start(&log).await;
    let crashes = if std::env::var_os("MAEUM_TEST_LONG").is_some() {
        20
    } else {
        2
    };
    for _ in 0..crashes {
        log.grow(&mut world, 60).await;
        let restarting = Arc::clone(&cluster);
        let restart = tokio::task::spawn_blocking(move || restarting.restart_at_once());
        // Appends go on meanwhile.
        log.grow(&mut world, 60).await;
        restart.await.unwrap();
        live.catch_up(&log).await;
        live.has_stopped_nothing();
    }
    live.stop().await;
    assert_same_rows(&log.rows().await, &log.rows_of_a_rebuild().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_answer_is_lost_is_neither_repeated_nor_missed() {
    let mut log = Log::on(Engine::Postgres).await;
    let Place::Database(database) = log.place.clone() else {
        panic!("it is in a file");
    };
    let proxy = Proxy::before(&database.url()).await;
    log.place = Place::At(proxy.url().to_owned());
    let mut world = World::new(rand::random());
    let live = Live::start(&log).await;
    for lost in 1..=5 {
        log.grow(&mut world, 10).await;
        live.catch_up(&log).await;
        proxy.swallow_the_next_answer();
        log.grow(&mut world, 10).await;
        live.catch_up(&log).await;
        assert_eq!(proxy.swallowed(), lost);
        live.has_stopped_nothing();
    }
    live.stop().await;
    assert_same_rows(&log.rows().await, &log.rows_of_a_rebuild().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_way_behind_is_made_good_in_large_batches() {
    let log = Log::on(Engine::Postgres).await;
    log.grow(&mut World::new(rand::random()), 3_000).await;
    let Opened::Database(read) = log.place.open().await else {
        panic!("it is in a file");
    };
    let all = projections::all();
    let done = rebuild_into(log.store(), log.keys(), &*read, all, |_| {}).await;
    assert_eq!(done.unwrap().position, log.head().await);
    // What is executed as one must fail nowhere: otherwise it would not be what is compared.
    assert_eq!(read.taken_apart(), 0);
    read.close().await;
    assert_same_rows(&log.rows().await, &log.rows_of_a_rebuild().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_is_answered_or_given_up_within_two_seconds() {
    let database = Database::new().await;
    let options = PostgresReadOptions {
        readers: 1,
        ..PostgresReadOptions::default()
    };
    let url = database.url().parse().unwrap();
    let store = Arc::new(PostgresReadStore::open(&url, &options).await.unwrap());
    let begin = Instant::now();
    let slow = {
        let store = Arc::clone(&store);
        let slow = "SELECT count(*) FROM (SELECT pg_sleep(60)) AS slept";
        tokio::spawn(async move { store.query(Sql::Shared(slow), vec![]).await })
    };
    let waits = store.query(Sql::Shared("SELECT 1"), vec![]).await;
    let slow = slow.await.unwrap();
    assert!(
        begin.elapsed() < Duration::from_secs(6),
        "{:?}",
        begin.elapsed()
    );
    assert!(matches!(slow, Err(ReadError::Unavailable(_))), "{slow:?}");
    // It was answered if it was the first one.
    assert!(!matches!(waits, Err(ReadError::Statement(_))), "{waits:?}");
    let after = store
        .query(Sql::Shared("SELECT CAST(1 AS BIGINT)"), vec![])
        .await;
    assert_eq!(after.unwrap()[0].get::<i64>(0), Ok(1));

    store.close().await;
    let closed = store.query(Sql::Shared("SELECT 1"), vec![]).await;
    assert!(matches!(closed, Err(ReadError::Unavailable(_))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_that_are_not_made_yet_are_unavailable_and_wrong_statements_are_not() {
    let database = Database::new().await;
    let url = database.url().parse().unwrap();
    let store = PostgresReadStore::open(&url, &PostgresReadOptions::default()).await;
    let store = store.unwrap();
    let ask = async |text, values| store.query(Sql::Shared(text), values).await;
    let missing = ask("SELECT number FROM directory", vec![]).await;
    assert!(matches!(missing, Err(ReadError::Unavailable(_))));
    for (text, values) in [
        ("SELECT", vec!["one".into()]),
        ("SELECT 1 / 0", vec![]),
        ("SELEKT 1", vec![]),
        ("SELECT CAST($1 AS BIGINT)", vec!["one".into()]),
        ("SELECT CAST($1 AS TEXT)", vec!["a\0b".into()]),
        ("SELECT now()", vec![]),
    ] {
        let wrong = ask(text, values).await;
        assert!(
            matches!(wrong, Err(ReadError::Statement(_))),
            "{text}: {wrong:?}"
        );
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable_and_said_to_be() {
    let url = "postgres://nobody@127.0.0.1:1/nothing".parse().unwrap();
    let refused = PostgresReadStore::open(&url, &PostgresReadOptions::default()).await;
    let Err(ReadError::Unavailable(reason)) = refused.map(|_| ()) else {
        panic!("it is there");
    };
    assert!(!reason.is_empty());
}

/// Pushes a statement with something that PostgreSQL does not take.
struct Wrong(Form);

type Form = fn(&mut Batch);

impl Projection for Wrong {
    fn name(&self) -> &'static str {
        "wrong"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [&'static str] {
        &[]
    }

    fn project(&self, fact: &Fact, batch: &mut Batch) {
        if fact.recorded.position == 7 {
            (self.0)(batch);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn values_that_the_server_does_not_take_stop_their_projection_at_their_position() {
    let forms: [(Form, &str); 3] = [
        (
            |batch| {
                let sql = "DELETE FROM checkpoints WHERE projection = $1";
                batch.push(sql, vec!["a\0b".into()]);
            },
            "position 7: parameter 1: a text with a NUL cannot be stored",
        ),
        (
            |batch| {
                let sql = "DELETE FROM checkpoints WHERE projection = $1";
                batch.push(sql, vec![1_u64.into()]);
            },
            "position 7: parameter 1: this integer cannot be a text",
        ),
        (
            |batch| {
                let sql = "DELETE FROM checkpoints WHERE position = $1";
                batch.push(sql, vec![]);
            },
            "position 7: 1 parameters are wanted, not 0",
        ),
    ];
    for (form, reason) in forms {
        let log = Log::on(Engine::Postgres).await;
        let mut all = projections::all();
        all.push(Box::new(Wrong(form)));
        log.grow(&mut World::new(23), 30).await;
        let live = Live::with(&log, all).await;
        assert_eq!(live.until_stopped("wrong").await, reason);
        live.catch_up(&log).await;
        live.stop().await;
    }
}

/// Puts a room into the directory.
fn turn(from: u64, to: u64) -> Turn {
    let mut batch = Batch::default();
    let uuid = Uuid::from_u128(to.into());
    let insert = "INSERT INTO directory (kind, number, uuid) VALUES ('room', $1, $2)";
    batch.push(insert, vec![to.into(), uuid.into()]);
    Turn {
        projection: "directory",
        version: 1,
        from,
        to,
        event_id: uuid,
        batch,
    }
}

async fn rooms(read: &dyn ReadStore) -> i64 {
    let count = Sql::Shared("SELECT count(*) FROM directory");
    read.query(count, vec![]).await.unwrap()[0].get(0).unwrap()
}

/// Waits until the lead is taken, and gives its number.
async fn lead(read: &dyn ReadStore) -> u64 {
    loop {
        match read.lead().await.unwrap() {
            Lead::Ours(term) => return term,
            Lead::Others(_) => read.changed().await,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_turn_from_elsewhere_than_its_checkpoint_writes_nothing() {
    let place = Log::on(Engine::Postgres).await.place;
    let read = place.open().await.store();
    let first = lead(&*read).await;
    read.reset("directory", &["directory"]).await.unwrap();
    assert_eq!(read.execute(vec![turn(0, 1)]).await.unwrap(), []);
    assert_eq!(lead(&*read).await, first);
    for from in [0, 2] {
        let refused = read.execute(vec![turn(from, 3)]).await;
        assert!(matches!(refused, Err(ReadError::Unavailable(_))));
        let idle = read.execute(vec![turn(1, 2)]).await;
        assert!(matches!(idle, Err(ReadError::Unavailable(_))), "it leads");
        assert!(
            lead(&*read).await > first,
            "the checkpoints are not read again"
        );
        assert_eq!(rooms(&*read).await, 1);
    }
    assert_eq!(read.execute(vec![turn(1, 2)]).await.unwrap(), []);
    assert_eq!(rooms(&*read).await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_that_nobody_waits_for_is_not_left_half_done() {
    let place = Log::on(Engine::Postgres).await.place;
    let read = place.open().await.store();
    let first = lead(&*read).await;
    read.reset("directory", &["directory"]).await.unwrap();
    let abandoned = tokio::time::timeout(Duration::ZERO, read.execute(vec![turn(0, 1)])).await;
    assert!(abandoned.is_err(), "it was quicker than nothing");
    assert!(lead(&*read).await > first);
    assert_eq!(rooms(&*read).await, 0);
    assert_eq!(read.execute(vec![turn(0, 1)]).await.unwrap(), []);
    assert_eq!(rooms(&*read).await, 1);
}
