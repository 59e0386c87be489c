//! Messages of the feed dialect with a file that was uploaded before.

use api::commands::uploads::StoreUpload;
use domain::{Bucket, SealedUnder, Subject, UploadId, UploadKind};
use serde_json::{Value, json};
use tests::{Answer, TestApp, User};

use super::{executes, gathers, history, knocks, listens, path, person};

/// Notes that a file of somebody's is there; gives its address.
async fn brings(server: &TestApp, by: &User, kind: UploadKind) -> String {
    let ids = &server.app().ids;
    let upload = UploadId(ids.next());
    let command = StoreUpload {
        upload,
        owner: person(by),
        room: None,
        object: ids.next(),
        size: 9,
        media_type: "image/png".to_owned(),
        kind,
        name: "노을.png".to_owned(),
        keys: SealedUnder {
            subject: Subject::Account(by.uuid.parse().unwrap()),
            bucket: Some(Bucket::Upload(upload.0)),
        },
    };
    executes(server, &command).await;
    format!("/files/{upload}")
}

async fn sends(by: &User, room: u64, url: &str, more: Value) -> Answer {
    let mut body = json!({"user_id": by.id, "file_url": url});
    let fields = body.as_object_mut().unwrap();
    fields.extend(more.as_object().unwrap().clone());
    by.post(&path(room, "/messages"), body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_ones_own_goes_with_a_message_by_its_address() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "미나").await;
    let joon = User::new(&server.client, "준").await;
    let (_, room) = gathers(&server, &mina, &[&joon]).await;
    let mut socket = listens(&joon, room).await;
    for (kind, word) in [
        (UploadKind::Image, "image"),
        (UploadKind::File, "file"),
        (UploadKind::Voice, "voice"),
    ] {
        let url = brings(&server, &mina, kind).await;
        let row = sends(&mina, room, &url, json!({"message": "보세요"})).await;
        let row = row.expect(201)["data"].clone();
        assert_eq!(row["file_url"], url);
        assert_eq!(
            (&row["message"], &row["message_type"]),
            (&json!("보세요"), &json!(word))
        );
        let heard = socket.expect("message").await;
        assert_eq!(heard["data"]["file_url"], url);
        assert_eq!(history(&joon, room).await.pop().unwrap()["file_url"], url);
    }
    // Without words, with a ticket in the address, and called a file although it is a picture.
    let url = brings(&server, &mina, UploadKind::Image).await;
    let with_ticket = format!("{url}?ticket=abc");
    let row = sends(&mina, room, &with_ticket, json!({"message_type": "file"})).await;
    let row = row.expect(201)["data"].clone();
    assert_eq!(
        (&row["file_url"], &row["message"]),
        (&json!(url), &json!(""))
    );
    assert_eq!(row["message_type"], "file");
    // The same message in the other dialect.
    let seen = joon.reads(room).await.pop().unwrap();
    assert_eq!(
        (&seen["file_url"], &seen["file_name"]),
        (&json!(url), &json!("노을.png"))
    );
    knocks(&joon, room).await.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_file_of_ones_own_that_no_message_has_can_be_sent() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "미나").await;
    let joon = User::new(&server.client, "준").await;
    let (_, room) = gathers(&server, &mina, &[&joon]).await;
    let url = brings(&server, &mina, UploadKind::File).await;
    let others = sends(&joon, room, &url, json!({})).await.expect(403);
    assert_eq!(others["code"], "not_your_file");
    let unknown = format!("/files/{}", uuid::Uuid::from_u128(1));
    for nobodys in [unknown.as_str(), "/files/1", "/files/18446744073709551615"] {
        let refused = sends(&joon, room, nobodys, json!({})).await.expect(403);
        assert_eq!(
            refused, others,
            "what is hidden looks like what is not there"
        );
    }
    for (url, more, field) in [
        ("https://elsewhere.example/a.png", json!({}), "file_url"),
        ("/files/../files/1", json!({}), "file_url"),
        (&url, json!({"message_type": "text"}), "message_type"),
        (&url, json!({"message_type": "image"}), "message_type"),
    ] {
        let refused = sends(&mina, room, url, more).await.expect(422);
        assert_eq!(
            refused["errors"][0]["loc"],
            json!(["body", field]),
            "{refused}"
        );
    }
    sends(&mina, room, &url, json!({})).await.expect(201);
    let again = sends(&mina, room, &url, json!({})).await.expect(409);
    assert_eq!(again["code"], "upload_taken");
    assert_eq!(history(&mina, room).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_with_a_file_that_is_sent_again_is_one_message() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "미나").await;
    let (_, room) = gathers(&server, &mina, &[]).await;
    let (one, two) = (
        brings(&server, &mina, UploadKind::File).await,
        brings(&server, &mina, UploadKind::File).await,
    );
    let named = || json!({"client_message_id": "m-1"});
    let first = sends(&mina, room, &one, named()).await;
    let again = sends(&mina, room, &one, named()).await;
    assert_eq!(first.position(), again.position());
    assert_eq!(first.expect(201), again.expect(201));
    sends(&mina, room, &two, named()).await.expect(409);
    assert_eq!(history(&mina, room).await.len(), 1);
}
