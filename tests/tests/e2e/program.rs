//! The program itself: settings, doctor, backup, keys, documentation, and an orderly end.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::json;
use tests::{Counselor, Process, TestApp, Visitor, admin_token, binary};

fn maeum(arguments: &[&str], data: &Path) -> Output {
    let mut command = Command::new(binary("maeum"));
    command
        .args(arguments)
        .arg("--data")
        .arg(data)
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    text
}

#[test]
fn without_a_command_it_prints_help() {
    let output = Command::new(binary("maeum")).output().unwrap();
    assert!(output.status.success());
    for word in ["serve", "doctor", "backup", "keys"] {
        assert!(said(&output).contains(word), "{}", said(&output));
    }
}

#[test]
fn a_bad_setting_is_one_line_that_names_it_and_exit_2() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bad.toml");
    for (text, key) in [
        (
            "consultation.offer_timeout = \"soon\"",
            "consultation.offer_timeout",
        ),
        ("live.nosuch = 1", "live.nosuch"),
        ("auth.hs256_secret = \"short\"", "auth.hs256_secret"),
    ] {
        std::fs::write(&file, text).unwrap();
        let output = Command::new(binary("maeum"))
            .args(["config", "check", "--config"])
            .arg(&file)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2));
        let line = said(&output);
        assert_eq!(line.trim().lines().count(), 1, "{line}");
        assert!(line.contains(key) && line.contains("bad.toml"), "{line}");
    }
}

#[test]
fn a_store_of_another_kind_is_refused_clearly() {
    let folder = tempfile::tempdir().unwrap();
    let output = maeum(
        &["config", "check", "--event-store", "postgres://h/db"],
        folder.path(),
    );
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("--event-store"), "{}", said(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_log_and_keys_is_a_whole_server() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let server = Process::start(&data, "").await;
    let visitor = Visitor::asks(&server.client, "복원").await;
    let copy = folder.path().join("copy");
    for what in ["--log", "--keys"] {
        let output = maeum(&["backup", what, copy.to_str().unwrap()], &data);
        assert!(output.status.success(), "{}", said(&output));
    }
    // What comes after the backup is not in it.
    let late = Visitor::asks(&server.client, "나중").await;
    server.kill().await;
    std::fs::copy(data.join("master.key"), copy.join("master.key")).unwrap();
    let restored = Process::start(&copy, "").await;
    let visitor = Visitor {
        client: restored.client.clone(),
        ..visitor
    };
    assert_eq!(visitor.sees().await["user_nickname"], "복원");
    assert_eq!(restored.client.get(&late.path(""), None).await.status, 404);
    assert_eq!(restored.terminate().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_master_key_opens_what_the_old_one_sealed() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let server = Process::start(&data, "").await;
    let visitor = Visitor::asks(&server.client, "열쇠").await;
    let running = maeum(&["keys", "rotate-master"], &data);
    assert_eq!(
        running.status.code(),
        Some(2),
        "not beside a running server"
    );
    assert_eq!(server.terminate().await, Some(0));
    let before = std::fs::read(data.join("master.key")).unwrap();
    let output = maeum(&["keys", "rotate-master"], &data);
    assert!(output.status.success(), "{}", said(&output));
    assert_ne!(std::fs::read(data.join("master.key")).unwrap(), before);
    let server = Process::start(&data, "").await;
    let visitor = Visitor {
        client: server.client.clone(),
        ..visitor
    };
    assert_eq!(visitor.sees().await["user_nickname"], "열쇠");
    assert_eq!(server.terminate().await, Some(0));
    let output = maeum(&["doctor"], &data);
    assert!(output.status.success(), "{}", said(&output));
    std::fs::write(data.join("master.key"), before).unwrap();
    let output = maeum(&["doctor"], &data);
    assert_eq!(output.status.code(), Some(1), "the old key opens nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_master_key_is_made_where_there_is_data() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let server = Process::start(&data, "").await;
    assert_eq!(server.terminate().await, Some(0));
    std::fs::remove_file(data.join("master.key")).unwrap();
    let output = maeum(&["serve", "--listen", "127.0.0.1:0"], &data);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("master key"), "{}", said(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn told_to_stop_it_closes_live_connections_and_exits_0() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let server = Process::start(&data, "").await;
    let admin = admin_token(&server.client).await;
    let counselor = Counselor::new(&server.client, &admin, "끝까지").await;
    let mut bell = counselor.waits().await;
    let (exit, code) = tokio::join!(server.terminate(), bell.closed());
    assert_eq!((exit, code), (Some(0), 1001));
}

#[tokio::test(flavor = "multi_thread")]
async fn read_models_come_back_the_same_when_their_file_is_deleted() {
    let mut server = TestApp::start().await;
    let admin = admin_token(&server.client).await;
    let counselor = Counselor::new(&server.client, &admin, "그대로").await;
    let mut bell = counselor.waits().await;
    let visitor = Visitor::asks(&server.client, "되살림").await;
    let id = bell.expect("new_request").await["request"]["id"]
        .as_u64()
        .unwrap();
    counselor.accepts(id).await.expect(200);
    bell.close().await;
    let before = visitor.sees().await;
    server
        .restart_after(|data| {
            for file in ["read.db", "read.db-wal", "read.db-shm"] {
                let path = data.join(file);
                if path.exists() {
                    std::fs::remove_file(path).unwrap();
                }
            }
        })
        .await;
    let visitor = Visitor {
        client: server.client.clone(),
        ..visitor
    };
    assert_eq!(visitor.sees().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documentation_works_offline_and_lists_the_calls() {
    let server = TestApp::start().await;
    let page = server.client.get("/docs", None).await;
    assert_eq!(page.status, 200);
    assert_eq!(server.client.get("/docs/", None).await.body, page.body);
    let html = page.body.as_str().unwrap();
    assert!(
        !html.contains("https://"),
        "nothing is fetched from elsewhere"
    );
    assert_eq!(
        server
            .client
            .get("/docs/swagger-ui-bundle.js", None)
            .await
            .status,
        200
    );
    let document = server.client.get("/openapi.json", None).await.expect(200);
    for path in [
        "/api/v1/consultations/start",
        "/login",
        "/admin/users",
        "/refresh",
    ] {
        assert!(document["paths"][path].is_object(), "{path}");
    }
    let ready = server.client.get("/health/ready", None).await.expect(200);
    assert_eq!(ready, json!({"status": "ready"}));
}
