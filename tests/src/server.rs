//! A server of a test's own: the real router on a real socket, the real store in a folder.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use api::clock::{Clock, SystemClock};
use serde::Serialize;
use serde_json::Value;
use test_support::Place;

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
    pub place: Place,
    settings: String,
}

impl TestApp {
    pub async fn start() -> Self {
        Self::with("").await
    }

    /// With further settings, as lines of TOML.
    pub async fn with(settings: &str) -> Self {
        let place = Place::new().await;
        let clock = Arc::new(TestClock::default());
        let (running, client) = run(&place, settings, &clock).await;
        let settings = settings.to_owned();
        Self {
            running: Some(running),
            client,
            clock,
            place,
            settings,
        }
    }

    /// Stops in order and starts again on the same data.
    pub async fn restart(&mut self) {
        self.go_down().await;
        self.come_up().await;
    }

    /// Stops in order.
    pub async fn go_down(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
    }

    /// Starts again after [`go_down`](Self::go_down).
    pub async fn come_up(&mut self) {
        let (running, client) = run(&self.place, &self.settings, &self.clock).await;
        self.running = Some(running);
        self.client = client;
    }

    pub fn app(&self) -> &Arc<api::App> {
        &self.running.as_ref().unwrap().app
    }

    /// Whether a connection was ended because it read too slowly.
    pub async fn has_lost_a_slow_reader(&self) -> bool {
        let metrics = self.client.get("/metrics", None).await.body;
        let metrics = metrics.as_str().unwrap();
        metrics.contains("maeum_connections_too_slow_total 1")
    }
}

/// Settings that make tests quick, where the stores are, and those that the test adds.
pub fn settings_file(place: &Place, more: &str) -> PathBuf {
    let file = place.data().join("test.toml");
    let stores = place.settings();
    let text = format!(
        "admin.email = \"{ADMIN_EMAIL}\"\nadmin.password = \"{ADMIN_PASSWORD}\"\n\
         auth.argon2_memory = \"64KiB\"\nauth.argon2_iterations = 1\n\
         limits.login_per_minute = 0\n{stores}{more}\n"
    );
    std::fs::write(&file, text).unwrap();
    file
}

async fn run(place: &Place, more: &str, clock: &Arc<TestClock>) -> (api::Running, Client) {
    let file = settings_file(place, more);
    let settings =
        api::settings::Settings::for_tests(&place.data(), &file).expect("the settings are fine");
    let clock: Arc<dyn Clock> = Arc::clone(clock) as _;
    let running = api::start(settings, clock)
        .await
        .expect("the server starts");
    let client = Client::new(running.addresses[0]);
    (running, client)
}
