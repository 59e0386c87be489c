//! `export` writes every event once, as JSON, and no text of what is sealed.

use std::io::Read;
use std::process::Stdio;

use serde_json::Value;
use test_support::Cluster;

use crate::world::{Engine, World, answer, on_both_engines};

on_both_engines!(
    every_event_is_one_line_in_order,
    of_what_is_sealed_there_are_keys_and_a_hash_and_no_text,
    a_stretch_a_stream_or_a_type_is_chosen,
    a_file_appears_when_it_is_complete_and_replaces_nothing,
    damage_ends_it_with_its_position_and_no_file,
);

/// The lines that were written.
fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn export(world: &World, options: &[&str]) -> Vec<Value> {
    let answer = world.run(&[&["export"], options].concat());
    assert_eq!((answer.code, &*answer.err), (0, ""));
    lines(&answer.out)
}

fn positions(lines: &[Value]) -> Vec<u64> {
    lines
        .iter()
        .map(|line| line["position"].as_u64().unwrap())
        .collect()
}

async fn every_event_is_one_line_in_order(engine: Engine) {
    let world = World::on(engine, 1_200).await;
    let all = export(&world, &[]);
    assert_eq!(positions(&all), (1..=1_204).collect::<Vec<_>>());
    let message = &all[4];
    assert_eq!(message["type"], "message.sent");
    assert_eq!(
        (&message["number"], &message["sequence"]),
        (&5.into(), &1.into())
    );
    assert_eq!(message["version"], "1.0.0");
    assert_eq!(message["role"], "user");
    assert!(message["stream"].as_str().unwrap().starts_with("message-"));
    assert!(message["payload"].is_object(), "{message}");
    let at = message["recorded_at"].as_str().unwrap();
    assert!(
        at.len() == "2026-09-21T14:13:20.004000Z".len() && at.ends_with('Z'),
        "{at}"
    );
}

async fn of_what_is_sealed_there_are_keys_and_a_hash_and_no_text(engine: Engine) {
    let world = World::on(engine, 3).await;
    let answer = world.run(&["export"]);
    for text in ["안녕하세요", "김하늘", "sky@example.org"] {
        assert!(!answer.out.contains(text), "{text}");
    }
    let sealed = &lines(&answer.out)[4]["sealed"][0];
    assert!(sealed["subject"].as_str().unwrap().starts_with("account:"));
    assert!(sealed["bucket"].as_str().unwrap().starts_with("room-day:"));
    assert_eq!(sealed["sha256"].as_str().unwrap().len(), 64);
}

#[tokio::test]
async fn it_needs_no_keys() {
    let world = World::with_messages(3).await;
    std::fs::remove_file(world.file("keys.db")).unwrap();
    std::fs::remove_file(world.file("master.key")).unwrap();
    assert_eq!(export(&world, &[]).len(), 7);
}

async fn a_stretch_a_stream_or_a_type_is_chosen(engine: Engine) {
    let world = World::on(engine, 700).await;
    let stretch = export(&world, &["--after", "100", "--until", "650"]);
    assert_eq!(positions(&stretch), (101..=650).collect::<Vec<_>>());
    let stream = stretch[0]["stream"].as_str().unwrap();
    assert_eq!(positions(&export(&world, &["--stream", stream])), [101]);
    assert_eq!(
        export(&world, &["--stream", "room-nowhere"]),
        [] as [Value; 0]
    );
    assert_eq!(
        positions(&export(&world, &["--type", "room.member_added"])),
        [4]
    );
    assert_eq!(export(&world, &["--until", "0"]), [] as [Value; 0]);
    assert_eq!(export(&world, &["--after", "9000"]), [] as [Value; 0]);
    assert_eq!(
        positions(&export(&world, &["--after", "703", "--until", "9000"])),
        [704]
    );
}

async fn a_file_appears_when_it_is_complete_and_replaces_nothing(engine: Engine) {
    let world = World::on(engine, 20).await;
    let into = world.file("log.jsonl");
    let path = into.to_str().unwrap();
    let answer = world.run(&["export", "--json", "--into", path]);
    assert_eq!(answer.code, 0, "{}", answer.err);
    let report = answer.json();
    assert_eq!(
        (&report["events"], &report["until"]),
        (&24.into(), &24.into())
    );
    let text = std::fs::read_to_string(&into).unwrap();
    assert_eq!(lines(&text), export(&world, &[]));
    assert!(!world.file("log.jsonl.unfinished").exists());

    let live = match engine {
        Engine::Files => world.file("events.db"),
        Engine::Server => world.file("master.key"),
    };
    for taken in [path, live.to_str().unwrap()] {
        let before = std::fs::read(taken).unwrap();
        let answer = world.run(&["export", "--into", taken]);
        assert_eq!(answer.code, 2, "{taken}");
        assert_eq!(std::fs::read(taken).unwrap(), before);
    }
}

async fn damage_ends_it_with_its_position_and_no_file(engine: Engine) {
    let world = World::on(engine, 20).await;
    world
        .harm_log("DELETE FROM events WHERE position = 9")
        .await;
    let into = world.file("log.jsonl");
    let answer = world.run(&["export", "--into", into.to_str().unwrap()]);
    assert_eq!(answer.code, 1, "{}", answer.err);
    assert!(answer.err.contains("position 9"), "{}", answer.err);
    assert!(!into.exists());
    assert_eq!(world.run(&["export"]).code, 1);
}

#[tokio::test]
async fn a_reader_who_goes_away_is_a_failure() {
    let world = World::with_messages(3_000).await;
    let mut command = world.command(&["export"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let answer = answer(child.wait_with_output().unwrap());
    assert_eq!(answer.code, 2, "{}", answer.err);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_goes_down_is_a_failure_and_never_a_short_log() {
    let cluster = Cluster::start();
    let world = World::on_cluster(&cluster, 3_000).await;
    let mut command = world.command(&["export"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = child.stdout.take().unwrap();
    // It has begun, and goes on only when the rest is read.
    out.read_exact(&mut [0; 100]).unwrap();
    cluster.kill();
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    let answer = answer(child.wait_with_output().unwrap());
    assert_eq!(answer.code, 2, "{}", answer.err);
    assert_eq!(answer.err.lines().count(), 1, "{}", answer.err);
    assert!(rest.lines().count() < 3_000);
    cluster.start_again();
    assert_eq!(export(&world, &[]).len(), 3_004);
}
