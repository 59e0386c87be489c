//! `stats` counts what was written.

use serde_json::json;

use crate::world::{Engine, World, on_both_engines, subject_key};

on_both_engines!(events_are_counted_by_type_and_category);

async fn events_are_counted_by_type_and_category(engine: Engine) {
    let world = World::on(engine, 20).await;
    let answer = world.run(&["stats", "--json"]);
    assert_eq!(answer.code, 0, "{}", answer.err);
    let report = answer.json();
    assert_eq!(
        (&report["head"], &report["events"]),
        (&json!(24), &json!(24))
    );
    assert_eq!(report["streams"], 23);
    assert_eq!(report["types"]["message.sent@1.0.0"]["events"], 20);
    assert_eq!(report["categories"]["room"]["events"], 2);
    assert_eq!(report["categories"]["room"]["streams"], 1);
    assert!(report["sealed_bytes"].as_u64() > Some(20 * 15), "{report}");
    assert!(report["first_recorded_at"].as_str() < report["last_recorded_at"].as_str());
}

#[tokio::test]
async fn keys_are_counted_as_present_destroyed_and_absent() {
    let world = World::with_messages(20).await;
    let keys = |world: &World| world.run(&["stats", "--json"]).json()["keys"].clone();
    assert_eq!(
        keys(&world),
        json!({"present": 2, "destroyed": 0, "absent": 0})
    );
    let name = subject_key();
    world.harm_keys(&format!(
        "UPDATE keys SET wrapped = NULL WHERE name = '{name}'"
    ));
    assert_eq!(
        keys(&world),
        json!({"present": 1, "destroyed": 1, "absent": 0})
    );
    world.harm_keys("DELETE FROM keys WHERE name LIKE 'room-day:%'");
    assert_eq!(
        keys(&world),
        json!({"present": 0, "destroyed": 1, "absent": 1})
    );
}

#[tokio::test]
async fn without_a_key_store_the_log_is_counted_all_the_same() {
    let world = World::with_messages(3).await;
    std::fs::remove_file(world.file("keys.db")).unwrap();
    let answer = world.run(&["stats"]);
    assert_eq!(answer.code, 0, "{}", answer.err);
    assert!(
        answer.out.starts_with("7 events in 6 streams, head 7\n"),
        "{}",
        answer.out
    );
}

#[tokio::test]
async fn what_is_missing_is_counted_as_well() {
    let world = World::with_messages(20).await;
    world.harm("DELETE FROM events WHERE position BETWEEN 8 AND 10");
    let report = world.run(&["stats", "--json"]).json();
    assert_eq!(
        (&report["events"], &report["unreadable"]),
        (&json!(21), &json!(3))
    );
}
