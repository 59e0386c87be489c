//! Stopping, crashing, restoring, and what is made anew afterwards.

use std::collections::BTreeSet;

use projections::{Batch, Fact, Projection};

use crate::fixture::{Live, Log, assert_same_rows};
use crate::places::{Engine, Place, on_both_engines};
use crate::workload::World;

on_both_engines! {
    after_crashes_the_rows_are_those_of_a_rebuild,
    what_was_lost_comes_again_from_the_log,
    a_stopped_projector_goes_on_where_it_was,
    a_checkpoint_beyond_the_head_of_a_restored_log_means_a_rebuild,
    another_event_at_the_checkpoint_means_a_rebuild,
    a_new_version_is_rebuilt_and_the_others_are_kept,
}

async fn after_crashes_the_rows_are_those_of_a_rebuild(engine: Engine) {
    let log = Log::on(engine).await;
    let mut world = World::new(rand::random());
    for _ in 0..8 {
        let live = Live::start(&log).await;
        let steps = 20 + world.below(60);
        log.grow(&mut world, steps).await;
        // Dropped wherever it is.
        drop(live);
    }
    let live = Live::start(&log).await;
    live.catch_up(&log).await;
    live.stop().await;
    assert_same_rows(&log.rows().await, &log.rows_of_a_rebuild().await);
}

async fn what_was_lost_comes_again_from_the_log(engine: Engine) {
    let log = Log::on(engine).await;
    let live = Live::start(&log).await;
    log.grow(&mut World::new(rand::random()), 300).await;
    live.catch_up(&log).await;
    live.stop().await;
    let before = log.rows().await;
    log.place.lose().await;

    let live = Live::start(&log).await;
    live.catch_up(&log).await;
    live.stop().await;
    assert_same_rows(&log.rows().await, &before);
}

async fn a_stopped_projector_goes_on_where_it_was(engine: Engine) {
    let log = Log::on(engine).await;
    let mut world = World::new(6);
    let live = Live::start(&log).await;
    log.grow(&mut world, 50).await;
    live.catch_up(&log).await;
    let before = live.projector.position();
    live.stop().await;
    log.grow(&mut world, 50).await;

    let live = Live::start(&log).await;
    assert!(
        live.projector.position() >= before,
        "it began at the first event again"
    );
    live.catch_up(&log).await;
    live.stop().await;
    assert_same_rows(&log.rows().await, &log.rows_of_a_rebuild().await);
}

/// Moves the read models of one log beside another log.
fn bring_read_models(from: &Log, to: &mut Log) {
    match (&from.place, &mut to.place) {
        (Place::File(from), Place::File(to)) => {
            std::fs::copy(from, to).unwrap();
        }
        (from, to) => *to = from.clone(),
    }
}

async fn a_checkpoint_beyond_the_head_of_a_restored_log_means_a_rebuild(engine: Engine) {
    let long = Log::on(engine).await;
    let live = Live::start(&long).await;
    long.grow(&mut World::new(7), 60).await;
    live.catch_up(&long).await;
    live.stop().await;

    let mut restored = Log::new();
    restored.grow(&mut World::new(7), 20).await;
    bring_read_models(&long, &mut restored);
    let live = Live::start(&restored).await;
    live.catch_up(&restored).await;
    assert_eq!(live.projector.position(), restored.head().await);
    live.stop().await;
    assert_same_rows(&restored.rows().await, &restored.rows_of_a_rebuild().await);
}

async fn another_event_at_the_checkpoint_means_a_rebuild(engine: Engine) {
    let first = Log::on(engine).await;
    let live = Live::start(&first).await;
    first.grow(&mut World::new(8), 40).await;
    live.catch_up(&first).await;
    live.stop().await;

    let mut second = Log::of_history(2);
    second.grow(&mut World::new(9), 80).await;
    assert!(second.head().await > first.head().await);
    bring_read_models(&first, &mut second);
    let live = Live::start(&second).await;
    live.catch_up(&second).await;
    live.stop().await;
    assert_same_rows(&second.rows().await, &second.rows_of_a_rebuild().await);
}

/// A projection under another version.
struct Raised(Box<dyn Projection>);

impl Projection for Raised {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn version(&self) -> u32 {
        self.0.version() + 1
    }

    fn tables(&self) -> &'static [&'static str] {
        self.0.tables()
    }

    fn project(&self, fact: &Fact, batch: &mut Batch) {
        self.0.project(fact, batch);
    }
}

async fn a_new_version_is_rebuilt_and_the_others_are_kept(engine: Engine) {
    let log = Log::on(engine).await;
    let live = Live::start(&log).await;
    log.grow(&mut World::new(10), 100).await;
    live.catch_up(&log).await;
    live.stop().await;
    let before = log.rows().await;
    // What only a rebuild of the rooms puts right.
    let damage = "DELETE FROM members; DELETE FROM due";
    log.place.execute(damage).await;

    let raised = projections::all()
        .into_iter()
        .map(|projection| -> Box<dyn Projection> {
            if projection.name() == "rooms" {
                Box::new(Raised(projection))
            } else {
                projection
            }
        });
    let live = Live::with(&log, raised.collect()).await;
    live.catch_up(&log).await;
    live.stop().await;
    let after = log.rows().await;
    let (before, after): (BTreeSet<_>, BTreeSet<_>) =
        (before.into_iter().collect(), after.into_iter().collect());
    let lost: Vec<_> = before.difference(&after).collect();
    assert!(!lost.is_empty());
    for row in lost {
        let kept_as_it_was = row.starts_with("due ");
        let checkpoint = format!(
            "checkpoints (\"rooms\",{}",
            projections::rooms::Rooms.version()
        );
        let checkpoint = row.starts_with(&checkpoint);
        assert!(kept_as_it_was || checkpoint, "{row}");
    }
}
