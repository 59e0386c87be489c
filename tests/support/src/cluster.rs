//! A PostgreSQL server of one test's own, to be stopped, killed and started again.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A server with a folder and a port of its own; it and its folder go with it.
pub struct Cluster {
    folder: PathBuf,
    url: String,
}

impl Cluster {
    /// Made and started, flushing to disk as a real one does. Blocks.
    pub fn start() -> Self {
        let output = script(&["start", "--durable"]);
        let text = String::from_utf8(output.stdout).unwrap();
        let value = |name: &str| {
            let line = text.lines().find_map(|line| {
                line.strip_prefix("export ")?
                    .strip_prefix(name)?
                    .strip_prefix('=')
            });
            line.unwrap_or_else(|| panic!("scripts/postgres told no {name}:\n{text}"))
                .trim_matches('\'')
                .to_owned()
        };
        Self {
            folder: value("MAEUM_TEST_POSTGRES_FOLDER").into(),
            url: value("MAEUM_TEST_POSTGRES"),
        }
    }

    /// The address of its superuser's database.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where its files are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// As after a crash: no checkpoint, all connections cut; started again on the same port.
    /// Blocks.
    pub fn restart_at_once(&self) {
        self.control("restart-at-once");
    }

    /// Ends it as by a crash. Blocks.
    pub fn kill(&self) {
        self.control("kill");
    }

    /// Starts it again after [`kill`](Self::kill). Blocks.
    pub fn start_again(&self) {
        self.control("start-again");
    }

    fn control(&self, what: &str) {
        script(&[what, self.folder.to_str().unwrap()]);
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.control("stop");
    }
}

fn script(arguments: &[&str]) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/postgres");
    let output = Command::new(script).args(arguments).output().unwrap();
    assert!(
        output.status.success(),
        "scripts/postgres {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output
}
