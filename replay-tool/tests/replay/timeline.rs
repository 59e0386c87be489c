//! `timeline` tells what happened, whatever it is asked by, and never what was said.

use serde_json::{Value, json};

use crate::world::{Engine, World, id, on_both_engines, subject_key};

on_both_engines!(
    a_room_is_told_from_its_opening_to_its_last_message_and_without_texts,
    a_thing_is_found_by_its_number_as_by_its_id,
    what_the_log_does_not_know_is_exit_code_one,
    what_was_erased_is_told_as_erased_where_the_keys_are_at_hand,
    an_event_that_cannot_be_read_is_told_of_and_a_gap_is_counted,
);

/// Where the first message of the world stands: behind the email, the account and the room.
const FIRST_MESSAGE: u64 = 5;

fn positions(report: &Value) -> Vec<u64> {
    let entries = report["entries"].as_array().unwrap();
    entries
        .iter()
        .map(|entry| entry["position"].as_u64().unwrap())
        .collect()
}

async fn a_room_is_told_from_its_opening_to_its_last_message_and_without_texts(engine: Engine) {
    let world = World::on(engine, 3).await;
    let answer = world.run(&["timeline", "room", &id(2).to_string()]);
    assert_eq!(answer.code, 0, "{}", answer.err);
    let lines: Vec<_> = answer.out.lines().collect();
    assert_eq!(lines.len(), 6, "{}", answer.out);
    assert!(lines[0].contains("opened a room of two"), "{}", lines[0]);
    assert!(
        lines[1].contains("came into the room as owner"),
        "{}",
        lines[1]
    );
    assert!(
        lines[2].ends_with("sent a message into room 00000002 [sealed]"),
        "{}",
        lines[2]
    );
    assert!(lines[2].starts_with("2026-09-"), "{}", lines[2]);
    assert!(
        lines[5].ends_with("5 events up to position 7"),
        "{}",
        lines[5]
    );
    assert!(!answer.out.contains("안녕"), "{}", answer.out);
}

async fn a_thing_is_found_by_its_number_as_by_its_id(engine: Engine) {
    let world = World::on(engine, 3).await;
    let told = |name: &str, of: &str| {
        let answer = world.run(&["timeline", of, name, "--json"]);
        assert_eq!(answer.code, 0, "{of} {name}: {}", answer.err);
        answer.json()
    };
    let room = told("3", "room");
    assert_eq!(room, told(&id(2).to_string(), "room"));
    assert_eq!(room["id"], json!(id(2)));
    assert_eq!(positions(&room), [3, 4, 5, 6, 7]);
    assert_eq!(room["entries"][2]["texts"], json!([{"state": "sealed"}]));
    let person = told("2", "person");
    assert_eq!(person, told(&id(1).to_string(), "person"));
    assert_eq!(positions(&person), [1, 2, 3, 4, 5, 6, 7]);
    let stream = told(&format!("message-{}", id(1_000)), "stream");
    assert_eq!(positions(&stream), [FIRST_MESSAGE]);
}

async fn what_the_log_does_not_know_is_exit_code_one(engine: Engine) {
    let world = World::on(engine, 1).await;
    for (of, name) in [
        ("consultation", "2"),
        ("consultation", "ABCDEFGHJ"),
        ("room", "2"),
        ("room", "999999"),
        ("person", "nobody"),
        ("stream", "room"),
    ] {
        let answer = world.run(&["timeline", of, name]);
        assert_eq!(answer.code, 1, "{of} {name}: {} {}", answer.out, answer.err);
        assert!(
            answer.out.ends_with(": nothing in the log\n"),
            "{}",
            answer.out
        );
        assert!(!answer.out.contains("ABCDEFGHJ"), "a code is not repeated");
        let report = world.run(&["timeline", of, name, "--json"]).json();
        assert_eq!(
            (&report["events"], &report["entries"]),
            (&json!(0), &json!([]))
        );
    }
}

async fn what_was_erased_is_told_as_erased_where_the_keys_are_at_hand(engine: Engine) {
    let world = World::on(engine, 1).await;
    let name = subject_key();
    let states = || {
        let report = world.run(&["timeline", "person", "2", "--json"]).json();
        let message = report["entries"]
            .as_array()
            .unwrap()
            .last()
            .unwrap()
            .clone();
        (
            message["texts"][0]["state"].clone(),
            report["knows_erased"].clone(),
        )
    };
    assert_eq!(states(), (json!("sealed"), json!(true)));
    let stores = world.open().await;
    stores.keys.destroy(&[name.into()]).unwrap();
    stores.close().await;
    assert_eq!(states(), (json!("erased"), json!(true)));
    if world.url().is_some() {
        // Keys that were named have to be there.
        return;
    }
    std::fs::remove_file(world.file("master.key")).unwrap();
    assert_eq!(states(), (json!("sealed"), json!(false)));
    let answer = world.run(&["timeline", "person", "2"]);
    assert!(
        answer.out.contains("the keys are not here"),
        "{}",
        answer.out
    );
}

async fn an_event_that_cannot_be_read_is_told_of_and_a_gap_is_counted(engine: Engine) {
    let world = World::on(engine, 4).await;
    let empty = match engine {
        Engine::Files => "X'7B7D'",
        Engine::Server => "'{}'",
    };
    let sql = format!("UPDATE events SET payload = {empty} WHERE position = 6");
    world.harm_log(&sql).await;
    world
        .harm_log("DELETE FROM events WHERE position = 7")
        .await;
    let report = world.run(&["timeline", "person", "2", "--json"]).json();
    assert_eq!(positions(&report), [1, 2, 3, 4, 5, 6, 8], "by its seal");
    let what = report["entries"][5]["what"].as_str().unwrap();
    assert!(what.contains("cannot read: message.sent"), "{what}");
    assert_eq!(report["unreadable"], 1);
}

#[tokio::test]
async fn texts_come_from_a_server_for_a_purpose_and_from_nowhere_else() {
    let world = World::with_messages(1).await;
    let room = id(2).to_string();
    let refused = |more: &[&str], part: &str| {
        let mut arguments = vec!["timeline", "room", &room];
        arguments.extend(more);
        let output = world
            .command(&arguments)
            .env_remove("MAEUM_TOKEN")
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{more:?}: {said}");
        assert!(output.stdout.is_empty());
        assert!(
            said.contains(part) && said.lines().count() == 1,
            "{more:?}: {said}"
        );
        assert!(!said.contains("geheim"), "{said}");
    };
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let there = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    refused(&["--purpose", "why"], "--server");
    refused(&["--server", &there], "--purpose");
    refused(&["--purpose", "why", "--server", &there], "MAEUM_TOKEN");
    let token = ["--token", "geheim"];
    refused(
        &[&["--purpose", " ", "--server", &there], &token[..]].concat(),
        "--purpose: a purpose has",
    );
    refused(
        &[&["--purpose", "why", "--server", "nonsense"], &token[..]].concat(),
        "nonsense is not the address",
    );
    refused(
        &[&["--purpose", "why", "--server", &there], &token[..]].concat(),
        "cannot be asked",
    );
    refused(
        &[
            "--purpose",
            "why",
            "--server",
            &there,
            "--token-file",
            "/nowhere/token",
        ],
        "/nowhere/token",
    );
}
