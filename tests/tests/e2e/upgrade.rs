//! Stores that an earlier version wrote open with this one: what was kept in `tests/kept/VERSION`
//! by each version, with the answers that it gave.
//!
//! `MAEUM_TEST_KEEP=1` makes this test write what this version keeps, where nothing is kept yet,
//! once for each engine; `pg_dump` must be found then.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tests::talks::{diff, verify};
use tests::{
    Client, Counselor, Engine, FORM_TYPE, Form, Place, Process, User, Visitor, admin_token,
    eventually,
};

const PASSWORD: &str = "eight-or-more";

fn kept() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("kept")
}

fn engine_folder(version: &Path, place: &Place) -> PathBuf {
    version.join(match place.engine() {
        Engine::Sqlite => "sqlite",
        Engine::Postgres => "postgres",
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_earlier_versions_kept_is_answered_as_they_did() {
    let own = kept().join(env!("CARGO_PKG_VERSION"));
    if std::env::var_os("MAEUM_TEST_KEEP").is_some() {
        keep(&own).await;
    }
    let mut versions: Vec<PathBuf> = fs::read_dir(kept())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    versions.sort();
    assert!(!versions.is_empty());
    for version in versions {
        println!("{}", version.display());
        opens(&version).await;
    }
}

/// Starts on what a version kept, compares, and goes on with it.
async fn opens(version: &Path) {
    let place = Place::new().await;
    let folder = engine_folder(version, &place);
    copy(&folder.join("data"), &place.data());
    let master = place.data().join("master.key");
    fs::set_permissions(&master, fs::Permissions::from_mode(0o600)).unwrap();
    for (file, database) in [
        ("log.sql", place.database()),
        ("keys.sql", place.key_database()),
    ] {
        if let Some(database) = database {
            database
                .execute(&fs::read_to_string(folder.join(file)).unwrap())
                .await;
        }
    }
    let server = Process::start(&place, "").await;
    let asked: Vec<Value> =
        serde_json::from_slice(&fs::read(folder.join("answers.json")).unwrap()).unwrap();
    assert!(asked.len() > 5);
    for question in &asked {
        let answer = ask(&server.client, question).await;
        assert_eq!(answer, question["answer"], "{}", question["path"]);
    }
    let admin = admin_token(&server.client).await;
    let counselor = Counselor::new(&server.client, &admin, "새로").await;
    let _bell = counselor.waits().await;
    let visitor = Visitor::asks(&server.client, "새로").await;
    let requests = tests::talks::requests(&counselor, 1).await;
    counselor.accepts(requests[0]).await.expect(200);
    visitor.ends().await.expect(200);
    assert_eq!(server.terminate().await, Some(0));
    verify(&place);
    diff(&place);
}

/// Asks as whoever it was that asked then.
async fn ask(client: &Client, question: &Value) -> Value {
    let path = question["path"].as_str().unwrap();
    let Some(email) = question["email"].as_str() else {
        return client.get(path, None).await.expect(200);
    };
    let body = json!({"email": email, "password": PASSWORD});
    let session = client.post("/login", None, body).await.expect(200);
    client
        .get(path, session["access_token"].as_str())
        .await
        .expect(200)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Lets something of everything happen, asks, and keeps it.
async fn keep(version: &Path) {
    let place = Place::new().await;
    let folder = engine_folder(version, &place);
    assert!(!folder.exists(), "{} is there already", folder.display());
    let server = Process::start(&place, "").await;
    let client = &server.client;
    let mut asked = happen(client).await;
    for question in &mut asked {
        question["answer"] = ask(client, question).await;
    }
    assert_eq!(server.terminate().await, Some(0));
    copy(&place.data(), &folder.join("data"));
    for needless in ["test.toml", "maeum.lock"] {
        fs::remove_file(folder.join("data").join(needless)).ok();
    }
    for (file, database) in [
        ("log.sql", place.database()),
        ("keys.sql", place.key_database()),
    ] {
        if let Some(database) = database {
            fs::write(folder.join(file), dump(&database.url())).unwrap();
        }
    }
    let answers = serde_json::to_string_pretty(&asked).unwrap();
    fs::write(folder.join("answers.json"), answers).unwrap();
}

/// A database as statements.
fn dump(url: &str) -> String {
    let arguments = ["--inserts", "--no-owner", "--no-privileges", url];
    let output = std::process::Command::new("pg_dump")
        .args(arguments)
        .output();
    let output = output.expect("pg_dump");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    // What begins so is for psql.
    let lines = text.lines().filter(|line| !line.starts_with('\\'));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// Something of everything; gives what to ask about it, and by whom.
async fn happen(client: &Client) -> Vec<Value> {
    let admin = admin_token(client).await;
    let counselor = Counselor::new(client, &admin, "다정").await;
    let bell = counselor.waits().await;
    let visitor = Visitor::asks(client, "바다").await;
    let requests = tests::talks::requests(&counselor, 1).await;
    counselor.accepts(requests[0]).await.expect(200);
    let mut desk = counselor.enters(&visitor.code).await;
    let mut user = visitor.enters().await;
    for (socket, text) in [(&mut user, "잠이 안 와요"), (&mut desk, "언제부터요?")] {
        socket
            .send(json!({"type": "message", "message": text}))
            .await;
        while socket.expect("message").await["message"] != text {}
    }
    visitor.ends().await.expect(200);
    let rating = json!({"score": 5, "comment": "고마웠어요"});
    client
        .post(&visitor.path("/rating"), None, rating)
        .await
        .expect(201);
    client
        .post(&visitor.path("/card"), None, json!({}))
        .await
        .expect(201);
    drop(bell);

    let (mina, jun) = (
        User::new(client, "민아").await,
        User::new(client, "준").await,
    );
    let gone = User::new(client, "떠난 사람").await;
    let two = mina.meets(&jun).await;
    let group = mina.gathers("산책", &[&jun, &gone]).await;
    let first = mina.says("바다가 보고 싶어", two).await;
    let second = jun.says("이번 주말?", two).await;
    gone.says("저는 이만", group).await;
    jun.says("잘 가요", group).await;
    let message = |number| format!("/chat/rooms/{two}/messages/{number}");
    let edit = json!({"message_content": "바다가 아주 보고 싶어"});
    mina.put(&message(first), edit).await.expect(200);
    jun.delete(&message(second)).await.expect(200);
    let form = Form::new()
        .field("message_content", "사진 대신 글")
        .file("a.txt", "파도 소리".as_bytes());
    let path = format!("/chat/rooms/{two}/messages/");
    let request = client.request("POST", &path).bearer_auth(&mina.token);
    let request = request.header("content-type", FORM_TYPE).body(form.end());
    client.send(request).await.expect(201);
    let session = mina.post("/emotion/sessions", json!({})).await.expect(201);
    let session = session["session_id"].as_str().unwrap().to_owned();
    let step = json!({"session_id": session, "user_input": "요즘 자꾸 불안해요"});
    let step = mina.post("/emotion/steps/generate", step).await;
    assert!([200, 201].contains(&step.status), "{}", step.body);
    mina.post(&format!("/emotion/sessions/{session}/end"), json!({}))
        .await
        .expect(200);
    gone.delete("/api/v1/users/me").await.expect(200);
    eventually("the search knows it", || async {
        let found = jun
            .get(&format!("/chat/rooms/{two}/search/?query=바다"))
            .await;
        (found.expect(200)["total_count"] == 1).then_some(())
    })
    .await;

    let asked = |user: &User, path: String| json!({"email": user.email, "path": path});
    vec![
        json!({"path": visitor.path("")}),
        json!({"path": visitor.path("/messages")}),
        json!({"path": visitor.path("/card")}),
        json!({"email": counselor.email, "path": format!("/api/v1/counselors/{}/dashboard/consultations", counselor.id)}),
        asked(&mina, format!("/chat/rooms/{two}/messages/")),
        asked(&jun, format!("/chat/rooms/{group}/messages/")),
        asked(&mina, format!("/chat/rooms/{two}/messages/{first}/history")),
        asked(&jun, format!("/chat/rooms/{two}/search/?query=바다")),
        asked(&mina, format!("/emotion/steps/{session}")),
        asked(&mina, format!("/emotion/sessions/{session}/flow")),
    ]
}
