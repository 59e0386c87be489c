//! What the calls answer: the guide's shapes, what is read, pages, and that a repeat is one.

use serde_json::{Value, json};
use tests::{Answer, TestApp, User};

use super::{adds, deletes, edits, gathers, history, members, path, reads, removes, says};

/// `2024-11-13T16:30:00Z`.
#[track_caller]
fn assert_time(value: &Value) {
    let text = value.as_str().expect("a time");
    let pattern: String = text
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    assert_eq!(pattern, "0000-00-00T00:00:00Z", "{text}");
}

/// Every field of the row with its value; times by their form, other fields as they come.
#[track_caller]
fn assert_row(row: &Value, expected: &Value) {
    for (field, expected) in expected.as_object().unwrap() {
        match expected.as_str() {
            Some("a time") => assert_time(&row[field]),
            _ => assert_eq!(&row[field], expected, "{field} of {row}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answers_have_the_guides_shapes() {
    let server = TestApp::start().await;
    let (mina, jun) = (
        User::new(&server.client, "김민아").await,
        User::new(&server.client, "박준").await,
    );
    let (_, room) = gathers(&server, &mina, &[]).await;
    let body = json!({"user_id": mina.id, "message": "반가워요", "message_type": "text", "file_url": null});
    let sent = mina.post(&path(room, "/messages"), body).await.expect(201);
    assert_eq!(
        (&sent["success"], &sent["message"]),
        (&json!(true), &json!("Message sent successfully"))
    );
    let row = json!({
        "chat_room_id": room, "user_id": mina.id, "message": "반가워요", "message_type": "text",
        "file_url": null, "created_at": "a time", "updated_at": "a time",
        "user": {"id": mina.id, "email": mina.email, "name": "김민아"},
    });
    assert_row(&sent["data"], &row);
    assert!(sent["data"]["id"].is_u64() && sent["data"]["is_read"].is_boolean());
    assert_row(&history(&mina, room).await[0], &row);

    let added = adds(&mina, room, &jun).await.expect(201);
    assert_eq!(added["message"], "Member added successfully");
    let row = json!({
        "chat_room_id": room, "user_id": jun.id, "role": "member", "joined_at": "a time",
        "last_read_at": null, "unread_count": 0, "created_at": "a time",
        "user": {"id": jun.id, "email": jun.email, "name": "박준"},
    });
    assert_row(&added["data"], &row);
    let again = adds(&mina, room, &jun).await.expect(200);
    assert_eq!(again["data"], added["data"]);
    let all = members(&jun, room).await;
    assert_eq!(all[0]["role"], "owner");
    assert_eq!(all[1], added["data"]);

    let read = reads(&jun, room).await.expect(200);
    assert_eq!(
        read,
        json!({"success": true, "message": "Messages marked as read"})
    );
    let removed = removes(&mina, room, &jun).await.expect(200);
    assert_eq!(
        removed,
        json!({"success": true, "message": "Member removed successfully"})
    );
    removes(&mina, room, &jun).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_read_once_everybody_else_who_is_there_has_read_it() {
    let server = TestApp::start().await;
    let people = three(&server).await;
    let [mina, jun, sol] = &people;
    let (_, room) = gathers(&server, mina, &[jun, sol]).await;
    assert_eq!(says(mina, room, "다들 봤어요?").await["is_read"], false);
    let is_read = async || history(mina, room).await[0]["is_read"].clone();
    let unread = async |user: &User| {
        let all = members(user, room).await;
        let row = all.iter().find(|row| row["user_id"] == user.id);
        row.unwrap()["unread_count"].clone()
    };
    assert_eq!(
        (unread(jun).await, unread(mina).await),
        (json!(1), json!(0))
    );
    reads(jun, room).await.expect(200);
    assert_eq!(
        (unread(jun).await, is_read().await),
        (json!(0), json!(false))
    );
    // The one who has not read it goes; then somebody comes who was not there.
    removes(sol, room, sol).await.expect(200);
    assert_eq!(is_read().await, true);
    adds(mina, room, sol).await.expect(201);
    assert_eq!(is_read().await, true);
    says(jun, room, "네").await;
    assert_eq!(history(mina, room).await[1]["is_read"], false);
}

async fn three(server: &TestApp) -> [User; 3] {
    [
        User::new(&server.client, "민아").await,
        User::new(&server.client, "준").await,
        User::new(&server.client, "솔").await,
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_message_says_the_new_and_a_deleted_one_nothing() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    let (id, room) = gathers(&server, &mina, &[]).await;
    let first = says(&mina, room, "처음").await;
    let second = says(&mina, room, "둘째").await;
    edits(&server, &mina, id, &first, "고침").await;
    deletes(&server, &mina, id, &second).await;
    let rows = history(&mina, room).await;
    assert_eq!(
        (
            &rows[0]["message"],
            &rows[0]["is_edited"],
            &rows[0]["is_deleted"]
        ),
        (&json!("고침"), &json!(true), &json!(false))
    );
    assert_eq!(
        (
            &rows[1]["message"],
            &rows[1]["is_edited"],
            &rows[1]["is_deleted"]
        ),
        (&json!(""), &json!(false), &json!(true))
    );
    assert_time(&rows[1]["updated_at"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_begin_with_the_newest_and_are_bounded() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    let (_, room) = gathers(&server, &mina, &[]).await;
    for number in 1..=5 {
        says(&mina, room, &number.to_string()).await;
    }
    let page = async |query: &str| mina.get(&path(room, &format!("/messages?{query}"))).await;
    let texts = |page: &Value| -> Vec<String> {
        let rows = page["data"].as_array().unwrap().iter();
        rows.map(|row| row["message"].as_str().unwrap().to_owned())
            .collect()
    };
    let first = page("page=1&limit=2").await.expect(200);
    assert_eq!(texts(&first), ["4", "5"]);
    assert_eq!(
        first["pagination"],
        json!({"page": 1, "limit": 2, "total": 5, "total_pages": 3, "has_more": true})
    );
    let last = page("page=3&limit=2").await.expect(200);
    assert_eq!(
        (texts(&last), &last["pagination"]["has_more"]),
        (vec!["1".to_owned()], &json!(false))
    );
    for (query, field) in [
        ("page=0", "page"),
        ("limit=101", "limit"),
        ("limit=x", "limit"),
        ("limit=0", "limit"),
    ] {
        let refused = page(query).await.expect(422);
        assert_eq!(
            (&refused["success"], &refused["code"]),
            (&json!(false), &json!("invalid"))
        );
        assert!(
            refused["message"].as_str().unwrap().starts_with(field),
            "{refused}"
        );
    }
    let people = mina.get(&path(room, "/members?limit=1")).await.expect(200);
    assert_eq!(people["pagination"]["total"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_sent_again_is_the_same_message() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    let (_, room) = gathers(&server, &mina, &[]).await;
    let send = async |text: &str, key: Option<&str>| -> Answer {
        let body = json!({"message": text, "client_message_id": key.map_or("c-1", |_| "c-2")});
        let request = mina.client.request("POST", &path(room, "/messages"));
        let request = request.bearer_auth(&mina.token).json(&body);
        let request = match key {
            Some(key) => request.header("idempotency-key", key),
            None => request,
        };
        mina.client.send(request).await
    };
    for key in [None, Some("k-1")] {
        let first = send("한 번", key).await;
        let second = send("한 번", key).await;
        assert_eq!(first.position(), second.position());
        assert_eq!(
            first.expect(201)["data"]["id"],
            second.expect(201)["data"]["id"]
        );
        assert_eq!(send("다른 말", key).await.expect(409)["success"], false);
    }
    assert_eq!(history(&mina, room).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_valid_is_named() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    let (_, room) = gathers(&server, &mina, &[]).await;
    let long = "가".repeat(10_001);
    for (body, field) in [
        (json!({}), "message"),
        (json!({"message": ""}), "message"),
        (json!({"message": long}), "message"),
        (json!({"message": 1}), "message"),
        (json!({"message": "a\u{0}b"}), "message"),
        (
            json!({"message": "a", "message_type": "sticker"}),
            "message_type",
        ),
        (
            json!({"message": "a", "message_type": "location"}),
            "message_type",
        ),
        (json!({"message": "a", "user_id": "x"}), "user_id"),
        (
            json!({"message": "a", "file_url": "https://example.com/a.png"}),
            "file_url",
        ),
        (
            json!({"message": "a", "client_message_id": ""}),
            "client_message_id",
        ),
    ] {
        let refused = mina.post(&path(room, "/messages"), body).await.expect(422);
        assert_eq!(refused["success"], false);
        assert_eq!(
            refused["errors"][0]["loc"],
            json!(["body", field]),
            "{refused}"
        );
    }
    let unknown = mina
        .post(&path(room, "/members"), json!({"user_id": 999_999}))
        .await;
    assert_eq!(
        unknown.expect(422)["errors"][0]["loc"],
        json!(["body", "user_id"])
    );
    mina.delete(&path(room, "/members/999999"))
        .await
        .expect(404);
    mina.delete(&path(room, "/members/x")).await.expect(404);
    let text = "가".repeat(10_000);
    mina.post(&path(room, "/messages"), json!({"message": text}))
        .await
        .expect(201);
}
