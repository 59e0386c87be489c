//! A bundle proves itself with nothing else at hand, and names what was done to it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use event_store::SealKeys;
use serde_json::{Value, json};

use crate::sealed::SealedLog;
use crate::world::{Answer, Engine, World, answer, on_both_engines, subject_key};

on_both_engines!(
    it_holds_with_no_store_and_no_keys,
    after_an_erasure_it_still_holds,
    whatever_is_done_to_it_is_named,
);

/// The program where there is neither a store nor a key.
fn verify(bundle: &Path, options: &[&str]) -> Answer {
    let nowhere = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_maeum-replay"));
    command
        .current_dir(nowhere.path())
        .env_clear()
        .args(["verify", "--json", "--bundle"])
        .arg(bundle)
        .args(options);
    answer(command.output().unwrap())
}

fn export(world: &World, name: &str, options: &[&str]) -> PathBuf {
    let into = world.file(name);
    let arguments = ["export", "--json", "--bundle", into.to_str().unwrap()];
    let exported = world.run(&[&arguments, options].concat());
    assert_eq!(exported.code, 0, "{}", exported.err);
    PathBuf::from(exported.json()["bundle"].as_str().unwrap())
}

fn lines(bundle: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(bundle).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn put(world: &World, lines: &[String]) -> PathBuf {
    let path = world.file("harmed.jsonl");
    std::fs::write(&path, lines.join("\n") + "\n").unwrap();
    path
}

/// What is found, by position and kind.
fn found(bundle: &Path, options: &[&str]) -> Vec<(u64, String)> {
    let answer = verify(bundle, options);
    let report = answer.json();
    assert_eq!(answer.code, i32::from(report["findings"] != 0), "{report}");
    let shown = report["shown"].as_array().unwrap();
    let finding = |finding: &Value| {
        let kind = finding["kind"].as_str().unwrap().to_owned();
        (finding["position"].as_u64().unwrap(), kind)
    };
    shown.iter().map(finding).collect()
}

async fn it_holds_with_no_store_and_no_keys(engine: Engine) {
    let sealed = SealedLog::new().await;
    let world = sealed.copy_on(engine).await;
    let bundle = export(&world, "log.jsonl", &[]);
    let report = verify(&bundle, &[]);
    assert_eq!(report.code, 0, "{}{}", report.out, report.err);
    let report = report.json();
    assert_eq!(report["events"], sealed.head());
    assert_eq!(report["seals"]["seals"], sealed.seals().len());
    let key = report["seals"]["key"].as_str().unwrap().to_owned();
    let root = report["seals"]["root"].as_str().unwrap();
    let newest = *sealed.seals().last().unwrap();
    let noted = format!("{newest}={root}");
    assert_eq!(found(&bundle, &["--seal-key", &key, "--root", &noted]), []);
    let other = format!("{newest}={}", "0".repeat(64));
    let differs = found(&bundle, &["--root", &other]);
    assert_eq!(differs, [(newest, "root_differs".to_owned())]);
    let text = std::fs::read_to_string(&bundle).unwrap();
    assert!(!text.contains("누구"), "what is sealed stays so");

    let folder = world.file("folder/");
    std::fs::create_dir(&folder).unwrap();
    let inside = export(&world, "folder/", &[]);
    assert_eq!(inside, folder.join("bundle.jsonl"));
    assert_eq!(found(&folder, &[]), []);
    assert_eq!(lines(&inside), lines(&bundle), "it is the same each time");

    let unsigned = export(&world, "unsigned.jsonl", &["--unsigned"]);
    assert_eq!(found(&unsigned, &["--seal-key", &key]), []);
}

async fn after_an_erasure_it_still_holds(engine: Engine) {
    let world = World::on(engine, 40).await;
    let before = export(&world, "before.jsonl", &["--unsigned"]);
    let stores = world.open().await;
    stores.keys.destroy(&[subject_key().into()]).unwrap();
    stores.close().await;
    let after = export(&world, "after.jsonl", &["--unsigned"]);
    assert_eq!(lines(&before), lines(&after));
    assert_eq!(found(&after, &[]), []);

    let sealed = SealedLog::new().await;
    let world = sealed.copy_on(engine).await;
    let before = export(&world, "before.jsonl", &[]);
    let stores = world.open_under(master(&world)).await;
    let names: Vec<Arc<str>> = sealed
        .events
        .iter()
        .flat_map(|event| event.parts.iter().map(|part| subject(&part.keys)))
        .collect();
    assert!(!names.is_empty());
    stores.keys.destroy(&names).unwrap();
    stores.close().await;
    let after = export(&world, "after.jsonl", &[]);
    for bundle in [&before, &after] {
        assert_eq!(found(bundle, &[]), []);
    }
}

/// The master key of a server that has ended.
fn master(world: &World) -> [u8; 32] {
    let text = std::fs::read_to_string(world.file("master.key")).unwrap();
    event_store::log_seal::read_hex(text.trim()).unwrap()
}

fn subject(keys: &SealKeys) -> Arc<str> {
    Arc::clone(&keys.subject)
}

/// The event at a position with another value in it.
fn changed(lines: &[String], position: u64, pointer: &str, value: Value) -> Vec<String> {
    let mut lines = lines.to_vec();
    let at = usize::try_from(position).unwrap();
    let mut event: Value = serde_json::from_str(&lines[at]).unwrap();
    *event.pointer_mut(pointer).expect(pointer) = value;
    lines[at] = event.to_string();
    lines
}

async fn whatever_is_done_to_it_is_named(engine: Engine) {
    let sealed = SealedLog::new().await;
    let world = sealed.copy_on(engine).await;
    let whole = lines(&export(&world, "log.jsonl", &[]));
    let seals = sealed.seals();
    let (requested, head) = (sealed.nth("consultation.requested", 5), sealed.head());
    let of = |lines: &[String]| found(&put(&world, lines), &[]);
    let is = |position: u64, kind: &str| (position, kind.to_owned());
    assert_eq!(of(&whole), []);

    for (pointer, value) in [
        ("/metadata/role", json!("admin")),
        (
            "/recorded_at",
            json!(1_790_000_000_000_000_i64 + 90_000_000),
        ),
        ("/sealed/0/keys/subject", json!("account:nobody")),
        ("/sealed/0/ciphertext", json!("AAAA")),
        ("/payload", json!("{}")),
    ] {
        let found = of(&changed(&whole, requested, pointer, value));
        assert!(
            found.contains(&is(requested, "changed")),
            "{pointer}: {found:?}"
        );
    }
    let at = |position: u64| usize::try_from(position).unwrap();

    let mut missing = whole.clone();
    missing.remove(at(requested));
    let found = of(&missing);
    assert!(found.contains(&is(requested, "position_gap")), "{found:?}");

    let mut swapped = whole.clone();
    swapped.swap(at(requested), at(requested) + 1);
    let found = of(&swapped);
    assert!(found.contains(&is(requested, "out_of_order")), "{found:?}");

    let mut nonsense = whole.clone();
    nonsense[at(requested)] = json!({"position": "x"}).to_string();
    assert!(of(&nonsense).contains(&is(requested, "unreadable")));

    // Its last events, with the end and without.
    let end = whole.last().unwrap().clone();
    for cut in [1, 3] {
        let mut short = whole[..whole.len() - 1 - cut].to_vec();
        let first = head - cut as u64 + 1;
        assert!(of(&short).contains(&is(first, "cut_off")), "{cut}");
        short.push(end.clone());
        assert!(
            of(&short).contains(&is(first, "cut_off")),
            "{cut} with the end"
        );
    }
    assert!(of(&whole[..whole.len() - 1]).contains(&is(head + 1, "cut_off")));

    // An end that somebody else has made of what is left.
    let last = seals[seals.len() - 2];
    let mut short = whole[..=at(last)].to_vec();
    let seal: Value = serde_json::from_str(&whole[at(last)]).unwrap();
    let seal: Value = serde_json::from_str(seal["payload"].as_str().unwrap()).unwrap();
    let mut forged: Value = serde_json::from_str(&end).unwrap();
    forged["end"]["to"] = json!(last);
    forged["end"]["from"] = json!(seal["to"].as_u64().unwrap() + 1);
    forged["end"]["previous"] = seal["root"].clone();
    short.push(forged.to_string());
    let found = of(&short);
    assert!(found.contains(&is(last, "seal_invalid")), "{found:?}");

    // Two bundles behind each other, and something behind the end.
    let mut twice = whole.clone();
    twice.push(whole[1].clone());
    assert!(of(&twice).contains(&is(head + 1, "changed")));

    // Another key, of the bundle or of a seal.
    let key = "ab".repeat(32);
    let mut other = whole.clone();
    other[0] = json!({"maeum_bundle": 1, "key": key}).to_string();
    let found = of(&other);
    assert!(found.contains(&is(seals[0], "seal_invalid")), "{found:?}");
    let bundle = put(&world, &whole);
    let named = verify(&bundle, &["--seal-key", &key]);
    assert_eq!(named.code, 1);
}

#[tokio::test]
async fn what_is_no_bundle_could_not_be_checked() {
    let world = World::with_messages(3).await;
    let file = world.file("other.jsonl");
    for text in [
        "",
        "{}\n",
        "{\"maeum_bundle\": 2, \"key\": null}\n",
        "\u{0}\n",
    ] {
        std::fs::write(&file, text).unwrap();
        let answer = verify(&file, &[]);
        assert_eq!(
            (answer.code, answer.err.lines().count()),
            (2, 1),
            "{text:?}"
        );
    }
    let answer = verify(&world.file("nowhere"), &[]);
    assert_eq!(answer.code, 2, "{}", answer.err);
    let path = world.file("log.jsonl");
    let into = path.to_str().unwrap();
    let refused = world.run(&["export", "--bundle", into, "--after", "3"]);
    assert_eq!(refused.code, 2);
    std::fs::write(&path, "mine").unwrap();
    let refused = world.run(&["export", "--unsigned", "--bundle", into]);
    assert_eq!(refused.code, 2, "{}", refused.err);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
}
