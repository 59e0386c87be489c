//! What Engine.IO asks of a server beside talking: one request at a time, the way to a WebSocket and
//! back, limits, floods, and an end that is told.

use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tests::{Place, Process, TestApp, User, eventually};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

use super::io::Io;
use super::protocol::{Polls, get};
use super::{meets, says};

#[tokio::test(flavor = "multi_thread")]
async fn two_polls_at_once_end_the_client() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    let polls = Polls::open(&mina).await;
    let path = polls.path();
    let (first, second) = tokio::join!(get(&mina, &path), get(&mina, &path));
    let mut statuses = [first.0, second.0];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400]);
    assert_eq!(get(&mina, &path).await.0, 400, "it is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_hangs_up_in_the_middle_of_a_poll_is_gone() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    let jun = User::new(&server.client, "준").await;
    meets(&mina, &jun).await;
    let mut juns = Io::of(&jun).await;
    juns.asks("room:leave", json!({})).await;
    let polls = Polls::open(&mina).await;
    polls.enters(&mina).await;
    juns.expect("user:online").await;
    let request = format!("GET {} HTTP/1.1\r\nhost: x\r\n\r\n", polls.path());
    // A request that ends before anybody has looked at it tells nothing.
    eventually("it is gone", || async {
        let address = server.client.address;
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        drop(stream);
        (server.app().hub.subscribers() == 1).then_some(())
    })
    .await;
    juns.expect("user:offline").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_posted_is_limited_and_has_to_be_packets() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    for (body, status) in [
        ("a".repeat(70_000), 413),
        ("2".to_owned(), 400),
        (String::new(), 400),
        ("b!".to_owned(), 400),
        ("bAAAA".to_owned(), 400),
        ("40/chat,{}\u{1e}\u{1e}".to_owned(), 400),
        ("7".to_owned(), 400),
    ] {
        let polls = Polls::open(&mina).await;
        let begins: String = body.chars().take(20).collect();
        assert_eq!(polls.post(body).await, status, "{begins}");
        assert_eq!(get(&mina, &polls.path()).await.0, 400, "it is gone");
    }
    let polls = Polls::open(&mina).await;
    let request = mina.client.request("POST", &polls.path());
    let answer = mina.client.send(request.body(vec![0xff, 0xfe])).await;
    assert_eq!(answer.status, 400);
    for method in ["PUT", "DELETE", "PATCH"] {
        let polls = Polls::open(&mina).await;
        let request = mina.client.request(method, &polls.path());
        assert_eq!(mina.client.send(request).await.status, 400, "{method}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_whose_websocket_does_not_work_polls_on() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    let jun = User::new(&server.client, "준").await;
    let room = meets(&mina, &jun).await;
    let polls = Polls::open(&mina).await;
    polls.enters(&mina).await;
    for (first, second) in [("2probe", "x"), ("hello", "5"), ("2probe", "")] {
        let (mut socket, _) = connect_async(polls.websocket()).await.unwrap();
        socket.send(Message::Text(first.into())).await.unwrap();
        if first == "2probe" {
            let pong = socket.next().await.unwrap().unwrap();
            assert_eq!(pong.into_text().unwrap().as_str(), "3probe");
            socket.send(Message::Text(second.into())).await.unwrap();
        }
        while let Some(Ok(_)) = socket.next().await {}
    }
    says(&jun, &room, "들려?").await;
    let heard = polls.until("42/chat,[\"message:new\"").await;
    assert!(heard.contains("들려?"), "{heard}");
    // One that works is the only one.
    let (mut socket, _) = connect_async(polls.websocket()).await.unwrap();
    socket.send(Message::Text("2probe".into())).await.unwrap();
    socket.next().await.unwrap().unwrap();
    let (mut other, _) = connect_async(polls.websocket()).await.unwrap();
    other.send(Message::Text("2probe".into())).await.unwrap();
    assert!(!matches!(other.next().await, Some(Ok(Message::Text(_)))));
    socket.send(Message::Text("5".into())).await.unwrap();
    says(&jun, &room, "이제는?").await;
    loop {
        let text = socket.next().await.unwrap().unwrap().into_text().unwrap();
        if text.contains("이제는?") {
            break;
        }
    }
    assert_eq!(get(&mina, &polls.path()).await.0, 400, "it polls no more");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_packets_harms_its_connection_alone() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    let jun = User::new(&server.client, "준").await;
    let room = meets(&mina, &jun).await;
    let mut juns = Io::of(&jun).await;
    let mut io = Io::open(&server.client).await;
    // Nobody reads the answers: it is ended once they fill its place.
    for number in 0..10_000 {
        if !io.tries_to_send(&format!("40/nowhere-{number},")).await {
            break;
        }
    }
    io.gone_by_itself().await;
    let nested = format!(
        "42/chat,[\"message:send\",{}{}]",
        "[".repeat(30_000),
        "]".repeat(30_000)
    );
    for text in [
        nested.as_str(),
        "42/chat,99999999999999999999999[\"message:send\",{}]",
        "42/chat,-1[\"message:send\",{}]",
        "43/chat,99999999999999999999999[]",
        "6999999999-/chat,1[]",
    ] {
        let mut io = Io::of(&mina).await;
        io.tries_to_send(text).await;
        io.tries_to_send("42/chat,[7]").await;
        io.gone_by_itself().await;
    }
    // An answer that nobody asked for is none.
    let mut minas = Io::of(&mina).await;
    minas.send("43/chat,7[]").await;
    minas.send("43/chat,9223372036854775807[]").await;
    let message = json!({"roomId": room, "content": "아직 여기"});
    assert_eq!(minas.asks("message:send", message).await["ok"], true);
    assert_eq!(juns.expect("message:new").await["content"], "아직 여기");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_goes_down_says_so_and_its_clients_may_come_again() {
    let place = Place::new().await;
    let server = Process::start(&place, "").await;
    let mina = User::new(&server.client, "민아").await;
    let mut io = Io::of(&mina).await;
    io.asks("room:leave", json!({})).await;
    let polls = Polls::open(&mina).await;
    polls.enters(&mina).await;
    let poll = tokio::spawn({
        let (user, path) = (mina.clone(), polls.path());
        async move { get(&user, &path).await }
    });
    eventually("the poll waits", || async {
        let metrics = server.client.get("/metrics", None).await.body;
        let waits = metrics.as_str().unwrap().contains("maeum_polls_waiting 1");
        waits.then_some(())
    })
    .await;
    let terminated = tokio::spawn(server.terminate());
    // The transport ends; a `disconnect` packet would keep a stock client from coming again.
    assert_eq!(io.close_code().await, Some(1001));
    let (status, text) = poll.await.unwrap();
    assert_eq!((status, text.as_str()), (200, "1"));
    assert_eq!(terminated.await.unwrap(), Some(0));
    let server = Process::start(&place, "").await;
    let mina = User {
        client: server.client.clone(),
        ..mina
    };
    let mut io = Io::of(&mina).await;
    assert_eq!(io.asks("room:join", json!({})).await["ok"], true);
}
