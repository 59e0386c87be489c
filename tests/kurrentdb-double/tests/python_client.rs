//! The double behaves with an independent client, in Python, as the protocol says.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use kurrentdb_double::Double;
use serde_json::{Value, json};
use tokio::process::Command;
use tokio::time::timeout;

/// Where the programs and packages are that are not the system's.
fn tools() -> PathBuf {
    match std::env::var_os("MAEUM_TEST_TOOLS") {
        Some(tools) => tools.into(),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_python_client_finds_what_the_protocol_says() {
    let folder = tempfile::tempdir().unwrap();
    let double = Double::start(&folder.path().join("server.log")).await;
    let python = tools().join("python/bin/python");
    assert!(
        python.exists(),
        "{} is missing: scripts/test installs it",
        python.display()
    );
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../clients/kurrentdb.py");
    let running = Command::new(python)
        .arg(script)
        .arg(double.url(""))
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .output();
    let output = timeout(Duration::from_mins(1), running).await;
    let output = output.expect("the client ends in time").unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let lines = String::from_utf8(output.stdout).unwrap();
    let found: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        Value::from(found),
        json!([
            {"refused": true},
            {"refused": true},
            {"refused": true},
            {"positions_rise": true, "repeated": true},
            {"too_large": true},
            {
                "read": [[0, "1"], [1, "2"], [2, "3"], [3, "5"]],
                "metadata": {"who": "mina"},
                "type": "said",
                "ids_are_kept": true,
                "positions_are_told": true,
            },
            {"down": [2, 1]},
            {"version": 3},
            {"not_found": true},
            {"rooms": ["room-1", "room-1", "room-1", "room-1"]},
            {"seen": ["1", "2", "3", "5", "live", "8"]},
        ])
    );
}
