//! `rebuild` makes one complete file, and nothing else.

use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::world::{Engine, World, on_both_engines};

fn rebuild(world: &World, into: &str) -> Value {
    let into = world.file(into);
    let answer = world.run(&["rebuild", "--json", "--into", into.to_str().unwrap()]);
    assert_eq!(answer.code, 0, "{} {}", answer.out, answer.err);
    assert_eq!(answer.err, "");
    answer.json()
}

on_both_engines!(
    two_rebuilds_of_one_log_hold_the_same_rows,
    a_poison_event_is_found_and_leaves_no_result,
);

async fn two_rebuilds_of_one_log_hold_the_same_rows(engine: Engine) {
    let world = World::on(engine, 300).await;
    let (first, second) = (rebuild(&world, "a.db"), rebuild(&world, "b.db"));
    assert_eq!(first["tables"], second["tables"]);
    assert_eq!(
        (&first["events"], &first["head"]),
        (&Value::from(304), &Value::from(304))
    );
    assert_eq!(first["tables"]["messages"]["rows"], 300);
    assert_eq!(
        first["tables"]["messages"]["sha256"]
            .as_str()
            .unwrap()
            .len(),
        64
    );
}

#[tokio::test]
async fn a_second_run_replaces_the_first_and_leaves_one_file() {
    let world = World::with_messages(5).await;
    let first = rebuild(&world, "scratch.db");
    assert_eq!(first, rebuild(&world, "scratch.db"));
    for suffix in ["-wal", "-shm", "-boot", ".unfinished", ".unfinished-wal"] {
        assert!(
            !world.file(&format!("scratch.db{suffix}")).exists(),
            "{suffix}"
        );
    }
}

#[tokio::test]
async fn a_killed_rebuild_leaves_no_result_and_the_next_one_starts_clean() {
    let world = World::with_messages(3_000).await;
    let (into, unfinished) = (
        world.file("scratch.db"),
        world.file("scratch.db.unfinished"),
    );
    let mut command = world.command(&["rebuild", "--into", into.to_str().unwrap()]);
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    while !unfinished.exists() {
        assert!(Instant::now() < deadline, "it never began");
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(
        !into.exists() && unfinished.exists(),
        "it was complete before it was killed"
    );
    assert_eq!(
        rebuild(&world, "scratch.db")["tables"],
        rebuild(&world, "other.db")["tables"]
    );
    assert!(!unfinished.exists());
}

#[tokio::test]
async fn a_live_file_is_never_replaced() {
    let world = World::with_messages(5).await;
    std::fs::write(world.file("read.db"), "").unwrap();
    std::os::unix::fs::symlink(world.file("events.db"), world.file("link.db")).unwrap();
    std::fs::hard_link(world.file("keys.db"), world.file("hard.db")).unwrap();
    for name in [
        "events.db",
        "keys.db",
        "read.db",
        "link.db",
        "hard.db",
        "./../",
    ] {
        let into = world.file(name);
        let before = std::fs::read(&into).ok();
        let answer = world.run(&["rebuild", "--into", into.to_str().unwrap()]);
        assert_eq!(answer.code, 2, "{name}: {} {}", answer.out, answer.err);
        assert_eq!(before, std::fs::read(&into).ok(), "{name}");
    }
    assert_eq!(world.run(&["verify"]).code, 0);
}

#[tokio::test]
async fn a_read_store_that_is_not_there_yet_is_not_made() {
    let world = World::with_messages(5).await;
    let into = world.file("read.db");
    assert_eq!(
        world
            .run(&["rebuild", "--into", into.to_str().unwrap()])
            .code,
        2
    );
    assert!(!into.exists());
}

#[tokio::test]
async fn a_file_that_no_rebuild_made_is_kept() {
    let world = World::with_messages(5).await;
    let into = world.file("letters.txt");
    std::fs::write(&into, "dear diary").unwrap();
    let answer = world.run(&["rebuild", "--into", into.to_str().unwrap()]);
    assert_eq!(answer.code, 2);
    assert!(
        answer.err.contains("was not made by a rebuild"),
        "{}",
        answer.err
    );
    assert_eq!(std::fs::read_to_string(&into).unwrap(), "dear diary");
}

async fn a_poison_event_is_found_and_leaves_no_result(engine: Engine) {
    let world = World::on(engine, 20).await;
    world.poison(10).await;
    let into = world.file("scratch.db");
    let answer = world.run(&["rebuild", "--into", into.to_str().unwrap()]);
    assert_eq!(answer.code, 1, "{}", answer.err);
    assert!(answer.err.contains("position 10"), "{}", answer.err);
    assert!(!into.exists());
}

#[tokio::test]
async fn it_shows_no_bar_where_nobody_watches() {
    let world = World::with_messages(2_000).await;
    let into = world.file("scratch.db");
    let answer = world.run(&["rebuild", "--into", into.to_str().unwrap()]);
    assert_eq!((answer.code, &*answer.err), (0, ""));
    assert!(answer.out.ends_with("scratch.db\n"), "{}", answer.out);
}
