//! Rooms that forget: what is older than they keep it is gone from every answer, for ever.

use std::time::Duration;

use serde_json::{Value, json};
use tests::talks::{diff, verify};
use tests::{Answer, TestApp, User, admin_token, eventually};

const DAY: Duration = Duration::from_hours(24);

const BOUNDARY: &str = "a-boundary";

/// With a token of now: those of before have run out.
async fn back(server: &TestApp, user: &User) -> User {
    let body = json!({"email": user.email, "password": "eight-or-more"});
    let session = server.client.post("/login", None, body).await.expect(200);
    User {
        client: server.client.clone(),
        token: session["access_token"].as_str().unwrap().to_owned(),
        ..user.clone()
    }
}

async fn sends_a_file(user: &User, room: u64) -> Value {
    let form = format!(
        "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\
         content-type: text/plain\r\n\r\nold words in a file\r\n--{BOUNDARY}--\r\n"
    );
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let request = user
        .client
        .request("POST", &format!("/chat/rooms/{room}/messages/"))
        .bearer_auth(&user.token)
        .header("content-type", kind)
        .body(form);
    user.client.send(request).await.expect(201)
}

async fn finds(user: &User, room: u64, words: &str) -> u64 {
    let path = format!("/chat/rooms/{room}/search/?query={words}");
    let found = user.get(&path).await.expect(200);
    found["total_count"].as_u64().unwrap()
}

#[track_caller]
fn is_gone(answer: Answer, code: &str) {
    let body = answer.expect(410);
    assert!(body.to_string().contains(code), "{body}");
}

/// Numbers of the messages that a room shows, in both dialects.
async fn shown(user: &User, room: u64) -> Vec<u64> {
    let numbers = |rows: &[Value], name: &str| -> Vec<u64> {
        rows.iter().map(|row| row[name].as_u64().unwrap()).collect()
    };
    let chat = numbers(&user.reads(room).await, "message_id");
    let path = format!("/api/v1/chat/rooms/{room}/messages?user_id={}", user.id);
    let feed = user.get(&path).await.expect(200);
    let rows = feed["data"].as_array();
    let feed = numbers(rows.unwrap_or_else(|| panic!("{feed}")), "id");
    assert_eq!(chat, feed);
    chat
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_older_than_a_room_keeps_it_is_gone_from_every_answer() {
    let mut server = TestApp::with("live.resume_window = \"30d\"").await;
    // It is not to become midnight by itself.
    let of_day = server.app().clock.now_seconds() % DAY.as_secs().cast_signed();
    let noon = DAY.as_secs() + DAY.as_secs() / 2;
    server
        .clock
        .forward(Duration::from_secs(noon - of_day.cast_unsigned()));
    let jiwoo = User::new(&server.client, "한지우").await;
    let seojun = User::new(&server.client, "이서준").await;
    let room = jiwoo.gathers("모임", &[&seojun]).await;
    let other = jiwoo.gathers("남는 모임", &[&seojun]).await;
    let old = jiwoo.says("오래된 말", room).await;
    let file = sends_a_file(&jiwoo, room).await;
    let kept = jiwoo.says("오래된 말", other).await;
    let message = format!("/chat/rooms/{room}/messages/{old}");
    jiwoo
        .put(&message, json!({"message_content": "오래된 다른 말"}))
        .await
        .expect(200);
    let settings = format!("/chat/rooms/{room}/settings");
    let forget = json!({"message_retention_days": 5, "auto_delete_enabled": true});
    jiwoo.put(&settings, forget).await.expect(200);

    // Since the end of that day, 5 days have not gone by.
    server.clock.forward(DAY * 5);
    let (jiwoo, seojun) = (back(&server, &jiwoo).await, back(&server, &seojun).await);
    let new = jiwoo.says("새로운 말", room).await;
    server.restart().await;
    let (jiwoo, seojun) = (back(&server, &jiwoo).await, back(&server, &seojun).await);
    assert_eq!(shown(&seojun, room).await.len(), 3);
    eventually("the index", || async {
        (finds(&seojun, room, "오래된").await == 1).then_some(())
    })
    .await;

    server.clock.forward(DAY);
    let (jiwoo, seojun) = (back(&server, &jiwoo).await, back(&server, &seojun).await);
    eventually("only what is younger", || async {
        (seojun.reads(room).await.len() == 1).then_some(())
    })
    .await;
    assert_eq!(shown(&seojun, room).await, [new]);
    is_gone(
        jiwoo.put(&message, json!({"message_content": "또"})).await,
        "message_erased",
    );
    is_gone(jiwoo.delete(&message).await, "message_erased");
    let history = format!("{message}/history");
    is_gone(seojun.get(&history).await, "message_erased");
    let answer = json!({"message_content": "답", "reply_to_message_id": old});
    let messages = format!("/chat/rooms/{room}/messages");
    is_gone(seojun.post(&messages, answer).await, "message_erased");
    let row = seojun.lists(room).await.unwrap();
    assert_eq!(
        (&row["last_message"], &row["unread_count"]),
        (&json!("새로운 말"), &json!(1))
    );
    // Whoever was away for all that time misses only what there is.
    let mut socket = seojun.returns(room, old - 1).await;
    assert_eq!(socket.expect("message").await["message_id"], new);
    socket.close().await;

    eventually("nothing is found", || async {
        (finds(&seojun, room, "오래된").await == 0).then_some(())
    })
    .await;
    assert_eq!(finds(&seojun, room, "새로운").await, 1);
    let file = file["file_url"].as_str().unwrap();
    is_gone(seojun.get(file).await, "file_erased");
    eventually("no bytes are left", || async {
        let files = server.place.data().join("files");
        (count_of_files(&files) == 0).then_some(())
    })
    .await;

    assert_eq!(shown(&seojun, other).await, [kept], "this room keeps all");
    assert_eq!(finds(&seojun, other, "오래된").await, 1);
    nobody_can_read(&server, old).await;
    server.go_down().await;
    verify(&server.place);
    diff(&server.place);
}

/// Auditors neither.
async fn nobody_can_read(server: &TestApp, message: u64) {
    let admin = admin_token(&server.client).await;
    let path = format!("/api/v1/audit/events?positions={message}&purpose=complaint");
    eventually("the key is destroyed", || async {
        let page = server.client.get(&path, Some(&admin)).await.expect(200);
        let parts = page["events"][0]["parts"].as_array().unwrap();
        assert_eq!(parts.len(), 1, "{page}");
        (parts[0]["state"] == "erased").then_some(())
    })
    .await;
}

fn count_of_files(folder: &std::path::Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            if path.is_dir() {
                count_of_files(&path)
            } else {
                1
            }
        })
        .sum()
}
