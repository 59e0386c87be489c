//! A server as a process of its own, and what it takes of the machine.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tempfile::TempDir;
use test_support::Database;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::arguments::{Common, Engine};
use crate::failure::Failure;
use crate::log::folder;
use crate::meter;
use crate::postgres::fresh_database;

/// How long a start may take.
const START: Duration = Duration::from_secs(30);

pub const ADMIN_EMAIL: &str = "admin@example.com";
pub const ADMIN_PASSWORD: &str = "only-for-benchmarks";

/// A running server.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    /// What it keeps; gone with it.
    _data: Option<TempDir>,
    _databases: Vec<Database>,
}

/// The real server's program: beside this one, unless it was named.
pub fn program(named: Option<&Path>) -> Result<PathBuf, Failure> {
    let program = match named {
        Some(program) => program.to_owned(),
        None => std::env::current_exe()?.with_file_name("maeum"),
    };
    if program.exists() {
        return Ok(program);
    }
    let program = program.display();
    Err(Failure::Asked(format!(
        "the server {program} is not there: build it (cargo build --release -p api) or name it"
    )))
}

impl Server {
    /// The real one, on fresh stores of the engine that was asked for.
    pub async fn fresh(common: &Common, program: &Path) -> Result<Self, Failure> {
        Self::fresh_with(common, program, "").await
    }

    /// The same with further settings.
    pub async fn fresh_with(common: &Common, program: &Path, more: &str) -> Result<Self, Failure> {
        match common.engine {
            Engine::Sqlite => Self::real(program, folder(common)?, more).await,
            Engine::Postgres => {
                // Whoever copies the log must not have the keys with it.
                let (database, keys) =
                    (fresh_database(common).await?, fresh_database(common).await?);
                let stores = [
                    ("event_store", &database),
                    ("read_store", &database),
                    ("key_store", &keys),
                ]
                .map(|(store, database)| format!("server.{store} = \"{}\"", database.url()))
                .join("\n");
                let settings = format!("{stores}\n{more}");
                let server = Self::real(program, folder(common)?, &settings).await?;
                Ok(server.on(vec![database, keys]))
            }
        }
    }

    /// The real one, on fresh data, without limits of rates.
    async fn real(program: &Path, data: TempDir, more: &str) -> Result<Self, Failure> {
        let settings = format!(
            "admin.email = \"{ADMIN_EMAIL}\"\nadmin.password = \"{ADMIN_PASSWORD}\"\n\
             auth.argon2_memory = \"64KiB\"\nauth.argon2_iterations = 1\n\
             limits.login_per_minute = 0\nlimits.code_misses_per_minute = 0\n\
             limits.requests_per_minute = 0\nlimits.messages_per_minute = 0\n\
             consultation.max_active = 100\nlive.ping_interval = \"10m\"\n\
             server.log = \"warn\"\n{more}\n"
        );
        let file = data.path().join("bench.toml");
        std::fs::write(&file, settings)?;
        let mut command = Command::new(program);
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data.path())
            .arg("--config")
            .arg(file);
        Self::start(command, Some(data)).await
    }

    /// The baseline, on a fresh database of the PostgreSQL server that was named.
    pub async fn baseline(common: &Common, folder: &Path) -> Result<Self, Failure> {
        if !folder.join("node_modules").exists() {
            return Err(Failure::Asked(format!(
                "what the baseline needs is not installed: npm ci --prefix {}",
                folder.display()
            )));
        }
        let database = fresh_database(common).await?;
        let mut command = Command::new("node");
        command
            .arg(folder.join("server.js"))
            .env("NODE_ENV", "production")
            .env("DATABASE_URL", database.url())
            .env("JWT_SECRET", "only-for-benchmarks")
            .env("PASSWORD_COST", "16");
        Ok(Self::start(command, None).await?.on(vec![database]))
    }

    /// The same with databases of its own, dropped with it.
    fn on(self, databases: Vec<Database>) -> Self {
        Self {
            _databases: databases,
            ..self
        }
    }

    /// The bare one.
    pub async fn bare() -> Result<Self, Failure> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("bare");
        Self::start(command, None).await
    }

    async fn start(mut command: Command, data: Option<TempDir>) -> Result<Self, Failure> {
        let program = command.as_std().get_program().to_owned();
        let failed = |reason: String| {
            Failure::Asked(format!("{} does not start: {reason}", program.display()))
        };
        let mut child = command
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|cause| failed(cause.to_string()))?;
        let stdout = child.stdout.take().ok_or_else(|| failed("mute".into()))?;
        let mut lines = BufReader::new(stdout).lines();
        let listening = async {
            while let Some(line) = lines.next_line().await? {
                if let Some(address) = line.strip_prefix("listening on http://") {
                    return Ok::<_, std::io::Error>(address.parse().ok());
                }
            }
            Ok(None)
        };
        let address = timeout(START, listening)
            .await
            .map_err(|_| failed("it takes too long".into()))??
            .ok_or_else(|| failed("it ended".into()))?;
        Ok(Self {
            child,
            address,
            _data: data,
            _databases: Vec::new(),
        })
    }

    /// Its memory, in bytes.
    pub fn memory(&self) -> Result<u64, Failure> {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.process()?))?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
        kib.map(|kib| kib * 1024)
            .ok_or_else(|| Failure::Report("no VmRSS in its status".to_owned()))
    }

    /// The processor time that it has used, by all its threads.
    pub fn processor_time(&self) -> Result<Duration, Failure> {
        meter::processor_time(&self.process()?)
    }

    fn process(&self) -> Result<String, Failure> {
        let id = self.child.id();
        let id = id.ok_or_else(|| Failure::Wrong("the server ended".to_owned()))?;
        Ok(id.to_string())
    }
}
