//! A server of a test's own: the real router on a real socket, the real store in a folder.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use api::clock::{Clock, SystemClock};
use serde::Serialize;
use serde_json::Value;
use tempfile::TempDir;

use crate::socket::Socket;

pub const ADMIN_EMAIL: &str = "admin@example.com";
pub const ADMIN_PASSWORD: &str = "only-for-tests";

/// A clock that runs, and that a test can put forward.
#[derive(Default)]
pub struct TestClock {
    ahead_us: AtomicI64,
}

impl TestClock {
    pub fn forward(&self, by: std::time::Duration) {
        let by = i64::try_from(by.as_micros()).unwrap();
        self.ahead_us.fetch_add(by, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now_us(&self) -> i64 {
        SystemClock.now_us() + self.ahead_us.load(Ordering::SeqCst)
    }
}

/// An HTTP client of one server.
#[derive(Clone)]
pub struct Client {
    pub address: SocketAddr,
    http: reqwest::Client,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
}

impl Answer {
    /// The body, if the status is the one expected.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    /// The log position that the answer names.
    #[track_caller]
    pub fn position(&self) -> u64 {
        self.headers["x-position"]
            .to_str()
            .unwrap()
            .parse()
            .unwrap()
    }
}

impl Client {
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            http: reqwest::Client::new(),
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A request to be completed by a test that needs more than the verbs below.
    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method.parse().unwrap(), self.url(path))
    }

    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        self.try_send(request).await.expect("the server answers")
    }

    pub async fn try_send(&self, request: reqwest::RequestBuilder) -> reqwest::Result<Answer> {
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await?;
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Ok(Answer {
            status,
            headers,
            body,
        })
    }

    fn with_token(&self, method: &str, path: &str, token: Option<&str>) -> reqwest::RequestBuilder {
        let request = self.request(method, path);
        match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub async fn get(&self, path: &str, token: Option<&str>) -> Answer {
        self.send(self.with_token("GET", path, token)).await
    }

    pub async fn post(&self, path: &str, token: Option<&str>, body: impl Serialize) -> Answer {
        self.send(self.with_token("POST", path, token).json(&body))
            .await
    }

    pub async fn put(&self, path: &str, token: Option<&str>, body: impl Serialize) -> Answer {
        self.send(self.with_token("PUT", path, token).json(&body))
            .await
    }

    pub async fn patch(&self, path: &str, token: Option<&str>, body: impl Serialize) -> Answer {
        self.send(self.with_token("PATCH", path, token).json(&body))
            .await
    }

    pub async fn socket(&self, path: &str) -> Socket {
        Socket::connect(&format!("ws://{}{path}", self.address)).await
    }
}

/// A server inside the test's process.
pub struct TestApp {
    running: Option<api::Running>,
    pub client: Client,
    pub clock: Arc<TestClock>,
    pub directory: TempDir,
    settings: String,
}

impl TestApp {
    pub async fn start() -> Self {
        Self::with("").await
    }

    /// With further settings, as lines of TOML.
    pub async fn with(settings: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(TestClock::default());
        let (running, client) = run(directory.path(), settings, &clock).await;
        let settings = settings.to_owned();
        Self {
            running: Some(running),
            client,
            clock,
            directory,
            settings,
        }
    }

    /// Stops in order and starts again on the same data.
    pub async fn restart(&mut self) {
        self.restart_after(|_| ()).await;
    }

    /// Stops, lets something be done to the data, and starts again.
    pub async fn restart_after(&mut self, between: impl FnOnce(&Path)) {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
        between(self.directory.path());
        let (running, client) = run(self.directory.path(), &self.settings, &self.clock).await;
        self.running = Some(running);
        self.client = client;
    }

    /// Stops, and leaves the data to be looked at.
    pub async fn stop(mut self) -> TempDir {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
        self.directory
    }

    pub fn app(&self) -> &Arc<api::App> {
        &self.running.as_ref().unwrap().app
    }
}

/// Settings that make tests quick, and those that the test adds.
pub fn settings_file(data: &Path, more: &str) -> std::path::PathBuf {
    let file = data.join("test.toml");
    let text = format!(
        "admin.email = \"{ADMIN_EMAIL}\"\nadmin.password = \"{ADMIN_PASSWORD}\"\n\
         auth.argon2_memory = \"64KiB\"\nauth.argon2_iterations = 1\n\
         limits.login_per_minute = 0\n{more}\n"
    );
    std::fs::write(&file, text).unwrap();
    file
}

async fn run(data: &Path, more: &str, clock: &Arc<TestClock>) -> (api::Running, Client) {
    let file = settings_file(data, more);
    let settings = api::settings::Settings::for_tests(data, &file).expect("the settings are fine");
    let clock: Arc<dyn Clock> = Arc::clone(clock) as _;
    let running = api::start(settings, clock)
        .await
        .expect("the server starts");
    let client = Client::new(running.addresses[0]);
    (running, client)
}
