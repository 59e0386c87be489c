//! A process that is killed in the middle of its work loses nothing that it acknowledged.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use event_store::{EventStore, StoreError};
use uuid::Uuid;

use super::{Sqlite, long, open};
use crate::random::Random;
use crate::writing::*;

const CHILD: &str = "MAEUM_TEST_KILLED_CHILD";
const WRITERS: u64 = 8;
const KILLS: usize = 10;

#[test]
fn every_acknowledged_event_is_there_after_a_kill() {
    if let Ok(folder) = std::env::var(CHILD) {
        append_until_killed(Path::new(&folder));
        return;
    }
    let mut random = Random::new();
    for _ in 0..if long() { 20 } else { 1 } {
        kill_again_and_again(&mut random);
    }
}

/// Kills one log's process `KILLS` times, and checks it after each.
fn kill_again_and_again(random: &mut Random) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let home = Sqlite::new();
    let mut acknowledged = HashMap::new();
    for _ in 0..KILLS {
        let after = Duration::from_millis(20 + random.below(250));
        acknowledged.extend(run_and_kill(home.folder.path(), after));

        let store = open(&home.log(), &home.keys()).unwrap();
        let log = runtime.block_on(whole_log(&store));
        assert_dense(&log);
        let stored: HashMap<Uuid, u64> = log
            .iter()
            .map(|event| (event.event_id, event.position))
            .collect();
        assert_eq!(stored.len(), log.len(), "no event stands twice");
        for (id, position) in &acknowledged {
            assert_eq!(stored.get(id), Some(position), "{id} was acknowledged");
        }
    }
    println!("{} were acknowledged", acknowledged.len());
    assert!(!acknowledged.is_empty());
}

/// Starts this test again as a child, kills it after a time, and gives what it acknowledged.
fn run_and_kill(folder: &Path, after: Duration) -> Vec<(Uuid, u64)> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture"])
        .arg("sqlite::killed::every_acknowledged_event_is_there_after_a_kill")
        .env(CHILD, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let mut deadline = None;
    let mut acknowledged = Vec::new();
    for line in output.lines() {
        let line = line.unwrap();
        if let Some((id, position)) = line
            .strip_prefix("acknowledged ")
            .and_then(|line| line.split_once(' '))
        {
            acknowledged.push((id.parse().unwrap(), position.parse().unwrap()));
            let deadline = *deadline.get_or_insert_with(|| Instant::now() + after);
            if Instant::now() >= deadline {
                // The pipe still holds lines: they were acknowledged as well.
                child.kill().unwrap();
            }
        }
    }
    assert!(
        !child.wait().unwrap().success(),
        "it was killed, and did not end by itself"
    );
    acknowledged
}

fn append_until_killed(folder: &Path) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    runtime.block_on(async {
        let store = Arc::new(open(&folder.join("events.db"), &folder.join("keys.db")).unwrap());
        let writers: Vec<_> = (0..WRITERS)
            .map(|_| tokio::spawn(append_for_ever(store.clone())))
            .collect();
        for writer in writers {
            writer.await.unwrap().unwrap();
        }
    });
}

async fn append_for_ever(store: Arc<dyn EventStore>) -> Result<(), StoreError> {
    let subject = format!("account:{}", new_id());
    loop {
        let room = new_room();
        for version in 0..10 {
            let event = whispered("글", &subject, None);
            for event in append(&*store, &room, version, vec![event]).await? {
                println!("acknowledged {} {}", event.event_id, event.position);
            }
        }
    }
}
