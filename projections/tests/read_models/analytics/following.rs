//! The counts follow the log by themselves: restarts, rebuilds, erasure.

use domain::{AccountEvent, ConsultationEvent, Event, Subject};
use event_store::keys::KeyStore;
use projections::analytics::Counts;

use super::counted::{Counted, pseudonyms};
use crate::fixture::assert_same_rows;
use crate::places::{Engine, Place, on_both_engines};
use crate::workload::{World, account_stream, consultation_stream};

on_both_engines! {
    counts_go_on_where_they_stopped,
    a_rebuild_makes_the_same_rows,
    counts_that_were_lost_are_made_again,
    erasure_changes_no_count,
}

async fn counts_go_on_where_they_stopped(engine: Engine) {
    let mut world = World::new(1);
    let counted = Counted::new(engine).await;
    counted.grow(&mut world, 500, 10).await;
    counted.catch_up().await;
    let log = counted.stop().await;
    let stopped_at = log.head().await;
    let counted = Counted::over(log).await;
    assert!(counted.analytics.position() >= stopped_at, "it begins anew");
    counted.grow(&mut world, 500, 10).await;
    counted.catch_up().await;
    let found = counted.log.place.analytics_rows().await;
    assert_same_rows(&found, &rebuilt(&counted).await);
}

async fn a_rebuild_makes_the_same_rows(engine: Engine) {
    let counted = Counted::new(engine).await;
    let mut world = World::new(2);
    // Taken a few at a time here, and all at once there.
    for _ in 0..20 {
        counted.grow(&mut world, 100, 2).await;
        counted.catch_up().await;
    }
    let found = counted.log.place.analytics_rows().await;
    assert!(found.len() > 500, "there is hardly anything");
    assert_same_rows(&found, &rebuilt(&counted).await);
}

async fn counts_that_were_lost_are_made_again(engine: Engine) {
    let counted = Counted::new(engine).await;
    counted.grow(&mut World::new(3), 1_000, 10).await;
    counted.catch_up().await;
    let before = counted.log.place.analytics_rows().await;
    let log = counted.stop().await;
    match log.place.analytics() {
        Place::File(path) => std::fs::remove_file(path).unwrap(),
        place @ (Place::Database(_) | Place::At(_)) => {
            place.execute("DROP SCHEMA analytics CASCADE").await;
        }
    }
    let counted = Counted::over(log).await;
    counted.catch_up().await;
    assert_same_rows(&counted.log.place.analytics_rows().await, &before);
}

async fn erasure_changes_no_count(engine: Engine) {
    let counted = Counted::new(engine).await;
    counted.grow(&mut World::new(4), 2_000, 20).await;
    let before = counted.reports().await;
    let mut keys = Vec::new();
    for fact in counted.facts().await {
        match &fact.event {
            Event::Account(AccountEvent::Registered { .. }) => {
                let account = domain::AccountId(fact.id);
                let erased = AccountEvent::Erased {};
                counted.happens(account_stream(account), erased).await;
                keys.push(Subject::Account(account).to_string());
            }
            Event::Consultation(ConsultationEvent::Requested { .. }) => {
                let talk = domain::ConsultationId(fact.id);
                let erased = ConsultationEvent::Erased {};
                counted.happens(consultation_stream(talk), erased).await;
                keys.push(Subject::Consultation(talk).to_string());
            }
            _ => {}
        }
    }
    assert!(keys.len() > 50, "there is hardly anybody");
    let keys: Vec<_> = keys.into_iter().map(Into::into).collect();
    counted.log.keys.destroy(&keys).unwrap();
    let counts = |reports: Vec<projections::analytics::Report>| {
        let counts = reports.into_iter();
        let counts = counts.map(|report| (report.rows, report.suppressed));
        counts.collect::<Vec<_>>()
    };
    let before = counts(before);
    assert_eq!(counts(counted.reports().await), before);
    // And those who count anew, with the keys gone, count the same.
    let found = counted.log.place.analytics_rows().await;
    assert_same_rows(&found, &rebuilt(&counted).await);
}

/// All rows as they are made from the log alone.
async fn rebuilt(counted: &Counted) -> Vec<String> {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("scratch.db");
    let projection = Box::new(Counts::new(pseudonyms().into()));
    let (store, keys) = (counted.log.store(), counted.log.keys());
    projections::rebuild(store, keys, &path, vec![projection], |_| {})
        .await
        .unwrap();
    Place::File(path).rows().await
}
