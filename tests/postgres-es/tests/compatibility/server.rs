//! Our server as a process of its own on PostgreSQL, and as much HTTP as it takes to talk to it.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{Instant, timeout};

/// How long a start, an end, an answer or anything that is waited for may take.
const DEADLINE: Duration = Duration::from_secs(30);
pub const ADMIN: (&str, &str) = ("admin@example.com", "only-for-tests");

/// A running server, with its log in a database and its keys in a folder.
pub struct Server {
    child: Child,
    address: SocketAddr,
    _folder: TempDir,
}

impl Server {
    /// On a database without tables.
    pub async fn start(event_store: &str) -> Self {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/debug/maeum");
        assert!(program.exists(), "maeum is not built: cargo build -p api");
        let folder = tempfile::tempdir().unwrap();
        let (data, settings) = (folder.path().join("data"), folder.path().join("test.toml"));
        let text = format!(
            "admin.email = \"{}\"\nadmin.password = \"{}\"\nauth.argon2_memory = \"64KiB\"\n\
             auth.argon2_iterations = 1\nlimits.login_per_minute = 0\n",
            ADMIN.0, ADMIN.1
        );
        std::fs::write(&settings, text).unwrap();
        let keys = format!("sqlite://{}", folder.path().join("keys.db").display());
        let mut child = Command::new(program)
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--event-store",
                event_store,
            ])
            .args(["--key-store", &keys, "--data"])
            .arg(data)
            .arg("--config")
            .arg(settings)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let listening = async {
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
        };
        let address = timeout(DEADLINE, listening)
            .await
            .expect("the server starts in time");
        Self {
            child,
            address,
            _folder: folder,
        }
    }

    /// Ends it in order.
    pub async fn stop(mut self) {
        let pid = self.child.id().unwrap().to_string();
        assert!(
            Command::new("kill")
                .arg(pid)
                .status()
                .await
                .unwrap()
                .success()
        );
        let ended = timeout(DEADLINE, self.child.wait()).await;
        let status = ended.expect("the server stops in time").unwrap();
        assert!(status.success(), "{status}");
    }

    /// The body of an answer with this status.
    pub async fn ask(
        &self,
        (method, path): (&str, &str),
        token: Option<&str>,
        body: Value,
        expected: u16,
    ) -> Value {
        let (status, text) = timeout(DEADLINE, self.exchange((method, path), token, &body))
            .await
            .expect("the server answers in time");
        assert_eq!(status, expected, "{method} {path}: {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    pub async fn get(&self, path: &str, token: Option<&str>) -> Value {
        self.ask(("GET", path), token, json!({}), 200).await
    }

    /// Asks again until there is what was waited for.
    pub async fn get_until<T>(
        &self,
        path: &str,
        token: Option<&str>,
        find: impl Fn(&Value) -> Option<T>,
    ) -> T {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let answer = self.get(path, token).await;
            if let Some(found) = find(&answer) {
                return found;
            }
            assert!(Instant::now() < deadline, "in vain: {path}: {answer}");
        }
    }

    async fn exchange(
        &self,
        (method, path): (&str, &str),
        token: Option<&str>,
        body: &Value,
    ) -> (u16, String) {
        let body = if method == "GET" {
            String::new()
        } else {
            body.to_string()
        };
        let token = token.map_or(String::new(), |it| {
            format!("Authorization: Bearer {it}\r\n")
        });
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{token}\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        assert!(!head.to_lowercase().contains("transfer-encoding"), "{head}");
        (status_of(head), body.to_owned())
    }

    /// A WebSocket that is opened and listened to by nobody, until it is dropped.
    pub async fn socket(&self, path: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            self.address
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        assert_eq!(status_of(&String::from_utf8_lossy(&head)), 101);
        stream
    }
}

fn status_of(head: &str) -> u16 {
    head.split(' ')
        .nth(1)
        .and_then(|word| word.parse().ok())
        .expect("a status")
}
