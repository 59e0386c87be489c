//! The rules of Engine.IO 4 and Socket.IO 5, against the running server.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tests::{TestApp, User};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use super::io::{Came, Io};
use super::{meets, says};

const POLLING: &str = "/socket.io/?EIO=4&transport=polling";

/// A client that only polls.
pub struct Polls<'a> {
    user: &'a User,
    sid: String,
}

impl<'a> Polls<'a> {
    pub async fn open(user: &'a User) -> Self {
        let (status, text) = get(user, POLLING).await;
        assert_eq!(status, 200);
        let open: Value = serde_json::from_str(text.strip_prefix('0').unwrap()).unwrap();
        assert_eq!(open["upgrades"], json!(["websocket"]));
        assert!(open["pingInterval"].is_u64() && open["maxPayload"].is_u64());
        let sid = open["sid"].as_str().unwrap().to_owned();
        Self { user, sid }
    }

    pub fn path(&self) -> String {
        format!("{POLLING}&sid={}", self.sid)
    }

    pub async fn post(&self, body: impl Into<String>) -> u16 {
        let request = self.user.client.request("POST", &self.path());
        let answer = self.user.client.send(request.body(body.into())).await;
        answer.status
    }

    /// Where it goes over to a WebSocket.
    pub fn websocket(&self) -> String {
        let path = format!("/socket.io/?EIO=4&transport=websocket&sid={}", self.sid);
        format!("ws://{}{path}", self.user.client.address)
    }

    /// Comes into the namespace.
    pub async fn enters(&self, user: &User) {
        let auth = json!({"token": user.token});
        assert_eq!(self.post(format!("40/chat,{auth}")).await, 200);
        self.until("40/chat,{\"sid\":").await;
    }

    /// Packets until one begins so.
    pub async fn until(&self, start: &str) -> String {
        loop {
            let (status, text) = get(self.user, &self.path()).await;
            assert_eq!(status, 200, "{text}");
            for packet in text.split('\u{1e}') {
                if packet == "2" {
                    assert_eq!(self.post("3").await, 200);
                }
                if packet.starts_with(start) {
                    return packet.to_owned();
                }
            }
        }
    }
}

pub async fn get(user: &User, path: &str) -> (u16, String) {
    let request = user.client.request("GET", path).send().await.unwrap();
    (request.status().as_u16(), request.text().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_only_polls_talks_as_well() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    let jun = User::new(&server.client, "준").await;
    let room = meets(&mina, &jun).await;
    let polls = Polls::open(&mina).await;
    polls.enters(&mina).await;
    says(&jun, &room, "들려?").await;
    let heard = polls.until("42/chat,").await;
    assert!(heard.contains("들려?"), "{heard}");
    let message = json!(["message:send", {"roomId": room, "content": "응"}]);
    assert_eq!(polls.post(format!("42/chat,7{message}")).await, 200);
    let answer = polls.until("43/chat,7").await;
    assert!(answer.contains("\"ok\":true"), "{answer}");
    assert_eq!(polls.post("1").await, 200);
    let (status, _) = get(&mina, &polls.path()).await;
    assert_eq!(status, 400, "it has left");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_goes_over_to_a_websocket_and_misses_nothing() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    let jun = User::new(&server.client, "준").await;
    let room = meets(&mina, &jun).await;
    let polls = Polls::open(&mina).await;
    polls.enters(&mina).await;
    let (mut socket, _) = connect_async(polls.websocket()).await.unwrap();
    socket.send(Message::Text("2probe".into())).await.unwrap();
    let pong = socket.next().await.unwrap().unwrap();
    assert_eq!(pong.into_text().unwrap().as_str(), "3probe");
    says(&jun, &room, "들려?").await;
    socket.send(Message::Text("5".into())).await.unwrap();
    loop {
        let text = socket.next().await.unwrap().unwrap().into_text().unwrap();
        if text.starts_with("42/chat,") {
            assert!(text.contains("들려?"), "{text}");
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_handshake_is_refused() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    for (path, code) in [
        ("/socket.io/?EIO=3&transport=polling", json!(5)),
        ("/socket.io/?transport=polling", json!(5)),
        ("/socket.io/?EIO=4", json!(0)),
        ("/socket.io/?EIO=4&transport=carrier-pigeon", json!(0)),
        ("/socket.io/?EIO=4&transport=polling&sid=unknown", json!(1)),
        ("/socket.io/", json!(0)),
    ] {
        let (status, text) = get(&mina, path).await;
        assert_eq!(status, 400, "{path}: {text}");
        let error: Value = serde_json::from_str(&text).unwrap_or_default();
        assert_eq!(error["code"], code, "{path}: {text}");
    }
    let request = mina.client.request("POST", POLLING);
    assert_eq!(mina.client.send(request.body("x")).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_foreign_origins_are_refused_over_either_transport() {
    let server = TestApp::with("auth.allowed_origins = [\"https://app.example.com\"]").await;
    let mina = User::new(&server.client, "민아").await;
    let host = format!("http://{}", server.client.address);
    for (origin, status) in [
        ("https://evil.example", 403),
        ("null", 403),
        ("https://app.example.com.evil.example", 403),
        ("https://app.example.com", 200),
        (host.as_str(), 200),
    ] {
        let request = mina.client.request("GET", POLLING);
        let answer = mina.client.send(request.header("origin", origin)).await;
        assert_eq!(answer.status, status, "{origin}");
        let url = format!(
            "ws://{}/socket.io/?EIO=4&transport=websocket",
            mina.client.address
        );
        let mut request = url.into_client_request().unwrap();
        request
            .headers_mut()
            .insert("origin", origin.parse().unwrap());
        assert_eq!(
            connect_async(request).await.is_ok(),
            status == 200,
            "{origin}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_namespaces_are_unknown_and_asking_twice_changes_nothing() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    let mut io = Io::open(&server.client).await;
    for namespace in ["", "/admin,", "/chatter,", "/é,"] {
        io.send(&format!("40{namespace}")).await;
        let Came::Refused(_) = io.next().await else {
            panic!("{namespace}");
        };
    }
    let mut io = Io::of(&mina).await;
    io.send(&format!("40/chat,{}", json!({"token": "x"}))).await;
    io.send("40/chat,").await;
    assert_eq!(io.asks("room:join", json!({})).await["ok"], true);
    // Out of the namespace and in again on the same connection.
    io.send("41/chat,").await;
    io.send(&format!("40/chat,{}", json!({"token": mina.token})))
        .await;
    assert_eq!(io.next().await, Came::Connected);
    assert_eq!(io.asks("room:join", json!({})).await["ok"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_the_protocol_ends_its_connection_and_no_other() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    let mut other = Io::of(&mina).await;
    let deep = format!(
        "42/chat,[\"message:send\",{}{}]",
        "[".repeat(5_000),
        "]".repeat(5_000)
    );
    for text in [
        "42/chat,{}",
        "42/chat,",
        "42/chat,[]",
        "42/chat,[7]",
        "42/chat,[\"message:send\"",
        "4",
        "49",
        "4é",
        "abc",
        "",
        "42[\"message:send\",{}]",
        "44/chat,{}",
        "45/chat,[]",
        "4599999999999-/chat,[\"x\"]",
        "451-/chat,[\"x\",{\"_placeholder\":true,\"num\":0}]\u{0}",
        deep.as_str(),
    ] {
        let mut io = Io::of(&mina).await;
        io.send(text).await;
        // An attachment that never comes is not waited for with anything else.
        io.send_raw(Message::Text("42/chat,[7]".into())).await;
        io.gone().await;
    }
    let large = format!("42/chat,[\"message:send\",\"{}\"]", "a".repeat(70_000));
    let mut io = Io::of(&mina).await;
    io.send_raw(Message::Text(large.into())).await;
    io.gone().await;
    let mut io = Io::of(&mina).await;
    io.send_raw(Message::Binary(vec![0; 10].into())).await;
    io.gone().await;
    // An event before the namespace was asked for.
    let mut io = Io::open(&server.client).await;
    io.send("42/chat,[\"message:send\",{}]").await;
    io.gone().await;
    assert_eq!(other.asks("room:join", json!({})).await["ok"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_attachments_are_not_waited_for() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    for count in [9, 10_001] {
        let mut io = Io::of(&mina).await;
        io.send(&format!("45{count}-/chat,[\"message:send\"]"))
            .await;
        io.gone().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_answers_no_heartbeat_is_given_up() {
    let server = TestApp::with("live.ping_interval = \"1s\"").await;
    let mina = User::new(&server.client, "민아").await;
    let jun = User::new(&server.client, "준").await;
    meets(&mina, &jun).await;
    let mut juns = Io::of(&jun).await;
    juns.asks("room:leave", json!({})).await;
    let mut minas = Io::of(&mina).await;
    minas.is_alive = false;
    juns.expect("user:online").await;
    // Whoever answers goes on answering meanwhile.
    tokio::join!(minas.gone(), juns.expect("user:offline"));
}
