//! The example of the page for analysts, run as the page says.

use std::process::Command;

use super::counted::Counted;
use super::small::{does_everything, opens_room};
use crate::places::{Engine, Place};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_example_reads_the_file() {
    let counted = Counted::new(Engine::Sqlite).await;
    opens_room(&counted).await;
    for person in 0..5 {
        does_everything(&counted, person).await;
    }
    counted.catch_up().await;
    let head = counted.log.head().await;
    let log = counted.stop().await;
    let Place::File(file) = log.place.analytics() else {
        panic!("not a file");
    };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/analytics.py");
    let run = Command::new("python3").arg(script).arg(file).output();
    let run = run.expect("python3 is installed");
    let (printed, complained) = (
        String::from_utf8_lossy(&run.stdout),
        String::from_utf8_lossy(&run.stderr),
    );
    assert!(run.status.success(), "{complained}");
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let lines: Vec<_> = printed.lines().map(words).collect();
    for expected in [
        format!("everything up to position {head}"),
        "2026-W43 15 0.0".to_owned(),
        "2026-10 group 15 0".to_owned(),
        "2026-10 sadness 15".to_owned(),
        "completed ended_by_user 15".to_owned(),
    ] {
        assert!(lines.contains(&expected), "{expected} is not in {printed}");
    }
}
