//! The projector: running live, poison events, failing projections, waiting.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use domain::{AccountEvent, Event};
use event_store::StreamName;
use projections::{
    Batch, Checkpoint, Executor, Fact, Failure, Lead, Projection, Projector, ReadError, ReadStore,
    Reader, Row, Sql, Tail, Turn, Value, accounts, directory,
};
use uuid::Uuid;

use crate::fixture::{Live, Log, PATIENCE, assert_same_rows};
use crate::places::{Engine, on_both_engines};
use crate::workload::World;

on_both_engines! {
    live_rows_equal_those_of_a_rebuild,
    writers_that_race_leave_the_rows_of_a_rebuild,
    an_event_that_cannot_be_read_stops_all_projections_before_it_and_no_append,
    a_statement_that_fails_stops_its_projection_and_no_other,
    a_projection_that_panics_stops_and_no_other,
    whoever_waits_is_woken_by_the_position_and_not_before,
    a_stopped_projector_is_not_healthy,
    a_stream_that_is_named_by_no_uuid_is_poison,
    a_transaction_that_cannot_be_written_is_tried_again_and_nothing_is_left_out,
}

async fn live_rows_equal_those_of_a_rebuild(engine: Engine) {
    for seed in [rand::random(), 1, 2] {
        let log = Log::on(engine).await;
        let live = Live::start(&log).await;
        let mut world = World::new(seed);
        for _ in 0..400 {
            let decision = world.step(log.head().await);
            log.append(decision).await;
            log.advance(1_000);
            // Batches of random size: sometimes the projector is waited for.
            if world.below(10) == 0 {
                live.catch_up(&log).await;
            }
        }
        live.catch_up(&log).await;
        live.stop().await;
        let found = log.rows().await;
        assert!(found.len() > 400, "only {} rows", found.len());
        assert_same_rows(&found, &log.rows_of_a_rebuild().await);
    }
}

async fn writers_that_race_leave_the_rows_of_a_rebuild(engine: Engine) {
    let log = Arc::new(Log::on(engine).await);
    let live = Live::start(&log).await;
    let seed: u64 = rand::random();
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let log = Arc::clone(&log);
            tokio::spawn(async move {
                let mut world = World::new(seed.wrapping_add(writer));
                for _ in 0..150 {
                    let decision = world.step(log.head().await);
                    let head = log
                        .append(decision)
                        .await
                        .last()
                        .map(|event| event.position);
                    assert!(head.is_some());
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    live.catch_up(&log).await;
    live.stop().await;
    assert_same_rows(&log.rows().await, &log.rows_of_a_rebuild().await);
}

async fn an_event_that_cannot_be_read_stops_all_projections_before_it_and_no_append(
    engine: Engine,
) {
    let log = Log::on(engine).await;
    let live = Live::start(&log).await;
    let mut world = World::new(3);
    for _ in 0..20 {
        let decision = world.step(log.head().await);
        log.append(decision).await;
    }
    let before = log.head().await;
    live.catch_up(&log).await;

    let poison = log.append_raw(vec![log.poison()]).await[0].position;
    let decision = world.step(log.head().await);
    log.append(decision).await;

    for projection in projections::all() {
        let reason = live.until_stopped(projection.name()).await;
        assert!(reason.contains(&format!("position {poison}")), "{reason}");
    }
    assert!(!live.projector.status().is_healthy());
    assert_eq!(live.projector.position(), before);
    assert!(
        !live
            .projector
            .wait_for(poison, Duration::from_millis(20))
            .await
    );
    // Reading goes on.
    assert!(
        accounts::by_number(live.reader(), 0)
            .await
            .unwrap()
            .is_none()
    );

    // It is no matter of chance: the next start meets it as well.
    live.stop().await;
    let again = Live::start(&log).await;
    again.until_stopped("directory").await;
    assert_eq!(again.projector.position(), before);
}

/// Counts registrations, and breaks at a chosen one.
struct Brittle {
    breaks_at: u64,
    how: fn(&mut Batch),
}

impl Projection for Brittle {
    fn name(&self) -> &'static str {
        "brittle"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [&'static str] {
        &[]
    }

    fn project(&self, fact: &Fact, batch: &mut Batch) {
        if fact.recorded.position == self.breaks_at {
            (self.how)(batch);
        }
    }
}

async fn with_a_brittle_projection(engine: Engine, how: fn(&mut Batch)) -> (Log, Live, String) {
    let log = Log::on(engine).await;
    let mut projections = projections::all();
    projections.insert(1, Box::new(Brittle { breaks_at: 12, how }));
    let live = Live::with(&log, projections).await;
    let mut world = World::new(4);
    for _ in 0..40 {
        let decision = world.step(log.head().await);
        log.append(decision).await;
    }
    let reason = live.until_stopped("brittle").await;
    live.catch_up(&log).await;
    (log, live, reason)
}

async fn others_went_on(log: &Log, live: Live) {
    let status = live.projector.status();
    for one in &status.projections {
        assert_eq!(one.stopped.is_some(), one.name == "brittle", "{one:?}");
    }
    live.stop().await;
    let mut rows = log.rows().await;
    rows.retain(|row| !row.contains("\"brittle\""));
    assert_same_rows(&rows, &log.rows_of_a_rebuild().await);
}

async fn a_statement_that_fails_stops_its_projection_and_no_other(engine: Engine) {
    let (log, live, reason) = with_a_brittle_projection(engine, |batch| {
        batch.push(
            "INSERT INTO nowhere (number) VALUES ($1)",
            vec![1_u64.into()],
        );
    })
    .await;
    assert!(
        reason.starts_with("position 12: ") && reason.contains("nowhere"),
        "{reason}"
    );
    others_went_on(&log, live).await;
}

async fn a_projection_that_panics_stops_and_no_other(engine: Engine) {
    let (log, live, reason) =
        with_a_brittle_projection(engine, |_| panic!("no opinion on this")).await;
    assert_eq!(reason, "position 12: panicked: no opinion on this");
    others_went_on(&log, live).await;
}

async fn whoever_waits_is_woken_by_the_position_and_not_before(engine: Engine) {
    let log = Log::on(engine).await;
    let live = Live::start(&log).await;
    assert!(live.projector.wait_for(0, Duration::ZERO).await);
    let next = log.head().await + 1;
    assert!(
        !live
            .projector
            .wait_for(next, Duration::from_millis(10))
            .await
    );

    let waiting = {
        let projector = live.projector.clone();
        tokio::spawn(async move { projector.wait_for(next, PATIENCE).await })
    };
    let decision = World::new(5).step(0);
    log.append(decision).await;
    assert!(waiting.await.unwrap());
    assert!(live.projector.position() >= next);
    assert!(live.projector.status().is_healthy());
}

async fn a_stopped_projector_is_not_healthy(engine: Engine) {
    let log = Log::on(engine).await;
    let live = Live::start(&log).await;
    live.projector.stop().await;
    assert!(!live.projector.status().is_healthy());
}

async fn a_stream_that_is_named_by_no_uuid_is_poison(engine: Engine) {
    let log = Log::on(engine).await;
    let live = Live::start(&log).await;
    let stream = StreamName::new("account", "somebody");
    log.append(vec![(stream, Event::Account(AccountEvent::Activated {}))])
        .await;
    let reason = live.until_stopped("accounts").await;
    assert!(
        reason.contains("no thing is named account-somebody"),
        "{reason}"
    );
    let nobody = directory::number_of(live.reader(), directory::Kind::Account, Uuid::nil()).await;
    assert_eq!(nobody.unwrap(), None);
}

/// A read store that cannot be written to every other time.
struct Flaky {
    inner: Arc<dyn ReadStore>,
    turns: AtomicU32,
}

#[async_trait]
impl Reader for Flaky {
    async fn query(&self, sql: Sql, parameters: Vec<Value>) -> Result<Vec<Row>, ReadError> {
        self.inner.query(sql, parameters).await
    }
}

#[async_trait]
impl Executor for Flaky {
    async fn lead(&self) -> Result<Lead, ReadError> {
        self.inner.lead().await
    }

    async fn resign(&self) {
        self.inner.resign().await;
    }

    async fn checkpoints(&self) -> Result<Vec<Checkpoint>, ReadError> {
        self.inner.checkpoints().await
    }

    async fn reset(
        &self,
        projection: &'static str,
        tables: &'static [&'static str],
    ) -> Result<(), ReadError> {
        self.inner.reset(projection, tables).await
    }

    async fn execute(&self, turns: Vec<Turn>) -> Result<Vec<Failure>, ReadError> {
        if self.turns.fetch_add(1, Ordering::SeqCst).is_multiple_of(2) {
            return Err(ReadError::Unavailable("the disk is full".into()));
        }
        self.inner.execute(turns).await
    }
}

async fn a_transaction_that_cannot_be_written_is_tried_again_and_nothing_is_left_out(
    engine: Engine,
) {
    let log = Log::on(engine).await;
    let opened = log.place.open().await;
    let read = Arc::new(Flaky {
        inner: opened.store(),
        turns: AtomicU32::new(0),
    });
    let tail = Tail::start(log.store(), log.keys(), 0);
    let mut world = World::new(16);
    for _ in 0..60 {
        let decision = world.step(log.head().await);
        log.append(decision).await;
    }
    let projector = Projector::start(&tail, Arc::clone(&read) as _, projections::all())
        .await
        .unwrap();
    assert!(projector.wait_for(log.head().await, PATIENCE).await);
    assert!(read.turns.load(Ordering::SeqCst) >= 2);
    assert!(projector.status().is_healthy());
    projector.stop().await;
    opened.close().await;
    assert_same_rows(&log.rows().await, &log.rows_of_a_rebuild().await);
}
