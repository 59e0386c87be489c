//! The chat dialect's socket: both ways, resume, rights.

use api::commands::rooms::{AddMember, RemoveMember};
use api::commands::{Command, Request};
use domain::{PersonId, RoomId};
use serde_json::{Value, json};
use tests::{Socket, TestApp, User, assert_golden, eventually};

async fn says(socket: &mut Socket, text: &str) {
    let frame = json!({"type": "message", "content": text, "message_type": "text"});
    socket.send(frame).await;
}

/// Waits until the room knows that somebody is there.
async fn is_online(user: &User, room: u64, other: &User) {
    eventually("online", || async {
        let path = format!("/chat/rooms/{room}/online-status");
        let rows = user.get(&path).await.expect(200);
        let rows = rows.as_array().unwrap().clone();
        let row = rows.into_iter().find(|row| row["user_id"] == other.id);
        (row.unwrap()["is_online"] == true).then_some(())
    })
    .await;
}

/// Two people, and the room of the two.
async fn two(server: &TestApp) -> (User, User, u64) {
    let jiwoo = User::new(&server.client, "한지우").await;
    let seojun = User::new(&server.client, "이서준").await;
    let room = jiwoo.meets(&seojun).await;
    (jiwoo, seojun, room)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_talk_over_their_sockets_in_the_guides_shapes() {
    let server = TestApp::start().await;
    let (jiwoo, seojun, room) = two(&server).await;
    let mut hers = jiwoo.enters(room).await;
    is_online(&seojun, room, &jiwoo).await;
    let mut his = seojun.enters(room).await;
    let status = hers.expect("user_status").await;
    assert_golden(&status, "chat/frame_user_status");
    assert_eq!(
        (&status["user_id"], &status["status"]),
        (&json!(seojun.id), &json!("online"))
    );

    let frame = json!({
        "type": "message", "content": "여기 있어요", "message_type": "text", "client_message_id": "a-1",
    });
    his.send(frame).await;
    let heard = hers.expect("message").await;
    assert_golden(&heard, "chat/frame_message");
    assert_eq!(heard["sender_name"], "이서준");
    assert_eq!(heard.get("client_message_id"), None);
    let own = his.expect("message").await;
    assert_eq!(own["client_message_id"], "a-1");
    assert_eq!(own["message_id"], heard["message_id"]);
    assert_eq!(own["position"], heard["position"]);

    his.send(json!({"type": "typing", "is_typing": true})).await;
    let typing = hers.expect("typing").await;
    assert_golden(&typing, "chat/frame_typing");
    assert_eq!(typing["user_id"], seojun.id);

    let message = heard["message_id"].as_u64().unwrap();
    hers.send(json!({"type": "read", "message_id": message}))
        .await;
    let read = his.expect("message_read").await;
    assert_eq!(
        (&read["user_id"], &read["last_read_message_id"]),
        (&json!(jiwoo.id), &json!(message))
    );
    assert!(read["last_read_at"].is_string());

    let answer = json!({"type": "message", "content": "네", "reply_to_message_id": message});
    hers.send(answer).await;
    assert_eq!(his.expect("message").await["reply_to_message_id"], message);
    hers.close().await;
    let status = his.expect("user_status").await;
    assert_eq!(
        (&status["user_id"], &status["status"]),
        (&json!(jiwoo.id), &json!("offline"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_and_deletions_are_told() {
    let server = TestApp::start().await;
    let (jiwoo, seojun, room) = two(&server).await;
    let mut socket = seojun.enters(room).await;
    let message = jiwoo.says("처음", room).await;
    assert_eq!(socket.expect("message").await["message_id"], message);
    let path = format!("/chat/rooms/{room}/messages/{message}");
    let edited = jiwoo.put(&path, json!({"message_content": "다음"})).await;
    let frame = socket.expect("message_edited").await;
    assert_eq!(
        (&frame["message_id"], &frame["content"]),
        (&json!(message), &json!("다음"))
    );
    assert_eq!(frame["edited_at"], edited.body["edited_at"]);
    assert_eq!(frame["position"], edited.position());
    jiwoo.delete(&path).await.expect(200);
    let frame = socket.expect("message_deleted").await;
    assert_eq!(frame["message_id"], message);
    assert!(frame["deleted_at"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_keeps_their_reading_to_themselves_is_heard_by_nobody_else() {
    let server = TestApp::start().await;
    let (jiwoo, seojun, room) = two(&server).await;
    let settings = format!("/chat/rooms/{room}/settings");
    let quiet = |on: bool| json!({"read_receipt_enabled": on});
    seojun.put(&settings, quiet(false)).await.expect(200);
    let mut hers = jiwoo.enters(room).await;
    let mut his = seojun.enters(room).await;
    let first = jiwoo.says("하나", room).await;
    his.expect("message").await;
    his.send(json!({"type": "read"})).await;
    assert_eq!(
        his.expect("message_read").await["last_read_message_id"],
        first
    );
    seojun.put(&settings, quiet(true)).await.expect(200);
    let second = jiwoo.says("둘", room).await;
    his.expect("message").await;
    his.send(json!({"type": "read", "message_id": second}))
        .await;
    assert_eq!(
        hers.expect("message_read").await["last_read_message_id"],
        second,
        "the first reading was not told"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_comes_back_gets_all_it_missed_in_order() {
    let mut server = TestApp::start().await;
    let (mut jiwoo, mut seojun, room) = two(&server).await;
    let mut hers = jiwoo.enters(room).await;
    let first = seojun.says("하나", room).await;
    hers.expect("message").await;
    let seen = hers.position;
    hers.close().await;
    let path = format!("/chat/rooms/{room}/messages/{first}");
    seojun
        .put(&path, json!({"message_content": "하나 고침"}))
        .await
        .expect(200);
    let second = seojun.says("둘", room).await;
    seojun.delete(&path).await.expect(200);
    seojun
        .post(&format!("/chat/rooms/{room}/read"), json!({}))
        .await
        .expect(200);
    let third = seojun.says("셋", room).await;
    server.restart().await;
    jiwoo.client = server.client.clone();
    seojun.client = server.client.clone();
    let mut hers = jiwoo.returns(room, seen).await;
    let mut kinds = Vec::new();
    let mut position = seen;
    while kinds.len() < 5 {
        let frame = hers.next().await.unwrap();
        let at = frame["position"].as_u64().unwrap();
        assert!(at > position, "{frame}");
        position = at;
        let number = frame["message_id"].as_u64();
        kinds.push((frame["type"].as_str().unwrap().to_owned(), number));
    }
    let expected = [
        ("message_edited", Some(first)),
        ("message", Some(second)),
        ("message_deleted", Some(first)),
        ("message_read", None),
        ("message", Some(third)),
    ];
    let expected = expected.map(|(kind, number)| (kind.to_owned(), number));
    assert_eq!(kinds, expected);
    let fourth = seojun.says("넷", room).await;
    assert_eq!(hers.expect("message").await["message_id"], fourth);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_frames_get_an_error_and_the_connection_stays() {
    let server = TestApp::start().await;
    let (jiwoo, _, room) = two(&server).await;
    let mut socket = jiwoo.enters(room).await;
    for (frame, status) in [
        (json!({"type": "nonsense"}), 400),
        (json!({"content": "?"}), 400),
        (json!({"type": "message"}), 422),
        (json!({"type": "message", "content": ""}), 422),
        (json!({"type": "message", "content": "a\u{0}b"}), 422),
        (
            json!({"type": "message", "content": "가".repeat(10_001)}),
            422,
        ),
        (json!({"type": "message", "content": 7}), 400),
        (
            json!({"type": "message", "content": "?", "message_type": "video"}),
            400,
        ),
        (
            json!({"type": "message", "content": "?", "reply_to_message_id": room}),
            404,
        ),
        (
            json!({"type": "message", "content": "?", "client_message_id": ""}),
            422,
        ),
        (json!({"type": "read", "message_id": 999_999}), 404),
        (json!({"type": "typing"}), 400),
    ] {
        socket.send(&frame).await;
        let error = socket.expect("error").await;
        assert_eq!(error["status"], status, "{frame} {error}");
        assert!(error["code"].is_string() && !error["detail"].is_null());
    }
    says(&mut socket, "멀쩡해요").await;
    assert_eq!(socket.expect("message").await["content"], "멀쩡해요");
    assert_eq!(jiwoo.reads(room).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_enter_is_closed_out() {
    let server = TestApp::start().await;
    let jiwoo = User::new(&server.client, "한지우").await;
    let seojun = User::new(&server.client, "이서준").await;
    let stranger = User::new(&server.client, "남").await;
    let room = jiwoo.meets(&seojun).await;
    let closed = async |path: String| server.client.socket(&path).await.closed().await;
    assert_eq!(closed(format!("/chat/ws/{room}")).await, 4401);
    assert_eq!(closed(format!("/chat/ws/{room}?token=x")).await, 4401);
    let token = &stranger.token;
    assert_eq!(closed(format!("/chat/ws/{room}?token={token}")).await, 4404);
    let token = &jiwoo.token;
    assert_eq!(closed(format!("/chat/ws/999999?token={token}")).await, 4404);
    assert_eq!(closed(format!("/chat/ws/x?token={token}")).await, 4404);
    let with = |after: &str| format!("/chat/ws/{room}?token={token}&after={after}");
    assert_eq!(closed(with("x")).await, 4400);
    assert_eq!(closed(with("999999")).await, 4410);
    let mut fine = server
        .client
        .socket(&format!("/chat/ws/{room}/?token={token}"))
        .await;
    says(&mut fine, "들어왔어요").await;
    fine.expect("message").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_heard_can_be_answered_at_once() {
    let server = TestApp::start().await;
    let (jiwoo, seojun, room) = two(&server).await;
    let mut hers = jiwoo.enters(room).await;
    let mut his = seojun.enters(room).await;
    for round in 0..20 {
        says(&mut his, &format!("{round}")).await;
        let heard = hers.expect("message").await["message_id"].as_u64().unwrap();
        let path = format!("/chat/rooms/{room}/messages");
        let body = json!({"message_content": "들었어요", "reply_to_message_id": heard});
        jiwoo.post(&path, body).await.expect(201);
        let body = json!({"message_id": heard});
        jiwoo
            .post(&format!("/chat/rooms/{room}/read"), body)
            .await
            .expect(200);
        jiwoo
            .get(&format!("{path}/{heard}/history"))
            .await
            .expect(200);
        let theirs = format!("{path}/{heard}");
        let refused = jiwoo.put(&theirs, json!({"message_content": "?"})).await;
        assert_eq!(refused.status, 403);
        let _own: Value = hers.expect("message").await;
    }
}

/// Executes a command for which this dialect has no call.
async fn executes(server: &TestApp, command: impl Command) {
    let app = server.app();
    let request = Request::system(uuid::Uuid::from_u128(rand::random()), None);
    let done = app.commands.execute(&request, &command).await.unwrap();
    assert!(app.projected(done.position().unwrap()).await);
}

fn person(user: &User) -> PersonId {
    user.uuid.parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_leaves_hears_nothing_more_and_comes_back_to_everything() {
    let server = TestApp::start().await;
    let jiwoo = User::new(&server.client, "한지우").await;
    let seojun = User::new(&server.client, "이서준").await;
    let haneul = User::new(&server.client, "최하늘").await;
    let number = jiwoo.gathers("들락날락", &[&seojun]).await;
    let path = format!("/chat/rooms/{number}");
    let row = jiwoo.get(&path).await.expect(200);
    let room: RoomId = row["uuid"].as_str().unwrap().parse().unwrap();
    jiwoo.says("먼저", number).await;
    let mut hers = jiwoo.enters(number).await;
    let mut his = seojun.enters(number).await;

    let by = person(&jiwoo);
    let person_of = person(&haneul);
    executes(
        &server,
        AddMember {
            room,
            by,
            person: person_of,
        },
    )
    .await;
    let joined = hers.expect("participant_joined").await;
    assert_eq!(
        (&joined["user_id"], &joined["user_name"]),
        (&json!(haneul.id), &json!("최하늘"))
    );
    assert_eq!(haneul.reads(number).await.len(), 1, "all of it is there");
    assert_eq!(haneul.lists(number).await.unwrap()["unread_count"], 0);

    let person_of = person(&seojun);
    executes(
        &server,
        RemoveMember {
            room,
            by,
            person: person_of,
        },
    )
    .await;
    let left = hers.expect("participant_left").await;
    assert_eq!(left["user_id"], seojun.id);
    assert_eq!(his.expect("participant_left").await["user_id"], seojun.id);
    assert_eq!(his.closed().await, 4403);
    jiwoo.says("없을 때", number).await;
    assert_eq!(seojun.get(&path).await.status, 404);
    assert_eq!(seojun.lists(number).await, None);
    assert_eq!(seojun.enters(number).await.closed().await, 4404);
    let late = format!("{path}/messages");
    let late = seojun.post(&late, json!({"message_content": "아직"})).await;
    assert_eq!(late.status, 404);

    executes(
        &server,
        AddMember {
            room,
            by,
            person: person_of,
        },
    )
    .await;
    assert_eq!(seojun.reads(number).await.len(), 2);
    let mut his = seojun
        .returns(number, left["position"].as_u64().unwrap())
        .await;
    assert_eq!(his.expect("message").await["content"], "없을 때");
}
