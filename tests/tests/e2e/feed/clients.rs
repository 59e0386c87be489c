//! The calls of the guide's examples by the clients that it names: `fetch` and `WebSocket` in Node,
//! `websocket-client` and `requests` in Python.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tests::{DEADLINE, TestApp, User};
use tokio::process::Command;
use tokio::time::timeout;

use super::{gathers, listens};

/// A language, by the ending of its clients.
#[derive(Clone, Copy)]
enum Language {
    JavaScript,
    Python,
}

impl Language {
    /// What runs a client, with the client.
    fn command(self) -> Command {
        let tools = tools();
        let (program, client, needs) = match self {
            Self::JavaScript => {
                let ws = tools.join("node/node_modules/ws");
                (PathBuf::from("node"), "feed.mjs", ws)
            }
            Self::Python => {
                let python = tools.join("python/bin/python");
                (python.clone(), "feed.py", python)
            }
        };
        assert!(
            needs.exists(),
            "{} is missing: scripts/test installs it",
            needs.display()
        );
        let clients = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients");
        let mut command = Command::new(program);
        command.arg(clients.join(client));
        command.env("MAEUM_TEST_TOOLS", tools).kill_on_drop(true);
        command
    }
}

/// Where the programs and packages are that are not the system's.
fn tools() -> PathBuf {
    match std::env::var_os("MAEUM_TEST_TOOLS") {
        Some(tools) => tools.into(),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../.tools"),
    }
}

/// What a client prints: a JSON object a line.
async fn run(language: Language, server: &TestApp, room: u64, user: u64) -> Vec<Value> {
    let mut command = language.command();
    command.arg(server.client.address.to_string());
    command.args([&room.to_string(), &user.to_string(), "안녕!"]);
    let output = timeout(DEADLINE, command.output()).await;
    let output = output.expect("the client ends in time").unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let lines = String::from_utf8(output.stdout).unwrap();
    let lines = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    lines.collect()
}

fn with<'a>(lines: &'a [Value], field: &str) -> &'a Value {
    let found = lines.iter().find(|line| !line[field].is_null());
    found.unwrap_or_else(|| panic!("no {field} in {lines:?}"))
}

async fn a_client_sends_and_hears(language: Language) {
    let server = TestApp::with("auth.trust_user_id = true").await;
    let client = &server.client;
    let (mina, jun) = (
        User::new(client, "민아").await,
        User::new(client, "준").await,
    );
    let (_, room) = gathers(&server, &mina, &[&jun]).await;
    let mut hears = listens(&jun, room).await;
    let lines = run(language, &server, room, mina.id).await;
    let answered = with(&lines, "status");
    assert_eq!(answered["status"], 201, "{answered}");
    let row = &answered["answer"]["data"];
    assert_eq!(
        (&row["message"], &row["user_id"]),
        (&json!("안녕!"), &json!(mina.id))
    );
    let frame = &with(&lines, "frame")["frame"];
    assert_eq!(
        (&frame["type"], &frame["data"]["id"]),
        (&json!("message"), &row["id"])
    );
    // The others hear that they came, what they said, and that they went.
    assert_eq!(hears.next().await.unwrap()["type"], "member_online");
    assert_eq!(hears.next().await.unwrap()["data"]["id"], row["id"]);
    assert_eq!(hears.next().await.unwrap()["type"], "member_offline");
}

async fn a_client_is_refused_clearly(language: Language) {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    let (_, room) = gathers(&server, &mina, &[]).await;
    let lines = run(language, &server, room, mina.id).await;
    let answered = with(&lines, "status");
    assert_eq!(answered["status"], 401);
    assert_eq!(answered["answer"]["success"], false);
    assert_eq!(with(&lines, "closed")["closed"], 4401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_with_fetch_and_a_websocket_sends_and_hears() {
    a_client_sends_and_hears(Language::JavaScript).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn python_with_requests_and_websocket_client_sends_and_hears() {
    a_client_sends_and_hears(Language::Python).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_trust_a_page_is_refused_clearly() {
    a_client_is_refused_clearly(Language::JavaScript).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_trust_python_is_refused_clearly() {
    a_client_is_refused_clearly(Language::Python).await;
}
