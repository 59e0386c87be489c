//! `copy` makes the same log with the same keys on another engine, however often it is killed.

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use event_store::Recorded;
use event_store::keys::Key;
use serde_json::{Value, json};

use crate::random::Random;
use crate::world::{Answer, Engine, PATIENCE, World, answer, on_both_engines, send, subject_key};

on_both_engines!(
    there_and_back_it_is_the_same_log,
    a_second_run_brings_what_came_since,
    it_is_killed_at_any_moment_and_goes_on,
    a_target_that_is_no_copy_is_left_alone,
    the_target_has_a_master_key_of_its_own,
    it_copies_beside_a_server_that_goes_on,
);

/// The other engine.
fn other(engine: Engine) -> Engine {
    match engine {
        Engine::Files => Engine::Server,
        Engine::Server => Engine::Files,
    }
}

fn command(from: &World, to: &World) -> Command {
    let [log, _, keys] = to.addresses();
    from.command(&["copy", "--json", "--to", &log, "--to-keys", &keys])
}

fn run(from: &World, to: &World) -> Answer {
    answer(command(from, to).output().unwrap())
}

fn copy(from: &World, to: &World) -> Value {
    let answer = run(from, to);
    assert_eq!((answer.code, &*answer.err), (0, ""), "{}", answer.out);
    answer.json()
}

async fn whole_log(world: &World) -> Vec<Arc<Recorded>> {
    let stores = world.open().await;
    let (mut events, mut after) = (Vec::new(), 0);
    loop {
        let page = stores.log.read_all(after, 1_000).await.unwrap();
        let Some(last) = page.events.last() else {
            break;
        };
        after = last.position;
        events.extend(page.events);
    }
    stores.close().await;
    events
}

/// The digests of all read models that the log makes; they open every sealed part on the way.
fn tables(world: &World) -> Value {
    let into = world.file("rebuilt.db");
    let answer = world.run(&["rebuild", "--json", "--into", into.to_str().unwrap()]);
    assert_eq!(answer.code, 0, "{}", answer.err);
    answer.json()["tables"].clone()
}

async fn there_and_back_it_is_the_same_log(engine: Engine) {
    let source = World::on(engine, 1_500).await;
    let there = World::on_empty(other(engine)).await;
    let back = World::on_empty(engine).await;
    let report = copy(&source, &there);
    assert_eq!(
        (&report["copied"], &report["until"]),
        (&json!(1_504), &json!(1_504))
    );
    assert_eq!(report["source_head"], 1_504);
    assert_eq!(report["keys"]["keys"], 2, "{report}");
    let returned = copy(&there, &back);
    assert_eq!(report["sha256"], returned["sha256"]);

    let log = whole_log(&source).await;
    assert_eq!(log.len(), 1_504);
    assert!(whole_log(&there).await == log, "events differ");
    assert!(whole_log(&back).await == log, "events differ");
    assert_eq!(tables(&source), tables(&there));
    assert_eq!(tables(&source), tables(&back));
    for copy in [&there, &back] {
        let answer = copy.run(&["verify"]);
        assert_eq!(answer.code, 0, "{}", answer.out);
    }
}

async fn a_second_run_brings_what_came_since(engine: Engine) {
    let source = World::on(engine, 20).await;
    let target = World::on_empty(other(engine)).await;
    assert_eq!(copy(&source, &target)["copied"], 24);
    assert_eq!(copy(&source, &target)["copied"], 0);

    let stores = source.open().await;
    send(&*stores.log, 20).await;
    let subject = subject_key();
    stores.keys.destroy(&[subject.clone().into()]).unwrap();
    stores.keys.put_secret("pepper", b"spice").unwrap();
    stores.close().await;
    let report = copy(&source, &target);
    assert_eq!(
        (&report["copied"], &report["until"]),
        (&json!(1), &json!(25))
    );
    assert_eq!(
        report["keys"],
        json!({"keys": 1, "destroyed": 1, "secrets": 1})
    );
    let stores = target.open().await;
    assert!(matches!(stores.keys.get(&subject).unwrap(), Key::Destroyed));
    assert_eq!(*stores.keys.secret("pepper").unwrap().unwrap(), b"spice");
    stores.close().await;
    assert!(whole_log(&target).await == whole_log(&source).await);
}

async fn it_is_killed_at_any_moment_and_goes_on(engine: Engine) {
    let rounds = if std::env::var("MAEUM_TEST_LONG").is_ok() {
        20
    } else {
        2
    };
    let mut random = Random::new();
    let source = World::on(engine, 4_000).await;
    let log = whole_log(&source).await;
    for _ in 0..rounds {
        let target = World::on_empty(other(engine)).await;
        let mut killed = 0;
        let mut held = 0;
        while held < log.len() as u64 {
            let wanted = held + random.below(1_500);
            let mut copying = command(&source, &target);
            let mut child = copying.stdout(Stdio::null()).spawn().unwrap();
            let reader = target.log_reader().await;
            let deadline = Instant::now() + PATIENCE;
            let ended = loop {
                held = reader.head().await.unwrap();
                let ended = child.try_wait().unwrap();
                if ended.is_some() || held > wanted {
                    break ended;
                }
                assert!(Instant::now() < deadline, "nothing is copied");
            };
            if let Some(status) = ended {
                assert!(status.success(), "{status}");
            } else {
                child.kill().unwrap();
                child.wait().unwrap();
                killed += 1;
            }
            held = reader.head().await.unwrap();
        }
        assert!(killed > 0, "it was never killed");
        copy(&source, &target);
        assert!(whole_log(&target).await == log, "events differ");
        assert_eq!(target.run(&["verify"]).code, 0);
    }
}

async fn a_target_that_is_no_copy_is_left_alone(engine: Engine) {
    let source = World::on(engine, 20).await;
    let refused = |to: &World, part: &str| {
        let answer = run(&source, to);
        assert_eq!(answer.code, 2, "{}", answer.out);
        assert!(answer.err.contains(part), "{}", answer.err);
        assert_eq!(answer.err.lines().count(), 1, "{}", answer.err);
    };
    refused(&source, "is the source itself");

    let longer = World::on(other(engine), 21).await;
    let before = whole_log(&longer).await;
    refused(&longer, "it holds 25 events, the source 24");
    let different = World::on(other(engine), 3).await;
    refused(&different, "at position 1 it holds another event");
    assert!(whole_log(&longer).await == before);
    assert_eq!(whole_log(&different).await.len(), 7);

    let salted = World::on_empty(other(engine)).await;
    for (world, secret) in [(&source, b"a"), (&salted, b"b")] {
        let stores = world.open().await;
        stores.keys.put_secret("pepper", secret).unwrap();
        stores.close().await;
    }
    refused(&salted, "its secret pepper is another one");
    assert_eq!(whole_log(&salted).await.len(), 0);

    let harmed = World::on_empty(other(engine)).await;
    let stores = source.open().await;
    stores.keys.remove_secret("pepper").unwrap();
    stores.close().await;
    copy(&source, &harmed);
    harmed
        .harm_log("UPDATE events SET recorded_at = recorded_at + 1 WHERE position = 17")
        .await;
    refused(&harmed, "at position 17 it holds another event");
}

async fn the_target_has_a_master_key_of_its_own(engine: Engine) {
    const OTHER: [u8; 32] = [9; 32];
    let source = World::on(engine, 20).await;
    let target = World::on_empty(other(engine)).await;
    target.put_master("master.key", OTHER);
    let own = target.file("master.key");
    let mut copying = command(&source, &target);
    copying.arg("--to-master-file").arg(&own);
    assert_eq!(answer(copying.output().unwrap()).code, 0);
    assert_eq!(target.run(&["verify"]).code, 0);
    // And back, where the source is the one with the other key.
    let back = World::on_empty(engine).await;
    let mut copying = command(&target, &back);
    copying
        .arg("--from-master-file")
        .arg(&own)
        .arg("--to-master-file")
        .arg(back.file("master.key"));
    assert_eq!(answer(copying.output().unwrap()).code, 0);
    assert_eq!(back.run(&["verify"]).code, 0);
    // A key of the source does not open the target.
    target.put_master("master.key", crate::world::MASTER);
    let answer = target.run(&["verify"]);
    assert_eq!(answer.code, 2, "{}", answer.out);
    assert!(answer.err.contains("another master key"), "{}", answer.err);
}

async fn it_copies_beside_a_server_that_goes_on(engine: Engine) {
    let source = World::on(engine, 500).await;
    let target = World::on_empty(other(engine)).await;
    let stores = source.open().await;
    let over = Arc::new(AtomicBool::new(false));
    let writer = {
        let (log, over) = (stores.log.clone(), over.clone());
        tokio::spawn(async move {
            let mut number = 500;
            while !over.load(Ordering::Relaxed) {
                send(&*log, number).await;
                number += 1;
            }
        })
    };
    let mut last = 0;
    for _ in 0..3 {
        let copying = command(&source, &target);
        let copied = tokio::task::spawn_blocking(move || {
            let mut copying = copying;
            answer(copying.output().unwrap())
        });
        let copied = copied.await.unwrap();
        assert_eq!(copied.code, 0, "{}", copied.err);
        let until = copied.json()["until"].as_u64().unwrap();
        assert!(until > last, "nothing came meanwhile");
        last = until;
    }
    over.store(true, Ordering::Relaxed);
    writer.await.unwrap();
    stores.close().await;
    copy(&source, &target);
    assert!(whole_log(&target).await == whole_log(&source).await);
    assert_eq!(target.run(&["verify"]).code, 0);
}
