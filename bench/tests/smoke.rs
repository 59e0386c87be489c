//! Each benchmark in little, so that it never rots: its report parses and nothing was lost.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::process::Command;

use serde_json::Value;

/// Runs the program; its report. What was lost or came twice would have failed it.
fn bench(arguments: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_maeum-bench"))
        .args(["--json", "--runs", "2", "--seconds", "0.2"])
        .args(arguments)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Every case has a rate, and a ratio to each thing that it is measured beside. So few sockets may
/// take no memory that was not there already.
fn assert_measured(report: &Value, cases: usize) {
    let all = report["cases"].as_array().unwrap();
    assert_eq!(all.len(), cases, "{report}");
    for case in all {
        let is_measured = |figure: &Value| {
            let is_positive = figure.as_f64().is_some_and(|figure| figure > 0.0);
            is_positive || case["unit"] == "KiB a socket"
        };
        assert!(is_measured(&case["rate"]), "{case}");
        let beside = case["beside"].as_array().unwrap();
        assert!(!beside.is_empty(), "{case}");
        for other in beside {
            let (rate, ratio) = (&other["rate"], &other["ratio"]);
            assert!(is_measured(rate) && is_measured(ratio), "{case}");
        }
    }
}

#[test]
fn appends_to_the_embedded_log_are_measured() {
    let report = bench(&["append", "--engine", "sqlite", "--writers", "1,16"]);
    assert_measured(&report, 2);
    assert!(report["cases"][1]["p99_ms"].as_f64().unwrap() > 0.0);
}

#[test]
fn appends_to_the_log_in_postgresql_are_measured() {
    let report = bench(&["append", "--engine", "postgres", "--writers", "1,16"]);
    assert_measured(&report, 2);
}

#[test]
fn followers_of_the_log_in_postgresql_are_measured() {
    let report = bench(&["follow", "--engine", "postgres", "--events", "3000"]);
    assert_measured(&report, 4);
}

#[test]
fn followers_of_the_embedded_log_are_measured() {
    let report = bench(&["follow", "--engine", "sqlite", "--events", "3000"]);
    assert_measured(&report, 4);
}

#[test]
fn a_rebuild_of_the_embedded_read_models_is_measured() {
    let report = bench(&["rebuild", "--engine", "sqlite", "--events", "3000"]);
    assert_measured(&report, 1);
}

#[test]
fn the_read_models_in_postgresql_are_measured() {
    let report = bench(&["rebuild", "--engine", "postgres", "--events", "3000"]);
    assert_measured(&report, 1);
}

#[test]
fn live_talk_over_the_embedded_stores_is_measured() {
    let live = [
        "live",
        "--engine",
        "sqlite",
        "--senders",
        "1,6",
        "--consultations",
        "3",
    ];
    let report = bench(&[&live[..], &["--idle", "20"]].concat());
    assert_measured(&report, 3);
}

/// Needs `npm ci --prefix bench/baseline`, as scripts/test does it.
#[test]
fn the_baseline_of_chat_is_measured() {
    let chat = [
        "chat",
        "--server",
        "baseline",
        "--rooms",
        "3",
        "--members",
        "4",
    ];
    let few = [
        "--senders",
        "1,20",
        "--offered",
        "50",
        "--listeners",
        "7",
        "--sockets",
        "9",
    ];
    let report = bench(&[&chat[..], &few].concat());
    let cases = report["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 5, "{report}");
    for case in &cases[..4] {
        assert!(case["rate"].as_f64().unwrap() > 0.0, "{case}");
        assert!(case["p99_ms"].as_f64().unwrap() > 0.0, "{case}");
    }
}

#[test]
fn rooms_over_socket_io_are_measured() {
    let chat = ["chat", "--server", "maeum", "--engine", "sqlite"];
    let few = ["--rooms", "3", "--members", "4", "--senders", "1,20"];
    let fewer = ["--offered", "50", "--listeners", "7", "--sockets", "9"];
    let dialect = ["--dialect", "messenger"];
    let report = bench(&[&chat[..], &few, &fewer, &dialect].concat());
    let cases = report["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 5, "{report}");
    for case in &cases[..4] {
        assert!(case["p99_ms"].as_f64().unwrap() > 0.0, "{case}");
    }
}

/// Filling is measured beside nothing; a word is counted only where it was found, or rightly not.
fn assert_searched(engine: &str) {
    let search = ["search", "--engine", engine];
    let few = ["--messages", "600", "--rooms", "6"];
    let report = bench(&[&search[..], &few].concat());
    let cases = report["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 8, "{report}");
    for case in &cases[1..] {
        assert!(case["p99_ms"].as_f64().unwrap() > 0.0, "{case}");
        assert!(case["beside"][0]["ratio"].as_f64().unwrap() > 0.0, "{case}");
    }
}

#[test]
fn searches_in_the_embedded_index_are_measured() {
    assert_searched("sqlite");
}

#[test]
fn searches_in_the_index_in_postgresql_are_measured() {
    assert_searched("postgres");
}

#[test]
fn a_report_for_people_names_the_ratio_and_that_nothing_was_optimised() {
    let output = Command::new(env!("CARGO_BIN_EXE_maeum-bench"))
        .args([
            "append",
            "--writers",
            "4",
            "--runs",
            "1",
            "--seconds",
            "0.1",
        ])
        .output()
        .unwrap();
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(
        report.contains("of plain SQLite in batches of the same sizes"),
        "{report}"
    );
    assert!(report.contains("NOT OPTIMISED"), "{report}");
}
