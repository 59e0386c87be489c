//! `at` and `tail`: how it was, at every position, and what happens as it happens.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::Value;

use crate::sealed::SealedLog;
use crate::world::{Engine, World, id, on_both_engines, send};

on_both_engines!(
    a_room_is_as_it_was_at_every_position,
    a_time_is_the_last_event_up_to_it,
    what_happens_is_told_as_it_happens,
);

const ROOM: u128 = 2;
/// The first message stands here.
const FIRST: u64 = 5;

fn at(world: &World, arguments: &[&str]) -> Value {
    let answer = world.run(&[&["at", "--json"], arguments].concat());
    assert_eq!((answer.code, &*answer.err), (0, ""), "{}", answer.out);
    answer.json()
}

async fn a_room_is_as_it_was_at_every_position(engine: Engine) {
    let world = World::on(engine, 12).await;
    let room = id(ROOM).to_string();
    for position in FIRST - 1..=16 {
        let told = at(&world, &[&position.to_string(), "--room", &room]);
        assert_eq!((&told["at"], &told["head"]), (&position.into(), &16.into()));
        let room = &told["rooms"][0];
        assert_eq!(
            room["messages"]["total"],
            position + 1 - FIRST,
            "{position}"
        );
        assert_eq!(room["members"].as_array().unwrap().len(), 1);
    }
    let answer = world.run(&["at", "2", "--json", "--room", &room]);
    assert_eq!(answer.code, 1, "it was not there");
    assert_eq!(answer.json()["rooms"], serde_json::json!([]));
    let lines = world.run(&["at", "9", "--room", &room]);
    assert!(lines.out.contains("5 messages"), "{}", lines.out);
    assert_eq!(world.run(&["at", "17"]).code, 2);
    assert_eq!(world.run(&["at", "yesterday"]).code, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_read_models_are_those_of_a_rebuild_and_replace_no_live_ones() {
    let world = World::with_messages(30).await;
    let (then, now) = (world.file("then.db"), world.file("now.db"));
    let head = 34.to_string();
    at(&world, &[&head, "--into", then.to_str().unwrap()]);
    let made = world.run(&["rebuild", "--json", "--into", now.to_str().unwrap()]);
    assert_eq!(made.code, 0, "{}", made.err);
    let digest = |file| projections::sqlite::digest(file).unwrap();
    assert_eq!(digest(&then), digest(&now));
    let live = world.file("events.db");
    let before = std::fs::read(&live).unwrap();
    let refused = world.run(&["at", "3", "--into", live.to_str().unwrap()]);
    assert_eq!(refused.code, 2);
    assert_eq!(std::fs::read(&live).unwrap(), before);
}

async fn a_time_is_the_last_event_up_to_it(engine: Engine) {
    let sealed = SealedLog::new().await;
    let world = sealed.copy_on(engine).await;
    let consultation = sealed.nth("consultation.requested", 3);
    let number = consultation.to_string();
    for event in sealed.events.iter().skip(3).step_by(5) {
        let time = jiff::Timestamp::from_microsecond(event.recorded_at).unwrap();
        let expected = sealed.events.iter();
        let expected = expected.filter(|other| other.recorded_at <= event.recorded_at);
        let told = at(&world, &[&format!("{time:.6}")]);
        assert_eq!(told["at"], expected.count() as u64, "{time:.6}");
    }
    let told = at(&world, &[&number, "--consultation", &number]);
    assert_eq!(told["consultations"][0]["status"], "waiting");
    let head = sealed.head().to_string();
    let told = at(&world, &[&head, "--consultation", &number]);
    assert_eq!(told["consultations"][0]["status"], "terminated");
    let told = at(&world, &["1999-01-01T00:00:00Z"]);
    assert_eq!(
        (&told["at"], &told["recorded_at"]),
        (&0.into(), &Value::Null)
    );
}

async fn what_happens_is_told_as_it_happens(engine: Engine) {
    let world = World::on(engine, 3).await;
    let mut child = world
        .command(&["tail", "--json", "--after", "5", "--until", "9"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || -> Value { serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap() };
    for position in 6..=7 {
        assert_eq!(next()["position"], position);
    }
    let stores = world.open().await;
    for number in 0..2_u64 {
        let position = send(&*stores.log, u128::from(number) + 3).await;
        assert_eq!(position, number + 8);
        let told = next();
        assert_eq!(
            (&told["position"], &told["type"]),
            (&position.into(), &"message.sent".into())
        );
        assert_eq!(told["texts"][0]["state"], "sealed");
    }
    stores.close().await;
    assert!(
        child.wait().unwrap().success(),
        "it ends where it was to end"
    );
    let none = world.run(&[
        "tail",
        "--after",
        "0",
        "--until",
        "9",
        "--type",
        "room.opened",
    ]);
    assert_eq!(none.out.lines().count(), 1, "{}", none.out);
}
