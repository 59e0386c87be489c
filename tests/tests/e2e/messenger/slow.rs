//! A client that does not read.

use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tests::{TestApp, User};
use tokio::net::TcpSocket;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;

use super::io::Io;
use super::protocol::Polls;
use super::{meets, sends};

/// How long somebody who is too slow may stay.
const PATIENCE: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_does_not_read_is_closed_and_costs_the_others_nothing() {
    let server =
        TestApp::with("live.queue_bytes = \"64KiB\"\nlimits.messages_per_minute = 0").await;
    let mina = User::new(&server.client, "민아").await;
    let jun = User::new(&server.client, "준").await;
    let room = meets(&mina, &jun).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4 * 1024).unwrap();
    let stream = socket.connect(server.client.address).await.unwrap();
    let url = format!(
        "ws://{}/socket.io/?EIO=4&transport=websocket",
        server.client.address
    );
    let (mut slow, _) = client_async(url, stream).await.unwrap();
    let auth = json!({"token": jun.token});
    slow.send(Message::Text(format!("40/chat,{auth}").into()))
        .await
        .unwrap();
    loop {
        let text = slow.next().await.unwrap().unwrap().into_text().unwrap();
        if text.starts_with("40/chat,") {
            break;
        }
    }
    let mut hears = Io::of(&jun).await;
    let text = "가".repeat(8_000);
    let app = server.app();
    let began = Instant::now();
    // As much as the kernel and the engine hold, and more.
    let (mut sent, mut too_slow_since) = (0, None);
    while app.hub.subscribers() > 1 {
        let body = json!({"content": text});
        sends(&mina, &room, body).await.expect(201);
        assert_eq!(hears.expect("message:new").await["content"], text);
        sent += 1;
        if too_slow_since.is_none() && server.has_lost_a_slow_reader().await {
            too_slow_since = Some(Instant::now());
        }
        let stays = too_slow_since.map_or(Duration::ZERO, |since: Instant| since.elapsed());
        assert!(stays < PATIENCE, "it is still there after {stays:?}");
        assert!(
            sent < 2_000 && began.elapsed().as_secs() < 60,
            "it is still there"
        );
    }
    drop(slow);
    let mut again = Io::of(&jun).await;
    assert_eq!(again.asks("room:join", json!({})).await["ok"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_polls_no_more_is_closed() {
    let server =
        TestApp::with("live.queue_bytes = \"64KiB\"\nlimits.messages_per_minute = 0").await;
    let mina = User::new(&server.client, "민아").await;
    let jun = User::new(&server.client, "준").await;
    let room = meets(&mina, &jun).await;
    let polls = Polls::open(&jun).await;
    polls.enters(&jun).await;
    let app = server.app();
    assert_eq!(app.hub.subscribers(), 1);
    let text = "가".repeat(8_000);
    let mut sent = 0;
    while app.hub.subscribers() > 0 {
        let body = json!({"content": text});
        sends(&mina, &room, body).await.expect(201);
        sent += 1;
        assert!(sent < 200, "it is still there");
    }
    // What it was not given comes with its next connection.
    let mut again = Io::of(&jun).await;
    let batch = again.expect("messages:offline").await;
    assert_eq!(batch.as_array().unwrap().len(), sent);
}
