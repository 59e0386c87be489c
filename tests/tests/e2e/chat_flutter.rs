//! The chat dialect as a Dart program calls it: the bytes that its HTTP and WebSocket packages put
//! on the wire, trailing slashes and content types included.

use serde_json::{Value, json};
use tests::{TestApp, User};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

/// Sends a request as it stands, and gives the status and the body of the answer.
async fn exchange(server: &TestApp, head: &str, body: &[u8]) -> (u16, Value) {
    let mut stream = TcpStream::connect(server.client.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    let mut answer = Vec::new();
    let mut buffer = [0; 4_096];
    loop {
        let end = find(&answer, b"\r\n\r\n");
        if let Some(end) = end {
            let head = String::from_utf8(answer[..end].to_vec()).unwrap();
            let length = header(&head, "content-length").expect("a length");
            let length: usize = length.parse().unwrap();
            if answer.len() >= end + 4 + length {
                let status = head.split(' ').nth(1).unwrap().parse().unwrap();
                let body = serde_json::from_slice(&answer[end + 4..]).unwrap();
                return (status, body);
            }
        }
        let count = stream.read(&mut buffer).await.unwrap();
        assert_ne!(count, 0, "the answer broke off");
        answer.extend_from_slice(&buffer[..count]);
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|part| part == wanted)
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (known, value) = line.split_once(':')?;
        known.eq_ignore_ascii_case(name).then_some(value.trim())
    })
}

/// What Dart's client puts before a body of JSON text. It adds the character set by itself.
fn dart_head(user: &User, method: &str, path: &str, length: usize) -> String {
    let content_type = if method == "GET" {
        "application/json"
    } else {
        "application/json; charset=utf-8"
    };
    with_type(user, method, path, content_type, length)
}

fn with_type(user: &User, method: &str, path: &str, content_type: &str, length: usize) -> String {
    let length = if method == "GET" {
        String::new()
    } else {
        format!("content-length: {length}\r\n")
    };
    format!(
        "{method} {path} HTTP/1.1\r\n\
         user-agent: Dart/3.9 (dart:io)\r\n\
         content-type: {content_type}\r\n\
         accept-encoding: gzip\r\n\
         {length}\
         authorization: Bearer {}\r\n\
         host: localhost:{}\r\n\r\n",
        user.token,
        user.client.address.port(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_of_rooms_is_fetched_with_a_content_type_and_no_body() {
    let server = TestApp::start().await;
    let jiwoo = User::new(&server.client, "한지우").await;
    let seojun = User::new(&server.client, "이서준").await;
    let room = jiwoo.meets(&seojun).await;
    let head = dart_head(&jiwoo, "GET", "/chat/rooms/", 0);
    let (status, body) = exchange(&server, &head, b"").await;
    assert_eq!((status, &body["rooms"][0]["room_id"]), (200, &json!(room)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_posted_as_compact_json_in_utf_8() {
    let server = TestApp::start().await;
    let jiwoo = User::new(&server.client, "한지우").await;
    let seojun = User::new(&server.client, "이서준").await;
    let room = jiwoo.meets(&seojun).await;
    let body = r#"{"message_content":"점심 먹었어요? 😊","message_type":"text"}"#;
    let path = format!("/chat/rooms/{room}/messages/");
    let head = dart_head(&jiwoo, "POST", &path, body.len());
    let (status, row) = exchange(&server, &head, body.as_bytes()).await;
    assert_eq!(status, 201, "{row}");
    assert_eq!(row["message_content"], "점심 먹었어요? 😊");
    assert_eq!(seojun.reads(room).await, [row]);
}

#[tokio::test(flavor = "multi_thread")]
async fn json_that_goes_by_plain_text_is_json_all_the_same() {
    let server = TestApp::start().await;
    let jiwoo = User::new(&server.client, "한지우").await;
    let seojun = User::new(&server.client, "이서준").await;
    let room = jiwoo.meets(&seojun).await;
    let plain = "text/plain; charset=utf-8";
    let call = async |method: &str, path: String, body: Value| {
        let body = body.to_string();
        let head = with_type(&jiwoo, method, &path, plain, body.len());
        exchange(&server, &head, body.as_bytes()).await
    };
    let messages = format!("/chat/rooms/{room}/messages/");
    let text = json!({"message_content": "평문", "message_type": "text"});
    let (status, row) = call("POST", messages.clone(), text).await;
    assert_eq!(status, 201);
    let message = format!("{messages}{}/", row["message_id"]);
    let words = json!({"message_content": "고친 평문"});
    assert_eq!(call("PUT", message.clone(), words).await.0, 200);
    let read = format!("/chat/rooms/{room}/read/");
    assert_eq!(call("POST", read, json!({})).await.0, 200);
    let settings = format!("/chat/rooms/{room}/settings/");
    let quiet = json!({"notification_enabled": false, "read_receipt_enabled": true});
    assert_eq!(call("PUT", settings, quiet).await.0, 200);
    assert_eq!(call("DELETE", message, json!({})).await.0, 200);
    let group = json!({
        "room_name": "새 방", "room_type": "group", "room_description": "설명",
        "participant_ids": [seojun.id],
    });
    assert_eq!(call("POST", "/chat/rooms/".to_owned(), group).await.0, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_is_there_with_and_without_its_last_slash() {
    let server = TestApp::start().await;
    let jiwoo = User::new(&server.client, "한지우").await;
    let seojun = User::new(&server.client, "이서준").await;
    let room = jiwoo.meets(&seojun).await;
    let message = jiwoo.says("여기", room).await;
    for path in [
        "/chat/rooms".to_owned(),
        format!("/chat/rooms/{room}"),
        format!("/chat/rooms/{room}/participants"),
        format!("/chat/rooms/{room}/messages"),
        format!("/chat/rooms/{room}/messages/{message}/history"),
        format!("/chat/rooms/{room}/settings"),
        format!("/chat/rooms/{room}/online-status"),
    ] {
        let plain = jiwoo.get(&path).await.expect(200);
        let slashed = jiwoo.get(&format!("{path}/")).await.expect(200);
        assert_eq!(plain, slashed, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_is_opened_with_the_token_in_its_address_and_no_origin() {
    let server = TestApp::start().await;
    let jiwoo = User::new(&server.client, "한지우").await;
    let seojun = User::new(&server.client, "이서준").await;
    let room = jiwoo.meets(&seojun).await;
    let url = format!(
        "ws://{}/chat/ws/{room}?token={}",
        server.client.address, jiwoo.token
    );
    let mut request = url.into_client_request().unwrap();
    let headers = request.headers_mut();
    headers.insert("user-agent", "Dart/3.9 (dart:io)".parse().unwrap());
    headers.insert("cache-control", "no-cache".parse().unwrap());
    let offer = "permessage-deflate; client_max_window_bits";
    headers.insert("sec-websocket-extensions", offer.parse().unwrap());
    let mut socket = tests::Socket::open(request).await.unwrap();
    let frame = r#"{"type":"message","content":"소켓으로","message_type":"text"}"#;
    socket.send_text(frame).await;
    assert_eq!(socket.expect("message").await["content"], "소켓으로");
    socket.close().await;
    assert_eq!(seojun.reads(room).await.len(), 1);
}
