//! The real binary as a process of its own, to be killed.

use std::path::PathBuf;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use test_support::Place;

use crate::server::{Client, settings_file};

/// How long a start may take, with a log to catch up with.
const START: std::time::Duration = std::time::Duration::from_secs(30);

/// Where a binary of the workspace was built.
pub fn binary(name: &str) -> PathBuf {
    let mut path = std::env::current_exe().unwrap();
    path.pop();
    if path.ends_with("deps") {
        path.pop();
    }
    let path = path.join(name);
    assert!(
        path.exists(),
        "{name} is not built: cargo build -p api -p replay-tool"
    );
    path
}

/// A running server process.
pub struct Process {
    child: Child,
    pub client: Client,
    /// What it logs is appended here.
    pub log: PathBuf,
}

impl Process {
    /// Starts and waits until it listens.
    pub async fn start(place: &Place, more: &str) -> Self {
        let file = settings_file(place, more);
        let data = place.data();
        let log = data.with_extension("log");
        let errors = std::fs::File::options()
            .create(true)
            .append(true)
            .open(&log)
            .unwrap();
        let mut child = Command::new(binary("maeum"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(&data)
            .arg("--config")
            .arg(file)
            .stdout(Stdio::piped())
            .stderr(errors)
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = timeout(START, async {
            loop {
                let line = lines
                    .next_line()
                    .await
                    .unwrap()
                    .expect("the server listens");
                if let Some(address) = line.strip_prefix("listening on http://") {
                    return address.parse().unwrap();
                }
            }
        })
        .await
        .expect("the server starts in time");
        Self {
            child,
            client: Client::new(address),
            log,
        }
    }

    /// The process's id.
    pub fn id(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// Memory that it has in use, in KiB.
    pub fn resident_kib(&self) -> u64 {
        self.memory("VmRSS:")
    }

    fn memory(&self, kind: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix(kind))
            .unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// The most memory that it has had in use so far, in KiB.
    pub fn peak_kib(&self) -> u64 {
        self.memory("VmHWM:")
    }

    /// SIGKILL.
    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// SIGTERM, and the exit code.
    pub async fn terminate(mut self) -> Option<i32> {
        let pid = self.id().to_string();
        let sent = Command::new("kill").arg(pid).status().await.unwrap();
        assert!(sent.success());
        timeout(START, self.child.wait())
            .await
            .expect("the server stops in time")
            .unwrap()
            .code()
    }
}
