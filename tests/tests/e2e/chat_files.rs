//! Files in messages of the chat dialect: sent as Dart's forms, seen, fetched, and taken back.

use serde_json::{Value, json};
use tests::{Answer, TestApp, User};

/// A picture of one orange point.
const PICTURE: [u8; 69] = [
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52,
    0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x02, 0x00, 0x00, 0x00, 0x90, 0x77, 0x53,
    0xde, 0x00, 0x00, 0x00, 0x0c, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0xf8, 0xdf, 0xc0, 0x00,
    0x00, 0x04, 0x01, 0x01, 0x80, 0xc5, 0x2a, 0x18, 0x5d, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e,
    0x44, 0xae, 0x42, 0x60, 0x82,
];

const BOUNDARY: &str = "dart-http-boundary-6b3Zf-q8sYtJ4nVx0cLrK2mWgPu1eAoH9dSiTzNfBvXyQjM5lE7";

/// A form as Dart's `MultipartRequest` writes it.
fn dart_form(fields: &[(&str, &str)], file: Option<(&str, &[u8])>) -> Vec<u8> {
    let mut form = Vec::new();
    for (name, value) in fields {
        form.extend(format!("--{BOUNDARY}\r\n").bytes());
        form.extend(format!("content-disposition: form-data; name=\"{name}\"\r\n").bytes());
        if !value.is_ascii() {
            form.extend(b"content-type: text/plain; charset=utf-8\r\n");
            form.extend(b"content-transfer-encoding: binary\r\n");
        }
        form.extend(format!("\r\n{value}\r\n").bytes());
    }
    if let Some((name, bytes)) = file {
        form.extend(format!("--{BOUNDARY}\r\n").bytes());
        form.extend(b"content-type: application/octet-stream\r\n");
        form.extend(b"content-disposition: form-data; name=\"file\"; ");
        form.extend(format!("filename=\"{name}\"\r\n\r\n").bytes());
        form.extend(bytes);
        form.extend(b"\r\n");
    }
    form.extend(format!("--{BOUNDARY}--\r\n").bytes());
    form
}

async fn sends(user: &User, room: u64, headers: &[(&str, &str)], form: Vec<u8>) -> Answer {
    let path = format!("/chat/rooms/{room}/messages/");
    let content_type = format!("multipart/form-data; boundary={BOUNDARY}");
    let mut request = user.client.request("POST", &path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request
        .header("content-type", content_type)
        .bearer_auth(&user.token)
        .body(form);
    user.client.send(request).await
}

async fn fetches(user: &User, row: &Value) -> (u16, Vec<u8>) {
    let path = row["file_url"].as_str().unwrap();
    let request = user.client.request("GET", path).bearer_auth(&user.token);
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    (status, response.bytes().await.unwrap().to_vec())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_is_sent_with_its_words_and_seen_by_the_room_alone() {
    let server = TestApp::start().await;
    let jiwoo = User::new(&server.client, "한지우").await;
    let seojun = User::new(&server.client, "이서준").await;
    let stranger = User::new(&server.client, "남").await;
    let room = jiwoo.meets(&seojun).await;
    let mut socket = seojun.enters(room).await;
    let fields = [("message_content", "노을이에요"), ("message_type", "image")];
    let form = dart_form(&fields, Some(("sunset.png", &PICTURE)));
    let row = sends(&jiwoo, room, &[], form).await.expect(201);
    assert_eq!(
        (&row["message_content"], &row["message_type"]),
        (&json!("노을이에요"), &json!("image"))
    );
    assert_eq!(row["file_name"], "sunset.png");
    assert!(row["file_size"].as_u64().unwrap() > 0);
    assert_eq!(seojun.reads(room).await, std::slice::from_ref(&row));
    let heard = socket.expect("message").await;
    for field in ["file_url", "file_name", "file_size"] {
        assert_eq!(heard[field], row[field]);
    }
    let (status, bytes) = fetches(&seojun, &row).await;
    assert_eq!(status, 200);
    assert!(bytes.starts_with(b"\x89PNG"));
    assert_eq!(bytes.len() as u64, row["file_size"].as_u64().unwrap());
    assert_eq!(fetches(&stranger, &row).await.0, 404);

    let message = format!("/chat/rooms/{room}/messages/{}", row["message_id"]);
    let deleted = jiwoo.delete(&message).await.expect(200);
    assert_eq!(deleted["file_url"], Value::Null);
    assert_eq!(fetches(&seojun, &row).await.0, 410);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_needs_no_words_and_its_name_stands_for_them() {
    let server = TestApp::start().await;
    let jiwoo = User::new(&server.client, "한지우").await;
    let seojun = User::new(&server.client, "이서준").await;
    let room = jiwoo.meets(&seojun).await;
    let form = dart_form(&[], Some(("notes.txt", b"only words")));
    let row = sends(&jiwoo, room, &[], form).await.expect(201);
    assert_eq!(
        (&row["message_type"], &row["message_content"]),
        (&json!("file"), &json!(""))
    );
    assert_eq!(fetches(&seojun, &row).await, (200, b"only words".to_vec()));
    assert_eq!(
        seojun.lists(room).await.unwrap()["last_message"],
        "notes.txt"
    );
    // A form without a file is a message too.
    let form = dart_form(&[("message_content", "말만")], None);
    let row = sends(&jiwoo, room, &[], form).await.expect(201);
    assert_eq!(
        (&row["message_type"], &row["file_url"]),
        (&json!("text"), &Value::Null)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_form_says_wrong_is_named() {
    let server = TestApp::start().await;
    let jiwoo = User::new(&server.client, "한지우").await;
    let seojun = User::new(&server.client, "이서준").await;
    let room = jiwoo.meets(&seojun).await;
    let file = Some(("notes.txt", &b"words"[..]));
    for (fields, file, field) in [
        (vec![], None, "message_content"),
        (vec![("message_type", "video")], file, "message_type"),
        (
            vec![("reply_to_message_id", "x")],
            file,
            "reply_to_message_id",
        ),
        (vec![("message_type", "text")], file, "message_type"),
    ] {
        let form = dart_form(&fields, file);
        let refused = sends(&jiwoo, room, &[], form).await.expect(422);
        assert_eq!(refused["detail"][0]["loc"][1], field, "{refused}");
    }
    let form = dart_form(&[("reply_to_message_id", "999999")], file);
    assert_eq!(sends(&jiwoo, room, &[], form).await.status, 404);
    assert_eq!(jiwoo.reads(room).await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_sent_again_is_one_message_with_one_file() {
    let server = TestApp::start().await;
    let jiwoo = User::new(&server.client, "한지우").await;
    let seojun = User::new(&server.client, "이서준").await;
    let room = jiwoo.meets(&seojun).await;
    let key = [("Idempotency-Key", "file-1")];
    let form = |bytes: &[u8]| dart_form(&[], Some(("notes.txt", bytes)));
    let first = sends(&jiwoo, room, &key, form(b"words")).await;
    let again = sends(&jiwoo, room, &key, form(b"words")).await;
    assert_eq!((first.status, again.status), (201, 201), "{}", again.body);
    assert_eq!(first.body, again.body);
    assert_eq!(first.position(), again.position());
    assert_eq!(sends(&jiwoo, room, &key, form(b"other")).await.status, 409);

    let named = || {
        let fields = [("client_message_id", "f-1")];
        dart_form(&fields, Some(("notes.txt", b"words")))
    };
    let first = sends(&jiwoo, room, &[], named()).await.expect(201);
    let again = sends(&jiwoo, room, &[], named()).await.expect(201);
    assert_eq!(first, again);
    assert_eq!(fetches(&seojun, &again).await.0, 200);
    assert_eq!(jiwoo.reads(room).await.len(), 2);
}
