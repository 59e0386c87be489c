//! The guide's calls by the clients that it names: `websockets` and `requests` in Python.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tests::{DEADLINE, TestApp, User};
use tokio::process::Command;
use tokio::time::timeout;

/// Where the programs and packages are that are not the system's.
fn tools() -> PathBuf {
    match std::env::var_os("MAEUM_TEST_TOOLS") {
        Some(tools) => tools.into(),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../.tools"),
    }
}

/// The interpreter with the packages that these tests need.
pub fn python() -> PathBuf {
    let python = tools().join("python/bin/python");
    assert!(
        python.exists(),
        "{} is missing: scripts/test installs it",
        python.display()
    );
    python
}

/// What the client prints: a JSON object a line.
async fn run(server: &TestApp, user: &User, texts: &[&str]) -> Vec<Value> {
    let client = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/emotion.py");
    let mut command = Command::new(python());
    command.arg(client).arg(server.client.address.to_string());
    command.arg(&user.uuid).args(texts).kill_on_drop(true);
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

#[tokio::test(flavor = "multi_thread")]
async fn python_with_websockets_hears_what_is_kept() {
    let server = TestApp::with("auth.trust_user_id = true").await;
    let mina = User::new(&server.client, "민아").await;
    let texts = ["요즘 기분이 별로야.", "I feel sad today.", "고마워."];
    let lines = run(&server, &mina, &texts).await;
    let heard: Vec<&Value> = lines
        .iter()
        .filter(|line| !line["heard"].is_null())
        .collect();
    let last = lines.last().unwrap();
    assert_eq!(last["status"], 200, "{last}");
    let steps = last["steps"].as_array().unwrap();
    assert_eq!((heard.len(), steps.len()), (texts.len(), texts.len()));
    for ((heard, step), text) in heard.iter().zip(steps).zip(texts) {
        assert_eq!(step["user_input"], text);
        assert_eq!(heard["heard"], step["gpt_response"]);
        assert_eq!(heard["step_id"], step["step_id"]);
    }
    let done = lines.iter().filter(|line| line["frame"]["done"] == true);
    for frame in done {
        assert!(frame["frame"]["created_at"].is_string(), "{frame}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_trust_python_is_refused_clearly() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    let lines = run(&server, &mina, &["안녕"]).await;
    assert_eq!(lines, [json!({"closed": 4401})]);
}
