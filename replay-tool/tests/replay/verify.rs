//! `verify` finds what is wrong, and says where it begins.

use serde_json::json;

use crate::world::{World, subject_key};

/// The first position of a message; its stream follows from it.
const FIRST_MESSAGE: u64 = 5;

fn message_stream(position: u64) -> String {
    format!(
        "message-0192f0c1-7a00-7000-8000-{:012x}",
        1_000 + position - FIRST_MESSAGE
    )
}

/// Runs it and gives kind and position of the first finding.
fn first_finding(world: &World) -> (String, u64) {
    let answer = world.run(&["verify", "--json"]);
    let report = answer.json();
    assert_eq!(answer.code, 1, "{report}");
    assert!(report["findings"].as_u64().unwrap() > 0, "{report}");
    let first = &report["first"];
    (
        first["kind"].as_str().unwrap().to_owned(),
        first["position"].as_u64().unwrap(),
    )
}

#[tokio::test]
async fn a_sound_log_is_fine() {
    let world = World::with_messages(20).await;
    let answer = world.run(&["verify", "--json"]);
    assert_eq!(answer.code, 0, "{}", answer.out);
    let expected = json!({
        "head": 24, "events": 24, "streams": 23, "findings": 0,
        "seals": {"seals": 0, "sealed_to": 0, "newest": null, "root": null, "key": null}, "first": null, "shown": [],
    });
    assert_eq!(answer.json(), expected);
    assert_eq!(answer.err, "");
}

#[tokio::test]
async fn an_empty_log_is_fine() {
    let answer = World::empty().await.run(&["verify"]);
    assert_eq!(
        (answer.code, &*answer.out),
        (
            0,
            "0 events in 0 streams up to position 0, without a seal: fine\n"
        )
    );
}

#[tokio::test]
async fn a_missing_event_is_found_at_its_position() {
    let world = World::with_messages(20).await;
    world.harm("DELETE FROM events WHERE position = 9");
    assert_eq!(first_finding(&world), ("position_gap".into(), 9));
}

#[tokio::test]
async fn a_long_gap_over_many_pages_is_one_finding_and_the_rest_is_read() {
    let world = World::with_messages(5_000).await;
    world.harm("DELETE FROM events WHERE position BETWEEN 700 AND 4800");
    let report = world.run(&["verify", "--json"]).json();
    assert_eq!(report["findings"], 1, "{report}");
    assert_eq!(report["first"]["position"], 700);
    assert_eq!(report["events"], 5_004 - 4_101);
}

#[tokio::test]
async fn what_cannot_be_read_and_what_is_missing_are_told_apart() {
    let world = World::with_messages(20).await;
    world.harm("DELETE FROM events WHERE position BETWEEN 8 AND 10");
    world.harm("UPDATE events SET metadata = x'ff' WHERE position IN (11, 15)");
    let report = world.run(&["verify", "--json"]).json();
    let found: Vec<_> = report["shown"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            (
                finding["position"].as_u64().unwrap(),
                finding["kind"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [(8, "position_gap"), (11, "unreadable"), (15, "unreadable")]
    );
    assert_eq!(report["events"], 24 - 5);
}

#[tokio::test]
async fn a_skipped_sequence_is_found_with_its_stream() {
    let world = World::with_messages(20).await;
    world.harm("UPDATE events SET sequence = 3 WHERE position = 7");
    let answer = world.run(&["verify"]);
    assert_eq!(answer.code, 1);
    let expected = format!(
        "position 7, stream {}: its sequence is 3 and should be 1",
        message_stream(7)
    );
    assert!(answer.out.starts_with(&expected), "{}", answer.out);
}

#[tokio::test]
async fn time_that_goes_back_is_found() {
    let world = World::with_messages(20).await;
    world.harm("UPDATE events SET recorded_at = recorded_at - 5000 WHERE position = 12");
    assert_eq!(first_finding(&world), ("time_went_back".into(), 12));
}

#[tokio::test]
async fn an_id_on_two_events_is_found() {
    let world = World::with_messages(20).await;
    world.harm(
        "DROP INDEX events_by_id;
         UPDATE events SET event_id = (SELECT event_id FROM events WHERE position = 6)
         WHERE position = 14",
    );
    assert_eq!(first_finding(&world), ("not_unique".into(), 14));
}

#[tokio::test]
async fn a_payload_that_does_not_decode_is_found() {
    let world = World::with_messages(20).await;
    world.harm("UPDATE events SET payload = CAST('{\"message\": 1}' AS BLOB) WHERE position = 10");
    assert_eq!(first_finding(&world), ("undecodable".into(), 10));
}

#[tokio::test]
async fn a_type_that_nobody_knows_is_found() {
    let world = World::with_messages(20).await;
    world.harm("UPDATE types SET type = 'message.whispered' WHERE type = 'message.sent'");
    assert_eq!(first_finding(&world), ("undecodable".into(), FIRST_MESSAGE));
}

#[tokio::test]
async fn a_changed_ciphertext_is_found() {
    let world = World::with_messages(20).await;
    let connection = rusqlite::Connection::open(world.file("events.db")).unwrap();
    let select = "SELECT parts FROM events WHERE position = 13";
    let mut parts: Vec<u8> = connection.query_row(select, [], |row| row.get(0)).unwrap();
    *parts.last_mut().unwrap() ^= 1;
    connection
        .execute("UPDATE events SET parts = ?1 WHERE position = 13", [parts])
        .unwrap();
    connection.close().unwrap();
    assert_eq!(first_finding(&world), ("unopenable".into(), 13));
}

#[tokio::test]
async fn a_lost_key_is_found_and_a_destroyed_one_is_fine() {
    let world = World::with_messages(20).await;
    let name = subject_key();
    world.harm_keys(&format!(
        "UPDATE keys SET wrapped = NULL WHERE name = '{name}'"
    ));
    assert_eq!(world.run(&["verify"]).code, 0);
    world.harm_keys(&format!("DELETE FROM keys WHERE name = '{name}'"));
    assert_eq!(first_finding(&world), ("unopenable".into(), 2));
}

#[tokio::test]
async fn a_log_without_its_keys_is_verified_when_that_is_said() {
    let world = World::with_messages(20).await;
    std::fs::remove_file(world.file("keys.db")).unwrap();
    assert_eq!(world.run(&["verify"]).code, 2);
    assert_eq!(world.run(&["verify", "--without-keys"]).code, 0);
}

#[tokio::test]
async fn damaged_pages_are_found() {
    let world = World::with_messages(2_000).await;
    let mut bytes = std::fs::read(world.file("events.db")).unwrap();
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 3 * 4096].fill(0x5a);
    std::fs::write(world.file("events.db"), bytes).unwrap();
    assert_eq!(first_finding(&world).0, "file_damaged");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_found() {
    let world = World::with_messages(2).await;
    std::fs::write(
        world.file("events.db"),
        "not a database at all".repeat(1_000),
    )
    .unwrap();
    assert_eq!(first_finding(&world).0, "file_damaged");
}

#[tokio::test]
async fn no_finding_shows_what_somebody_wrote() {
    let world = World::with_messages(20).await;
    world.harm("UPDATE events SET payload = CAST('{}' AS BLOB)");
    let answer = world.run(&["verify"]);
    assert_eq!(answer.code, 1);
    for secret in ["안녕", "sky@example.org", "김하늘"] {
        assert!(!answer.out.contains(secret) && !answer.err.contains(secret));
    }
}
