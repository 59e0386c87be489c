//! One event flipped, dropped, moved, cut off or replaced is named by its position.

use domain::{NO_ROOT, SealStatement};
use event_store::Position;
use event_store::keys::{KeyBytes, SqliteKeyStore};
use event_store::log_seal::{SealKey, SealedRange, hex, leaf_of, read_hex};
use serde_json::{Value, json};

use crate::sealed::SealedLog;
use crate::world::{Engine, World, on_both_engines};

/// What was found first, and all kinds that were found there.
fn found(world: &World) -> (Position, Vec<String>) {
    let answer = world.run(&["verify", "--json"]);
    let report = answer.json();
    assert_eq!(answer.code, 1, "{report}");
    let first = report["first"]["position"].as_u64().unwrap();
    let shown = report["shown"].as_array().unwrap();
    let there = shown.iter().filter(|one| one["position"] == first);
    let kinds = there.map(|one| one["kind"].as_str().unwrap().to_owned());
    (first, kinds.collect())
}

#[track_caller]
fn assert_found(world: &World, position: Position, kind: &str) {
    let (first, kinds) = found(world);
    assert_eq!(first, position, "{kinds:?}");
    assert!(kinds.iter().any(|found| found == kind), "{kinds:?}");
}

/// Further than any position of these logs.
const AWAY: Position = 1_000_000;

/// Takes an event out and moves up what stands behind it.
pub fn drop_and_close_up(position: Position) -> String {
    format!(
        "DELETE FROM events WHERE position = {position};
         UPDATE events SET position = position + {AWAY} WHERE position > {position};
         UPDATE events SET position = position - {AWAY} - 1 WHERE position > {AWAY}"
    )
}

pub fn swap(one: Position, other: Position) -> String {
    format!(
        "UPDATE events SET position = {AWAY} WHERE position = {one};
         UPDATE events SET position = {one} WHERE position = {other};
         UPDATE events SET position = {other} WHERE position = {AWAY}"
    )
}

/// Sets a payload to SQL that gives text.
fn payload(engine: Engine, text: &str) -> String {
    match engine {
        Engine::Files => format!("payload = CAST({text} AS BLOB)"),
        Engine::Server => format!("payload = ({text})::json"),
    }
}

/// Replaces a part of the text of a payload.
fn rewrite(engine: Engine, from: &str, to: &str) -> String {
    let column = match engine {
        Engine::Files => "payload",
        Engine::Server => "payload::text",
    };
    payload(engine, &format!("replace({column}, '{from}', '{to}')"))
}

/// One change of each column of an event; OTHER is the position of another one of its type.
fn changes(engine: Engine) -> Vec<String> {
    let random = match engine {
        Engine::Files => [
            "type = (SELECT id FROM types WHERE type = 'consultation.terminated')",
            "key = randomblob(16)",
            "category = (SELECT id FROM categories WHERE name = 'account')",
            "event_id = randomblob(16)",
            "dedupe = randomblob(16)",
            "payload = x'00'",
            "parts = x'01'",
        ],
        Engine::Server => [
            "event_type = 'consultation.terminated'",
            "aggregate_id = gen_random_uuid()::text",
            "aggregate_type = 'account'",
            "event_id = gen_random_uuid()",
            "dedupe = '\\x00112233445566778899aabbccddeeff'",
            "metadata = '{}'",
            "parts = '\\x01'",
        ],
    };
    let common = [
        "recorded_at = recorded_at + 1",
        "recorded_at = recorded_at - 1",
        "recorded_at = recorded_at + 5000000",
        "number = 3",
        "sequence = 7",
        "parts = NULL",
        "parts = (SELECT parts FROM events WHERE position = OTHER)",
        "metadata = (SELECT metadata FROM events WHERE position = OTHER)",
    ];
    let of_payload = [
        rewrite(engine, "true", "false"),
        rewrite(engine, ":", ": "),
        payload(engine, "'{}'"),
    ];
    let named = random.into_iter().chain(common).map(str::to_owned);
    named.chain(of_payload).collect()
}

on_both_engines!(
    whatever_is_changed_of_an_event_is_named_by_its_position,
    an_event_that_was_taken_out_is_named_though_the_rest_closes_up,
    events_that_changed_places_are_both_named,
    a_log_that_is_cut_off_is_named_where_it_ends_now,
    a_seal_that_another_key_signed_is_named,
    a_seal_of_another_past_is_named_though_the_key_is_ours,
    whatever_is_changed_of_a_seal_is_named_by_its_position,
);

#[tokio::test]
async fn a_log_that_nobody_touched_is_fine_and_so_it_is_after_its_keys_are_destroyed() {
    let log = SealedLog::new().await;
    let world = log.copy();
    let report = world.run(&["verify", "--json"]).json();
    assert_eq!(report["findings"], 0, "{report}");
    assert_eq!(report["seals"]["seals"], 3);
    assert_eq!(report["seals"]["sealed_to"], log.head() - 1);
    assert_eq!(report["seals"]["newest"], log.head());
    world.harm_keys("UPDATE keys SET wrapped = NULL");
    assert_eq!(world.run(&["verify"]).code, 0);
    assert_eq!(world.run(&["verify", "--without-keys"]).code, 0);
}

async fn whatever_is_changed_of_an_event_is_named_by_its_position(engine: Engine) {
    let log = SealedLog::new().await;
    let at = log.nth("consultation.requested", 5);
    let other = log.nth("consultation.requested", 6);
    let world = log.copy_on(engine).await;
    for change in changes(engine) {
        let change = change.replace("OTHER", &other.to_string());
        let sql = format!("UPDATE events SET {change} WHERE position = {at}");
        world.harm_log(&sql).await;
        let (first, kinds) = found(&world);
        assert_eq!(first, at, "{change}: {kinds:?}");
        log.put_back(&world).await;
    }
    assert_eq!(world.run(&["verify"]).code, 0);
    let change = rewrite(engine, "true", "false");
    let sql = format!("UPDATE events SET {change} WHERE position = {at}");
    world.harm_log(&sql).await;
    assert_found(&world, at, "changed");
    let report = world.run(&["verify", "--json"]).json();
    let stream = log.events[usize::try_from(at).unwrap() - 1]
        .stream
        .to_string();
    assert_eq!(report["first"]["stream"], stream);
    assert_eq!(report["findings"], 1, "nothing else is suspected: {report}");
}

async fn an_event_that_was_taken_out_is_named_though_the_rest_closes_up(engine: Engine) {
    let log = SealedLog::new().await;
    let world = log.copy_on(engine).await;
    let alone = log.nth("consultation.terminated", 4);
    for at in [alone, log.nth("consultation.requested", 4), log.seals()[1]] {
        let delete = format!("DELETE FROM events WHERE position = {at}");
        world.harm_log(&delete).await;
        assert_found(&world, at, "position_gap");
        log.put_back(&world).await;
        world.harm_log(&drop_and_close_up(at)).await;
        assert_found(&world, at, "changed");
        log.put_back(&world).await;
    }
}

async fn events_that_changed_places_are_both_named(engine: Engine) {
    let log = SealedLog::new().await;
    let world = log.copy_on(engine).await;
    let one = log.nth("consultation.terminated", 1);
    // The second is behind the border of a seal.
    for n in [3, 10] {
        let other = log.nth("consultation.terminated", n);
        world.harm_log(&swap(one, other)).await;
        assert_found(&world, one, "changed");
        let report = world.run(&["verify", "--json"]).json();
        let mut of_other = report["shown"].as_array().unwrap().iter();
        let is_named = of_other.any(|one| one["position"] == other && one["kind"] == "changed");
        assert!(is_named, "{report}");
        log.put_back(&world).await;
    }
}

async fn a_log_that_is_cut_off_is_named_where_it_ends_now(engine: Engine) {
    let log = SealedLog::new().await;
    let world = log.copy_on(engine).await;
    for at in [log.head(), log.head() - 2, log.seals()[0], 1] {
        let cut = format!("DELETE FROM events WHERE position >= {at}");
        world.harm_log(&cut).await;
        assert_found(&world, at, "cut_off");
        log.put_back(&world).await;
    }
    // The events go, their seal moves up to where they stood.
    let (at, seal) = (log.head() - 3, log.head());
    let cut = format!(
        "DELETE FROM events WHERE position BETWEEN {at} AND {};
         UPDATE events SET position = {at} WHERE position = {seal}",
        seal - 1
    );
    world.harm_log(&cut).await;
    assert_found(&world, at, "cut_off");
}

#[tokio::test]
async fn what_came_after_the_newest_seal_is_too_new_to_be_missed() {
    let log = SealedLog::new().await;
    let world = log.copy();
    let last = log.nth("consultation.terminated", 0);
    let behind = log.head() + 1;
    world.harm(&format!(
        "INSERT INTO events SELECT {behind}, category, randomblob(16), 1, randomblob(16), NULL,
         (SELECT id FROM types WHERE type = 'email.reserved'), NULL,
         (SELECT max(recorded_at) FROM events), metadata,
         CAST('{{\"account\": \"0192f0c1-7a00-7000-8000-000000000001\"}}' AS BLOB), NULL
         FROM events WHERE position = {last}"
    ));
    world.harm(
        "UPDATE events SET category = (SELECT id FROM categories WHERE name = 'email')
         WHERE position = (SELECT max(position) FROM events)",
    );
    let report = world.run(&["verify", "--json"]).json();
    assert_eq!(report["findings"], 0, "{report}");
    assert_eq!(
        (&report["head"], &report["seals"]["sealed_to"]),
        (&json!(behind), &json!(log.head() - 1))
    );
}

#[tokio::test]
async fn an_event_of_another_log_is_named_where_it_was_put() {
    let (log, other) = (SealedLog::new().await, SealedLog::new().await);
    let at = log.nth("consultation.requested", 5);
    let attach = |world: &World, sql: &str| {
        let other = other.copy();
        let path = other.file("events.db");
        world.harm(&format!("ATTACH '{}' AS other; {sql}", path.display()));
    };
    let columns = "category, key, sequence, event_id, dedupe, type, number, recorded_at, \
                   metadata, payload, parts";
    let put = format!(
        "INSERT INTO events (position, {columns})
         SELECT {at}, {columns} FROM other.events WHERE position = {at}"
    );
    let world = log.copy();
    let replace = format!("DELETE FROM main.events WHERE position = {at}; {put}");
    attach(&world, &replace);
    assert_found(&world, at, "changed");
    let world = log.copy();
    let between = format!(
        "UPDATE main.events SET position = position + {AWAY} WHERE position >= {at};
         UPDATE main.events SET position = position - {AWAY} + 1 WHERE position > {AWAY}; {put}"
    );
    attach(&world, &between);
    assert_found(&world, at, "changed");
    // All of the rest, its seals included.
    let from = log.seals()[1] + 1;
    let world = log.copy();
    let rest = format!(
        "DELETE FROM main.events WHERE position >= {from};
         INSERT INTO events (position, {columns})
         SELECT position, {columns} FROM other.events WHERE position >= {from}
         AND event_id NOT IN (SELECT event_id FROM main.events)"
    );
    attach(&world, &rest);
    let (first, kinds) = found(&world);
    assert!(first >= from && first <= log.head(), "{first} {kinds:?}");
    let report = world.run(&["verify", "--json"]).json();
    let seals = report["shown"].as_array().unwrap().iter();
    let mut seals = seals.filter(|found| found["kind"] == "seal_invalid");
    assert!(
        seals.any(|found| found["position"] == log.head()),
        "{report}"
    );
}

/// Changes an event and makes the newest seal anew, with another key. Gives that key.
async fn change_and_sign(log: &SealedLog, world: &World, engine: Engine) -> String {
    let at = log.head() - 2;
    let change = format!("UPDATE events SET number = 3 WHERE position = {at}");
    world.harm_log(&change).await;
    let folder = tempfile::tempdir().unwrap();
    let keys = SqliteKeyStore::open(folder.path().join("keys.db"), KeyBytes::new([1; 32]));
    let key = SealKey::load(&keys.unwrap()).unwrap();
    sign_again(log, world, engine, &key, None).await;
    key.public()
}

/// Makes the newest seal anew, after another root than the one it names if one is given.
async fn sign_again(
    log: &SealedLog,
    world: &World,
    engine: Engine,
    key: &SealKey,
    previous: Option<&str>,
) {
    let reader = world.log_reader().await;
    let events = reader.read_all(0, 10_000).await.unwrap().events;
    let mut seal: Value = serde_json::from_slice(&events.last().unwrap().payload).unwrap();
    let from = seal["from"].as_u64().unwrap();
    let named = seal["previous"].as_str().unwrap().to_owned();
    let previous = previous.map_or(named, str::to_owned);
    let mut range = SealedRange::after(from - 1, read_hex(&previous).unwrap());
    for event in &events[usize::try_from(from).unwrap() - 1..events.len() - 1] {
        range.push(leaf_of(event));
    }
    let (root, leaves) = (hex(&range.root()), range.leaves());
    let statement = SealStatement {
        from,
        to: range.to(),
        root: &root,
        previous: &previous,
        leaves: &leaves,
    };
    seal["signature"] = key.sign(&statement.to_string()).into();
    seal["root"] = root.into();
    seal["previous"] = previous.into();
    seal["leaves"] = leaves.into();
    seal["key"] = key.public().into();
    let payload = payload(engine, &format!("'{seal}'"));
    let position = log.head();
    let put = format!("UPDATE events SET {payload} WHERE position = {position}");
    world.harm_log(&put).await;
}

async fn a_seal_that_another_key_signed_is_named(engine: Engine) {
    let log = SealedLog::new().await;
    let world = log.copy_on(engine).await;
    let report = world.run(&["verify", "--json"]).json();
    let key = report["seals"]["key"].as_str().unwrap();
    // Who holds no keys sees that the key is not that of the seals before, or the one they know.
    let known = ["verify", "--without-keys", "--seal-key", key];
    assert_eq!(world.run(&known).code, 0);
    let another = "ab".repeat(32);
    let unknown = ["verify", "--without-keys", "--seal-key", &another];
    assert_eq!(world.run(&unknown).code, 1);
    let other = change_and_sign(&log, &world, engine).await;
    assert_found(&world, log.head(), "seal_invalid");
    assert_eq!(world.run(&known).code, 1);
    let answer = world.run(&["verify", "--without-keys", "--json"]);
    assert_eq!(answer.json()["first"]["position"], log.head());
    // To name our key is not enough.
    let rename = rewrite(engine, &other, key);
    let position = log.head();
    let sql = format!("UPDATE events SET {rename} WHERE position = {position}");
    world.harm_log(&sql).await;
    let known = ["verify", "--without-keys", "--seal-key", key, "--json"];
    let report = world.run(&known).json();
    assert_eq!(report["first"]["kind"], "seal_invalid", "{report}");
    assert_eq!(report["first"]["position"], position, "{report}");
}

async fn a_seal_of_another_past_is_named_though_the_key_is_ours(engine: Engine) {
    let log = SealedLog::new().await;
    let world = log.copy_on(engine).await;
    let master = std::fs::read_to_string(world.file("master.key")).unwrap();
    let master = KeyBytes::new(read_hex(master.trim()).unwrap());
    // The keys of the copy in files: both copies have the same.
    let keys = SqliteKeyStore::open(world.file("keys.db"), master).unwrap();
    let key = SealKey::find(&keys).unwrap().unwrap();
    drop(keys);
    sign_again(&log, &world, engine, &key, Some(NO_ROOT)).await;
    assert_found(&world, log.head(), "seal_invalid");
}

async fn whatever_is_changed_of_a_seal_is_named_by_its_position(engine: Engine) {
    let log = SealedLog::new().await;
    let world = log.copy_on(engine).await;
    for at in log.seals() {
        for change in [
            rewrite(engine, "\"from\":", "\"from\":1"),
            rewrite(engine, "\"to\":", "\"to\":1"),
            rewrite(engine, "\"root\":\"", "\"root\":\"0"),
            rewrite(engine, "\"leaves\":\"", "\"leaves\":\"AAAA"),
            rewrite(engine, "\"signature\":\"", "\"signature\":\"0"),
            rewrite(engine, ":", ": "),
            payload(engine, "'{}'"),
            "recorded_at = recorded_at + 1".to_owned(),
            "sequence = 9".to_owned(),
        ] {
            let sql = format!("UPDATE events SET {change} WHERE position = {at}");
            world.harm_log(&sql).await;
            let (first, kinds) = found(&world);
            assert_eq!(first, at, "{change}: {kinds:?}");
            log.put_back(&world).await;
        }
    }
}

#[tokio::test]
async fn a_root_that_was_noted_outside_is_held_against_the_log() {
    let log = SealedLog::new().await;
    let world = log.copy();
    let report = world.run(&["verify", "--json"]).json();
    let root = report["seals"]["root"].as_str().unwrap();
    let seal = log.head();
    let fine = [format!("{seal}={root}"), format!("2026-09-21={root}")];
    let wrong = "12".repeat(32);
    assert_eq!(
        world
            .run(&["verify", "--root", &fine[0], "--root", &fine[1]])
            .code,
        0
    );
    for (noted, position) in [
        (format!("{seal}={wrong}"), seal),
        (format!("2026-09-21={wrong}"), seal),
        (format!("{}={root}", seal - 1), seal - 1),
        (format!("2026-09-22={root}"), seal),
        (format!("{}={root}", seal + 7), seal),
    ] {
        let answer = world.run(&["verify", "--json", "--root", &noted]);
        let report = answer.json();
        assert_eq!(answer.code, 1, "{noted}: {report}");
        assert_eq!(report["first"]["kind"], "root_differs", "{noted}: {report}");
        assert_eq!(report["first"]["position"], position, "{noted}: {report}");
    }
    let answer = world.run(&["verify", "--root", "yesterday=ab"]);
    assert_eq!(
        (answer.code, answer.err.lines().count()),
        (2, 1),
        "{}",
        answer.err
    );
}
