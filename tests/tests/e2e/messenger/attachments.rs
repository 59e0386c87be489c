//! Files that are brought first and shown then, and addresses elsewhere.

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use tests::{Answer, TestApp, User, assert_golden};

use super::{chats, history, meets, sends};

/// A picture of one pixel.
const PNG: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, b'I', b'H', b'D', b'R', 0, 0, 0,
    1, 0, 0, 0, 1, 8, 2, 0, 0, 0, 0x90, 0x77, 0x53, 0xde, 0, 0, 0, 0x0c, b'I', b'D', b'A', b'T',
    0x08, 0xd7, 0x63, 0xf8, 0xcf, 0xc0, 0, 0, 0x03, 0x01, 0x01, 0, 0x18, 0xdd, 0x8d, 0xb0, 0, 0, 0,
    0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];

async fn brings(user: &User, bytes: &'static [u8], name: &str, said: Option<&str>) -> Answer {
    let file = Part::bytes(bytes).file_name(name.to_owned());
    let mut form = Form::new().part("file", file).text("purpose", "PROJECT");
    if let Some(said) = said {
        form = form.text("type", said.to_owned());
    }
    let request = user.client.request("POST", "/api/v1/upload");
    user.client
        .send(request.bearer_auth(&user.token).multipart(form))
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_is_brought_and_then_shown() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    let jun = User::new(&server.client, "준").await;
    let eve = User::new(&server.client, "이브").await;
    let room = meets(&mina, &jun).await;
    let brought = brings(&mina, PNG, "봄.png", Some("IMAGE"))
        .await
        .expect(201);
    assert_golden(&brought, "messenger/upload");
    let url = brought["fileUrl"].as_str().unwrap();
    jun.get(url).await.expect(404);
    let body = json!({"content": "", "attachmentUrl": url});
    let row = sends(&mina, &room, body).await.expect(201);
    assert_eq!(
        (&row["type"], &row["attachmentUrl"], &row["fileName"]),
        (&json!("IMAGE"), &json!(url), &json!("봄.png"))
    );
    assert_eq!(chats(&jun).await[0]["lastMessage"], "봄.png");
    assert_eq!(history(&jun, &room).await[0]["attachmentUrl"], url);
    assert_eq!(jun.get(url).await.status, 200);
    eve.get(url).await.expect(404);
    let again = json!({"content": "또", "attachmentUrl": url});
    sends(&mina, &room, again).await.expect(409);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_file_is_its_bytes_tell() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    let jun = User::new(&server.client, "준").await;
    let room = meets(&mina, &jun).await;
    let kind = async |bytes, name, said| {
        let brought = brings(&mina, bytes, name, said).await;
        (brought.status, brought.body["type"].clone())
    };
    assert_eq!(kind(PNG, "a.txt", None).await, (201, json!("IMAGE")));
    assert_eq!(kind(PNG, "a.png", Some("FILE")).await, (201, json!("FILE")));
    assert_eq!(kind(b"hello", "a.png", None).await, (201, json!("FILE")));
    let refused = brings(&mina, b"hello", "a.png", Some("IMAGE")).await;
    assert_eq!(refused.expect(415)["statusCode"], 415);
    let path = "/api/v1/upload";
    mina.post(path, json!({})).await.expect(415);
    server.client.post(path, None, json!({})).await.expect(401);

    let brought = brings(&mina, b"hello", "a.txt", None).await.expect(201);
    let url = brought["fileUrl"].as_str().unwrap();
    let wrong = json!({"content": "", "attachmentUrl": url, "type": "IMAGE"});
    sends(&mina, &room, wrong).await.expect(422);
    // A text that has a file is what the file is, as in the guide's example.
    let absolute = server.client.url(url);
    let body = json!({"content": "보세요", "attachmentUrl": absolute, "messageType": "TEXT"});
    let row = sends(&mina, &room, body).await.expect(201);
    assert_eq!(
        (&row["type"], &row["fileName"]),
        (&json!("FILE"), &json!("a.txt"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_ones_own_uploads_can_be_shown() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    let jun = User::new(&server.client, "준").await;
    let room = meets(&mina, &jun).await;
    let brought = brings(&jun, PNG, "a.png", None).await.expect(201);
    let theirs = brought["fileUrl"].as_str().unwrap().to_owned();
    let absolute = server.client.url(&theirs);
    for url in [
        theirs.as_str(),
        &absolute,
        "/uploads/image.jpg",
        "/files/x",
        "/health",
    ] {
        let body = json!({"content": "", "attachmentUrl": url});
        let refused = sends(&mina, &room, body).await.expect(403);
        assert_eq!(refused["code"], "not_your_file", "{url}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_elsewhere_is_shown_as_it_is() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    let jun = User::new(&server.client, "준").await;
    let room = meets(&mina, &jun).await;
    for (url, said, kind) in [
        ("https://example.com/image.jpg", Some("TEXT"), "TEXT"),
        ("https://example.com/image.jpg", Some("IMAGE"), "IMAGE"),
        ("https://example.com/image.JPG?x=1", None, "IMAGE"),
        ("http://example.com/report.pdf", None, "FILE"),
    ] {
        let mut body = json!({"content": "보세요", "attachmentUrl": url});
        if let Some(said) = said {
            body["type"] = said.into();
        }
        let row = sends(&mina, &room, body).await.expect(201);
        let shown = &history(&jun, &room).await[0];
        for row in [&row, shown] {
            assert_eq!(
                (&row["attachmentUrl"], &row["type"], &row["fileName"]),
                (&json!(url), &json!(kind), &Value::Null)
            );
        }
    }
    // The other dialects show the last one as theirs.
    let number = jun.meets(&mina).await;
    let there = &jun.reads(number).await[3];
    assert_eq!(there["file_url"], "http://example.com/report.pdf");
    let path = format!("/api/v1/chat/rooms/{number}/messages");
    let feed = jun.get(&path).await.expect(200);
    assert_eq!(feed["data"][3]["file_url"], "http://example.com/report.pdf");
}
