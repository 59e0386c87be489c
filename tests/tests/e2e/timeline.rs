//! `maeum-replay timeline` on what a server recorded, and the texts that the server opens for it.

use std::process::{Command, Output};

use serde_json::{Value, json};
use tests::binary;

use crate::audit::{MARKS, Scene, person};

const PURPOSE: &str = "complaint 2026-117";

/// The program on the stores of the running server; it must not block the server's threads.
async fn timeline(scene: &Scene, arguments: &[&str]) -> Output {
    let mut command = Command::new(binary("maeum-replay"));
    command
        .args(scene.server.place.flags())
        .args(["timeline", "--json"])
        .args(arguments)
        .env_remove("MAEUM_TOKEN");
    tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap()
}

fn report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

fn types(report: &Value) -> Vec<&str> {
    let entries = report["entries"].as_array().unwrap();
    entries
        .iter()
        .map(|entry| entry["type"].as_str().unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consultation_is_told_by_its_code_with_all_that_belongs_to_it() {
    let scene = Scene::new().await;
    let output = timeline(
        &scene,
        &["consultation", &scene.visitor.code.to_lowercase()],
    )
    .await;
    assert_eq!(output.status.code(), Some(0));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    for mark in MARKS.iter().chain([&scene.visitor.code.as_str()]) {
        assert!(!said.contains(mark), "{mark}");
    }
    let told = report(&output);
    let mut types_told = types(&told);
    assert!(types_told.contains(&"member.delivered"));
    // When it is noted that something has arrived is for the connection to choose.
    types_told.retain(|name| *name != "member.delivered");
    assert_eq!(
        types_told,
        [
            "consultation.requested",
            "consultation.offered",
            "consultation.accepted",
            "counselor.call_taken",
            "room.opened",
            "room.member_added",
            "room.member_added",
            "message.sent",
            "consultation.completed",
            "counselor.call_released",
            "room.closed",
            "consultation.card_issued",
            "consultation.rated",
        ]
    );
    let number = scene.visitor.started["id"].to_string();
    let by_number = report(&timeline(&scene, &["consultation", &number]).await);
    assert_eq!(by_number["entries"], told["entries"]);
    let id = told["id"].as_str().unwrap();
    let by_id = report(&timeline(&scene, &["consultation", id]).await);
    assert_eq!(by_id["entries"], told["entries"]);
    let counselor = timeline(&scene, &["person", &scene.counselor.uuid]).await;
    let counselor = report(&counselor);
    for expected in [
        "session.opened",
        "counselor.registered",
        "counselor.status_changed",
    ] {
        assert!(types(&counselor).contains(&expected), "{expected}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_purpose_the_server_records_the_reading_and_opens_the_texts() {
    let scene = Scene::new().await;
    let server = scene.server.client.url("");
    let code = scene.visitor.code.clone();
    let mut arguments = vec![
        "consultation",
        &code,
        "--purpose",
        PURPOSE,
        "--server",
        &server,
    ];
    arguments.extend(["--token", &scene.auditor]);
    let output = timeline(&scene, &arguments).await;
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    for mark in &MARKS[1..] {
        assert!(said.contains(mark), "{mark}");
    }
    assert!(!said.contains(&code), "a code is shown to nobody");
    let records = scene.records().await;
    assert_eq!(records.len(), 1);
    let payload = &records[0]["payload"];
    assert_eq!(payload["purpose"], PURPOSE);
    let told = report(&output);
    let with_texts = told["entries"].as_array().unwrap().iter();
    let with_texts = with_texts.filter(|entry| entry["texts"] != json!([]));
    let positions: Vec<_> = with_texts.map(|entry| entry["position"].clone()).collect();
    assert_eq!(
        payload["filter"]["positions"],
        json!(positions),
        "that and nothing else"
    );
    assert_eq!(payload["concerned"]["consultations"], json!([told["id"]]));
    let again = report(&timeline(&scene, &["consultation", &code]).await);
    assert_eq!(
        types(&again).last(),
        Some(&"access.recorded"),
        "it is part of the story now"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_read_is_told_so_and_sees_nothing() {
    let scene = Scene::new().await;
    let (user, _) = person(&scene.server.client, &scene.admin, "user").await;
    let server = scene.server.client.url("");
    for (token, status) in [(user.as_str(), "403"), ("nonsense", "401")] {
        let mut arguments = vec!["consultation", &scene.visitor.code, "--purpose", PURPOSE];
        arguments.extend(["--server", &server, "--token", token]);
        let output = timeline(&scene, &arguments).await;
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains(status), "{said}");
        assert!(!String::from_utf8_lossy(&output.stdout).contains("표지"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_another_log_opens_nothing() {
    let scene = Scene::new().await;
    let other = Scene::new().await;
    let server = other.server.client.url("");
    let mut arguments = vec!["consultation", &scene.visitor.code, "--purpose", PURPOSE];
    arguments.extend(["--server", &server, "--token", &other.auditor]);
    let output = timeline(&scene, &arguments).await;
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("serves another log"), "{said}");
    assert!(!String::from_utf8_lossy(&output.stdout).contains("표지"));
}
