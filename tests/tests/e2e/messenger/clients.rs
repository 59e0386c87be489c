//! The guide's calls by the clients that it names: `socket.io-client` in Node, and
//! `python-socketio`.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tests::{DEADLINE, TestApp, User};
use tokio::process::Command;
use tokio::time::timeout;

use super::io::Io;
use super::{history, meets, says};

/// Where the programs and packages are that are not the system's.
fn tools() -> PathBuf {
    match std::env::var_os("MAEUM_TEST_TOOLS") {
        Some(tools) => tools.into(),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../.tools"),
    }
}

fn node() -> Command {
    let needs = tools().join("node/node_modules/socket.io-client");
    command("node".into(), "messenger.mjs", &needs)
}

fn python() -> Command {
    let python = tools().join("python/bin/python");
    command(python.clone(), "messenger.py", &python)
}

fn command(program: PathBuf, client: &str, needs: &Path) -> Command {
    let missing = needs.display();
    assert!(
        needs.exists(),
        "{missing} is missing: scripts/test installs it"
    );
    let clients = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients");
    let mut command = Command::new(program);
    command.arg(clients.join(client));
    command.env("MAEUM_TEST_TOOLS", tools()).kill_on_drop(true);
    command
}

/// What a client prints: a JSON object a line.
async fn run(mut command: Command) -> Vec<Value> {
    let output = timeout(DEADLINE, command.output()).await;
    let output = output.expect("the client ends in time").unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && errors.is_empty(), "{errors}");
    let lines = String::from_utf8(output.stdout).unwrap();
    let lines = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    lines.collect()
}

fn with<'a>(lines: &'a [Value], field: &str) -> &'a Value {
    let found = lines.iter().find(|line| !line[field].is_null());
    &found.unwrap_or_else(|| panic!("no {field} in {lines:?}"))[field]
}

async fn a_client_talks(mut command: Command, transport: &str) {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    let jun = User::new(&server.client, "준").await;
    let room = meets(&mina, &jun).await;
    says(&jun, &room, "거기 있어?").await;
    let mut juns = Io::of(&jun).await;
    juns.asks("room:join", json!({"roomId": room})).await;
    let address = server.client.address.to_string();
    command.args([&address, &mina.token, transport, &room, "안녕!"]);
    let client = tokio::spawn(run(command));
    let heard = juns.expect("message:new").await;
    assert_eq!(
        (&heard["content"], &heard["senderId"]),
        (&json!("안녕!"), &json!(mina.uuid))
    );
    let sent = juns
        .asks("message:send", json!({"roomId": room, "content": "반가워"}))
        .await;
    let read = juns.expect("message:read").await;
    assert_eq!(read["messageId"], sent["messageId"]);
    let lines = client.await.unwrap();
    assert_eq!(with(&lines, "offline")[0]["content"], "거기 있어?");
    assert_eq!(with(&lines, "joined")["rooms"], json!([room]));
    assert_eq!(with(&lines, "sent")["messageId"], heard["messageId"]);
    assert_eq!(with(&lines, "read")["ok"], true);
    let over: Vec<&Value> = lines
        .iter()
        .filter(|line| !line["heard"].is_null())
        .collect();
    let last = over.last().unwrap();
    assert_eq!(last["heard"]["content"], "반가워");
    let expected = if transport == "both" {
        "websocket"
    } else {
        transport
    };
    assert_eq!(last["over"], expected);
    assert_eq!(history(&jun, &room).await[0]["isRead"], true);
}

async fn a_client_is_refused(mut command: Command) {
    let server = TestApp::start().await;
    let address = server.client.address.to_string();
    command.args([&address, "no-token", "websocket", "room", "text"]);
    let lines = run(command).await;
    assert!(with(&lines, "refused").is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_talks_over_a_websocket() {
    a_client_talks(node(), "websocket").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_talks_by_polling_alone() {
    a_client_talks(node(), "polling").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_talks_as_it_comes_and_goes_over_to_a_websocket() {
    a_client_talks(node(), "both").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn python_talks_over_a_websocket() {
    a_client_talks(python(), "websocket").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn python_talks_by_polling_alone() {
    a_client_talks(python(), "polling").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_without_a_token_is_refused() {
    a_client_is_refused(node()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn python_without_a_token_is_refused() {
    a_client_is_refused(python()).await;
}
