//! `diff` finds what differs from what the log makes, and the event behind it.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use serde_json::{Value, json};

use crate::world::{Engine, PATIENCE, Projecting, World, answer, on_both_engines, send};

on_both_engines!(
    live_read_models_are_what_the_log_makes,
    a_changed_row_is_named_with_the_event_that_wrote_it_last,
    a_row_that_is_missing_and_one_too_many_are_told_apart,
    every_row_of_every_table_has_an_event_behind_it,
    of_texts_only_the_hash_is_shown,
    many_differences_are_counted_and_the_first_hundred_shown,
    a_table_that_is_gone_is_found,
    what_another_release_made_is_told_and_not_compared,
    rows_of_another_log_are_told_and_not_compared,
    read_models_that_are_behind_are_compared_where_they_stand,
    it_compares_at_one_moment_while_a_server_goes_on,
);

/// The report of a comparison that ends with `code`.
fn diff(world: &World, code: i32) -> Value {
    let answer = world.run(&["diff", "--json"]);
    assert_eq!(answer.code, code, "{} {}", answer.out, answer.err);
    assert_eq!(answer.err, "");
    answer.json()
}

async fn projected(engine: Engine, messages: u128) -> World {
    let world = World::on(engine, messages).await;
    world.project().await;
    world
}

async fn live_read_models_are_what_the_log_makes(engine: Engine) {
    let world = projected(engine, 20).await;
    let report = diff(&world, 0);
    assert_eq!(report["differences"], 0);
    assert_eq!(report["not_compared"], json!([]));
    assert!(report["rows"].as_u64() > Some(20), "{report}");
    let positions = report["positions"].as_object().unwrap();
    assert_eq!(positions.len(), projections::all().len());
    assert!(
        positions.values().all(|position| position == 24),
        "{report}"
    );
    let answer = world.run(&["diff"]);
    assert!(
        answer.out.ends_with(" at position 24: the same\n"),
        "{}",
        answer.out
    );
}

async fn a_changed_row_is_named_with_the_event_that_wrote_it_last(engine: Engine) {
    let world = projected(engine, 20).await;
    for (times, number) in [(0, 7), (1, 12)] {
        world.read(times, number).await;
    }
    world.project().await;
    world.harm_read("UPDATE members SET read_number = 24").await;
    let report = diff(&world, 1);
    assert_eq!(report["differences"], 1, "{report}");
    let first = &report["first"];
    assert_eq!(
        (&first["projection"], &first["table"], &first["kind"]),
        (&json!("rooms"), &json!("members"), &json!("differs"))
    );
    assert_eq!(first["key"]["room"], 3);
    assert_eq!(
        first["columns"],
        json!([{"name": "read_number", "live": 24, "log": 12}])
    );
    // Positions 25 and 26 are the two marks; the first one is not the last.
    assert_eq!(first["event"]["position"], 26);
    assert_eq!(first["event"]["type"], "member.read");
    let answer = world.run(&["diff"]);
    assert_eq!(answer.code, 1);
    let expected = "in read_number (is 24, the log makes 12); \
                    written last by member.read at position 26";
    assert!(answer.out.contains(expected), "{}", answer.out);
}

async fn a_row_that_is_missing_and_one_too_many_are_told_apart(engine: Engine) {
    let world = projected(engine, 20).await;
    world
        .harm_read(
            "DELETE FROM messages WHERE position = 9;
         INSERT INTO messages SELECT 4000, NULL, uuid, room, sender, kind, reply_to,
         reply_number, file, body, sent_at, edited_at, deleted_at FROM messages WHERE position = 10",
        )
        .await;
    let report = diff(&world, 1);
    assert_eq!(report["differences"], 2, "{report}");
    let (missing, extra) = (&report["shown"][0], &report["shown"][1]);
    assert_eq!(
        (&missing["kind"], &missing["key"]["position"]),
        (&json!("missing"), &json!(9))
    );
    assert_eq!(missing["event"]["position"], 9);
    assert_eq!(missing["event"]["type"], "message.sent");
    assert_eq!(
        (&extra["kind"], &extra["key"]["position"], &extra["event"]),
        (&json!("extra"), &json!(4000), &Value::Null)
    );
}

async fn every_row_of_every_table_has_an_event_behind_it(engine: Engine) {
    let world = projected(engine, 5).await;
    world.read(0, 7).await;
    world.project().await;
    let tables: Vec<_> = projections::all()
        .iter()
        .flat_map(|projection| projection.tables())
        .map(|table| format!("DELETE FROM {table};"))
        .collect();
    let rows = diff(&world, 0)["rows"].as_u64().unwrap();
    world.harm_read(&tables.concat()).await;
    let report = diff(&world, 1);
    assert_eq!(report["differences"], rows);
    let shown = report["shown"].as_array().unwrap();
    assert_eq!(shown.len() as u64, rows, "all of them are shown");
    let positions: BTreeSet<_> = shown
        .iter()
        .map(|row| row["event"]["position"].as_u64().unwrap())
        .collect();
    assert!(positions.len() > 5, "{report}");
    // These rows are named by the event that made them.
    for row in shown.iter().filter(|row| row["table"] == "timeline") {
        assert_eq!(row["event"]["position"], row["key"]["position"]);
    }
}

async fn of_texts_only_the_hash_is_shown(engine: Engine) {
    let world = projected(engine, 5).await;
    world
        .harm_read("UPDATE messages SET kind = 'geheim' WHERE position = 6")
        .await;
    let answer = world.run(&["diff", "--json"]);
    let column = &answer.json()["first"]["columns"][0];
    assert_eq!(column["name"], "kind");
    let live = column["live"].as_str().unwrap();
    assert!(live.starts_with("text of 6 bytes, SHA-256 "), "{live}");
    assert!(!answer.out.contains("geheim"), "{}", answer.out);
}

async fn many_differences_are_counted_and_the_first_hundred_shown(engine: Engine) {
    let world = projected(engine, 3_000).await;
    world
        .harm_read("UPDATE messages SET sent_at = sent_at + 1 WHERE position > 1000")
        .await;
    let report = diff(&world, 1);
    assert_eq!(report["differences"], 2_004);
    assert_eq!(report["shown"].as_array().unwrap().len(), 100);
    assert_eq!(report["first"]["key"]["position"], 1_001);
    for shown in report["shown"].as_array().unwrap() {
        assert_eq!(shown["event"]["position"], shown["key"]["position"]);
    }
}

async fn a_table_that_is_gone_is_found(engine: Engine) {
    let world = projected(engine, 5).await;
    world
        .harm_read("DROP TABLE due_sockets; ALTER TABLE offers DROP COLUMN candidates")
        .await;
    let report = diff(&world, 1);
    let shown = report["shown"].as_array().unwrap();
    let found: Vec<_> = shown
        .iter()
        .map(|found| {
            (
                found["table"].as_str().unwrap(),
                found["kind"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(found, [("offers", "table"), ("due_sockets", "table")]);
}

async fn what_another_release_made_is_told_and_not_compared(engine: Engine) {
    let world = projected(engine, 5).await;
    world
        .harm_read(
            "UPDATE checkpoints SET version = 99 WHERE projection = 'messages';
         DELETE FROM messages",
        )
        .await;
    let report = diff(&world, 1);
    assert_eq!(report["differences"], 0, "{report}");
    let left_out = &report["not_compared"][0];
    assert_eq!(left_out["projection"], "messages");
    assert!(left_out["reason"].as_str().unwrap().contains("version 99"));
    assert!(report["positions"]["messages"].is_null(), "{report}");
}

async fn rows_of_another_log_are_told_and_not_compared(engine: Engine) {
    let world = projected(engine, 5).await;
    world
        .harm_log("DELETE FROM events WHERE position = 9")
        .await;
    let report = diff(&world, 1);
    let left_out = report["not_compared"].as_array().unwrap();
    assert_eq!(left_out.len(), projections::all().len(), "{report}");
    let reason = left_out[0]["reason"].as_str().unwrap();
    let expected = "it has come to position 9, where the log ends at 8";
    assert_eq!(reason, expected);
}

async fn read_models_that_are_behind_are_compared_where_they_stand(engine: Engine) {
    let world = projected(engine, 5).await;
    world.read(0, 7).await;
    // The event that keeps them there cannot be read by anyone.
    world.poison(10).await;
    let report = diff(&world, 0);
    assert_eq!(report["positions"]["rooms"], 9);
    world
        .harm_read("UPDATE checkpoints SET position = 8 WHERE projection = 'due'")
        .await;
    let report = diff(&world, 1);
    assert_eq!(report["not_compared"][0]["projection"], "due");
}

#[tokio::test]
async fn without_live_read_models_it_cannot_run() {
    let world = World::with_messages(2).await;
    let answer = world.run(&["diff"]);
    assert_eq!(answer.code, 2);
    assert!(answer.err.contains("--read-store"), "{}", answer.err);
    assert!(!world.file("read.db").exists());
}

async fn it_compares_at_one_moment_while_a_server_goes_on(engine: Engine) {
    let world = World::on(engine, 200).await;
    let stores = world.open().await;
    let projecting = Projecting::start(&world, &stores).await;
    let projector = &projecting.projector;
    let over = Arc::new(AtomicBool::new(false));
    let writer = {
        let (log, over) = (stores.log.clone(), over.clone());
        tokio::spawn(async move {
            let mut number = 200;
            while !over.load(Ordering::Relaxed) {
                number += 1;
                send(&*log, number).await;
            }
        })
    };
    let mut last = 0;
    for _ in 0..3 {
        assert!(projector.wait_for(last + 100, PATIENCE).await);
        let command = world.command(&["diff", "--json"]);
        let report = tokio::task::spawn_blocking(move || {
            let mut command = command;
            answer(command.output().unwrap())
        });
        let report = report.await.unwrap();
        assert_eq!(report.code, 0, "{} {}", report.out, report.err);
        let position = report.json()["positions"]["messages"].as_u64().unwrap();
        let now = stores.log.head().await.unwrap();
        assert!(position < now, "nothing went on meanwhile");
        last = now;
    }
    over.store(true, Ordering::Relaxed);
    writer.await.unwrap();
    let head = stores.log.head().await.unwrap();
    assert!(projector.wait_for(head, PATIENCE).await);
    projecting.stop().await;
    stores.close().await;
}

#[tokio::test]
async fn it_leaves_nothing_behind_even_when_it_is_interrupted() {
    let world = projected(Engine::Files, 3_000).await;
    let temporary = world.file("temporary");
    std::fs::create_dir(&temporary).unwrap();
    let left = || std::fs::read_dir(&temporary).unwrap().count();

    let mut command = world.command(&["diff"]);
    command.env("TMPDIR", &temporary);
    assert_eq!(answer(command.output().unwrap()).code, 0);
    assert_eq!(left(), 0);

    let mut command = world.command(&["diff"]);
    command.env("TMPDIR", &temporary).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let deadline = Instant::now() + PATIENCE;
    while left() == 0 {
        assert!(Instant::now() < deadline, "it never began");
        std::thread::yield_now();
    }
    let process = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(process, rustix::process::Signal::TERM).unwrap();
    let answer = answer(child.wait_with_output().unwrap());
    assert_eq!(
        (answer.code, &*answer.err),
        (2, "maeum-replay: interrupted\n")
    );
    assert_eq!(left(), 0);
}
