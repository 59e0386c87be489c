//! The program itself: settings, doctor, backup, keys, documentation, and an orderly end.

use std::process::{Command, Output};

use serde_json::json;
use tests::{Counselor, Engine, Place, Process, TestApp, Visitor, admin_token, binary};

fn maeum(arguments: &[&str], place: &Place) -> Output {
    let mut command = Command::new(binary("maeum"));
    command
        .args(arguments)
        .args(place.flags())
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
fn a_store_that_cannot_be_is_refused_clearly() {
    for (flag, url, why) in [
        ("--event-store", "mysql://h/db", "postgres://"),
        (
            "--read-store",
            "kurrentdb://h",
            "KurrentDB keeps the log only",
        ),
        ("--event-store", "postgres://h/db", "must be named"),
    ] {
        let output = Command::new(binary("maeum"))
            .args(["config", "check", flag, url])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2));
        let said = said(&output);
        assert!(said.contains(flag) || said.contains("server."), "{said}");
        assert!(said.contains(why), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_log_and_keys_is_a_whole_server() {
    let place = Place::new().await;
    let server = Process::start(&place, "").await;
    let visitor = Visitor::asks(&server.client, "복원").await;
    let copy = Place::new().await;
    let into = copy.data().display().to_string();
    for what in ["--log", "--keys"] {
        let output = maeum(&["backup", what, &into], &place);
        if place.engine() == Engine::Postgres {
            assert_eq!(output.status.code(), Some(2));
            assert!(said(&output).contains("pg_dump"), "{}", said(&output));
        } else {
            assert!(output.status.success(), "{}", said(&output));
        }
    }
    if place.engine() == Engine::Postgres {
        return;
    }
    // What comes after the backup is not in it.
    let late = Visitor::asks(&server.client, "나중").await;
    server.kill().await;
    let master = |of: &Place| of.data().join("master.key");
    std::fs::copy(master(&place), master(&copy)).unwrap();
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
    let place = Place::new().await;
    let server = Process::start(&place, "").await;
    let visitor = Visitor::asks(&server.client, "열쇠").await;
    if place.engine() == Engine::Sqlite {
        let running = maeum(&["keys", "rotate-master"], &place);
        assert_eq!(
            running.status.code(),
            Some(2),
            "not beside a running server"
        );
    }
    assert_eq!(server.terminate().await, Some(0));
    let master = place.data().join("master.key");
    let before = std::fs::read(&master).unwrap();
    let output = maeum(&["keys", "rotate-master"], &place);
    assert!(output.status.success(), "{}", said(&output));
    assert_ne!(std::fs::read(&master).unwrap(), before);
    let server = Process::start(&place, "").await;
    let visitor = Visitor {
        client: server.client.clone(),
        ..visitor
    };
    assert_eq!(visitor.sees().await["user_nickname"], "열쇠");
    assert_eq!(server.terminate().await, Some(0));
    let output = maeum(&["doctor"], &place);
    assert!(output.status.success(), "{}", said(&output));
    std::fs::write(&master, before).unwrap();
    let output = maeum(&["doctor"], &place);
    assert_eq!(output.status.code(), Some(1), "the old key opens nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_master_key_is_made_where_there_is_data() {
    let place = Place::new().await;
    let server = Process::start(&place, "").await;
    assert_eq!(server.terminate().await, Some(0));
    std::fs::remove_file(place.data().join("master.key")).unwrap();
    let output = maeum(&["serve", "--listen", "127.0.0.1:0"], &place);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("master key"), "{}", said(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_a_newer_version_wrote_to_is_refused_by_name() {
    let place = Place::new().await;
    let server = Process::start(&place, "").await;
    assert_eq!(server.terminate().await, Some(0));
    let columns = "dedupe, number, recorded_at, payload, metadata, parts";
    if let Some(database) = place.database() {
        let sql = format!(
            "INSERT INTO events (position, aggregate_type, aggregate_id, sequence, event_id,
                                 event_type, event_version, {columns})
             SELECT position + 1, 'message', 'x', 1, gen_random_uuid(),
                    'message.whispered', '1.0.0', {columns}
             FROM events ORDER BY position DESC LIMIT 1"
        );
        database.execute(&sql).await;
    } else {
        let log = rusqlite::Connection::open(place.data().join("events.db")).unwrap();
        let sql = format!(
            "INSERT INTO types (type, version) VALUES ('message.whispered', '1.0.0');
             INSERT INTO events (position, category, key, sequence, event_id, type, {columns})
             SELECT position + 1, category, 'x', 1, randomblob(16), last_insert_rowid(), {columns}
             FROM events ORDER BY position DESC LIMIT 1"
        );
        log.execute_batch(&sql).unwrap();
    }
    let output = maeum(&["serve", "--listen", "127.0.0.1:0"], &place);
    assert_eq!(output.status.code(), Some(2));
    let said = said(&output);
    assert!(said.contains("message.whispered 1.0.0"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_master_key_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new().await;
    let server = Process::start(&place, "").await;
    assert_eq!(server.terminate().await, Some(0));
    let master = place.data().join("master.key");
    std::fs::set_permissions(&master, std::fs::Permissions::from_mode(0o640)).unwrap();
    let output = maeum(&["serve", "--listen", "127.0.0.1:0"], &place);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("0600"), "{}", said(&output));
    std::fs::set_permissions(&master, std::fs::Permissions::from_mode(0o400)).unwrap();
    let server = Process::start(&place, "").await;
    assert_eq!(server.terminate().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn told_to_stop_it_closes_live_connections_and_exits_0() {
    let place = Place::new().await;
    let server = Process::start(&place, "").await;
    let admin = admin_token(&server.client).await;
    let counselor = Counselor::new(&server.client, &admin, "끝까지").await;
    let mut bell = counselor.waits().await;
    let (exit, code) = tokio::join!(server.terminate(), bell.closed());
    assert_eq!((exit, code), (Some(0), 1001));
}

#[tokio::test(flavor = "multi_thread")]
async fn read_models_come_back_the_same_when_they_are_deleted() {
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
    server.go_down().await;
    server.place.forget_read_models().await;
    server.come_up().await;
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
