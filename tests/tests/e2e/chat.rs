//! The chat dialect over plain requests: rooms, people, messages, reads, settings.

use serde_json::{Value, json};
use tests::{Counselor, TestApp, User, Visitor, admin_token, assert_golden};

#[tokio::test(flavor = "multi_thread")]
async fn two_people_talk_in_the_guides_shapes() {
    let server = TestApp::start().await;
    let jiwoo = User::new(&server.client, "한지우").await;
    let seojun = User::new(&server.client, "이서준").await;
    let room = jiwoo.meets(&seojun).await;

    seojun.says("잘 지내요?", room).await;
    let list = jiwoo.get("/chat/rooms/").await.expect(200);
    assert_golden(&list, "chat/rooms");
    let row = &list["rooms"][0];
    assert_eq!(
        (&row["room_name"], &row["unread_count"]),
        (&json!("이서준"), &json!(1))
    );
    assert_eq!(row["last_message"], "잘 지내요?");
    assert_eq!(row["created_by"], jiwoo.id);
    let theirs = seojun.lists(room).await.unwrap();
    assert_eq!(
        (&theirs["room_name"], &theirs["unread_count"]),
        (&json!("한지우"), &json!(0)),
        "a room of two is called by the other's name, and one's own words are not unread"
    );

    let path = |rest: &str| format!("/chat/rooms/{room}/{rest}");
    let detail = jiwoo.get(&path("")).await.expect(200);
    assert_golden(&detail, "chat/room");
    let page = jiwoo.get(&path("messages/")).await.expect(200);
    assert_golden(&page, "chat/messages");
    assert_eq!(page["messages"][0]["sender_id"], seojun.id);

    let read = jiwoo.post(&path("read/"), json!({})).await.expect(200);
    assert_eq!(read["unread_count"], 0);
    assert_eq!(
        read["last_read_message_id"],
        page["messages"][0]["message_id"]
    );
    assert_eq!(jiwoo.lists(room).await.unwrap()["unread_count"], 0);

    let people = jiwoo.get(&path("participants/")).await.expect(200);
    assert_golden(&people, "chat/participants");
    assert_eq!(people["participants"][1]["last_read_at"], Value::Null);
    let settings = jiwoo.get(&path("settings/")).await.expect(200);
    assert_golden(&settings, "chat/settings");
    let online = jiwoo.get(&path("online-status/")).await.expect(200);
    assert_golden(&online, "chat/online");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pair_has_one_room_whoever_begins_it() {
    let server = TestApp::start().await;
    let jiwoo = User::new(&server.client, "한지우").await;
    let seojun = User::new(&server.client, "이서준").await;
    let ask = |user: User, other: u64| async move {
        let body = json!({"room_type": "direct", "participant_ids": [user.id, other, other]});
        user.post("/chat/rooms/", body).await
    };
    let mut tasks = Vec::new();
    for _ in 0..8 {
        tasks.push(tokio::spawn(ask(jiwoo.clone(), seojun.id)));
        tasks.push(tokio::spawn(ask(seojun.clone(), jiwoo.id)));
    }
    let mut statuses = Vec::new();
    let mut rooms = Vec::new();
    for task in tasks {
        let answer = task.await.unwrap();
        assert!([200, 201].contains(&answer.status), "{}", answer.body);
        statuses.push(answer.status);
        rooms.push(answer.body["room_id"].as_u64().unwrap());
    }
    assert_eq!(
        statuses.iter().filter(|status| **status == 201).count(),
        1,
        "{statuses:?}"
    );
    rooms.dedup();
    assert_eq!(rooms.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_direct_room_is_with_exactly_one_other_person() {
    let server = TestApp::start().await;
    let jiwoo = User::new(&server.client, "한지우").await;
    let seojun = User::new(&server.client, "이서준").await;
    let haneul = User::new(&server.client, "최하늘").await;
    for ids in [
        json!([]),
        json!([jiwoo.id]),
        json!([seojun.id, haneul.id]),
        json!([9_999_999]),
        json!([u64::MAX]),
        json!([-1]),
        json!("13"),
        json!(null),
    ] {
        let body = json!({"room_type": "direct", "participant_ids": ids});
        let refused = jiwoo.post("/chat/rooms/", body).await.expect(422);
        let place = &refused["detail"][0]["loc"];
        assert_eq!(
            (&place[0], &place[1]),
            (&json!("body"), &json!("participant_ids")),
            "{refused}"
        );
    }
    assert_eq!(jiwoo.get("/chat/rooms").await.body["total_count"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_has_a_name_and_those_it_was_begun_with() {
    let server = TestApp::start().await;
    let jiwoo = User::new(&server.client, "한지우").await;
    let seojun = User::new(&server.client, "이서준").await;
    let haneul = User::new(&server.client, "최하늘").await;
    let body = json!({
        "room_name": "산책 모임", "room_type": "group", "room_description": "토요일마다",
        "participant_ids": [seojun.id, haneul.id],
    });
    let made = jiwoo.post("/chat/rooms/", body).await.expect(201);
    assert_golden(&made, "chat/created");
    assert_eq!(made["participant_count"], 3);
    let room = made["room_id"].as_u64().unwrap();
    let seen = haneul.get(&format!("/chat/rooms/{room}")).await.expect(200);
    assert_eq!(
        (&seen["room_name"], &seen["room_description"]),
        (&json!("산책 모임"), &json!("토요일마다"))
    );
    assert_eq!(seen["max_participants"], 100);
    assert_eq!(seen["created_by"], jiwoo.id);

    for (body, field) in [
        (
            json!({"room_type": "group", "participant_ids": []}),
            "room_name",
        ),
        (
            json!({"room_name": "", "room_type": "group", "participant_ids": []}),
            "room_name",
        ),
        (
            json!({"room_name": "가".repeat(101), "room_type": "group", "participant_ids": []}),
            "room_name",
        ),
        (
            json!({"room_name": "a\u{0}b", "room_type": "group", "participant_ids": []}),
            "room_name",
        ),
        (
            json!({"room_name": "이름", "room_type": "channel", "participant_ids": []}),
            "room_type",
        ),
        (
            json!({"room_name": "이름", "room_type": "group"}),
            "participant_ids",
        ),
    ] {
        let refused = jiwoo.post("/chat/rooms", body).await.expect(422);
        assert_eq!(refused["detail"][0]["loc"][1], field, "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rooms_with_news_come_first() {
    let server = TestApp::start().await;
    let jiwoo = User::new(&server.client, "한지우").await;
    let seojun = User::new(&server.client, "이서준").await;
    let haneul = User::new(&server.client, "최하늘").await;
    let first = jiwoo.meets(&seojun).await;
    let second = jiwoo.meets(&haneul).await;
    let order = async || {
        let list = jiwoo.get("/chat/rooms/").await.expect(200);
        let rooms = list["rooms"].as_array().unwrap();
        rooms
            .iter()
            .map(|row| row["room_id"].as_u64().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(order().await, [second, first]);
    seojun.says("먼저 갈게요", first).await;
    assert_eq!(order().await, [first, second]);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_begin_with_the_newest_and_read_downwards() {
    let server = TestApp::start().await;
    let jiwoo = User::new(&server.client, "한지우").await;
    let seojun = User::new(&server.client, "이서준").await;
    let room = jiwoo.meets(&seojun).await;
    for count in 1..=7 {
        jiwoo.says(&count.to_string(), room).await;
    }
    let page = async |query: &str| {
        let path = format!("/chat/rooms/{room}/messages/?{query}");
        let page = jiwoo.get(&path).await.expect(200);
        let texts: Vec<_> = page["messages"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["message_content"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(page["total_count"], 7);
        (texts.join(" "), page["has_more"].as_bool().unwrap())
    };
    assert_eq!(page("size=3").await, ("5 6 7".to_owned(), true));
    assert_eq!(page("size=3&page=2").await, ("2 3 4".to_owned(), true));
    assert_eq!(page("size=3&page=3").await, ("1".to_owned(), false));
    assert_eq!(page("size=3&page=4").await, (String::new(), false));
    assert_eq!(page("size=7").await, ("1 2 3 4 5 6 7".to_owned(), false));
    assert_eq!(
        page("page=1000000000&size=100").await,
        (String::new(), false)
    );
    for (query, field) in [
        ("page=-1", "page"),
        ("page=0", "page"),
        ("page=x", "page"),
        ("page=1e18", "page"),
        ("size=0", "size"),
        ("size=101", "size"),
        ("size=1e9", "size"),
        ("size=%00", "size"),
    ] {
        let path = format!("/chat/rooms/{room}/messages/?{query}");
        let refused = jiwoo.get(&path).await.expect(422);
        assert_eq!(refused["detail"][0]["loc"], json!(["query", field]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_keeps_what_was_said_and_a_deletion_hides_it() {
    let server = TestApp::start().await;
    let jiwoo = User::new(&server.client, "한지우").await;
    let seojun = User::new(&server.client, "이서준").await;
    let room = jiwoo.gathers("셋", &[&seojun]).await;
    let message = seojun.says("처음 말", room).await;
    let path = format!("/chat/rooms/{room}/messages/{message}/");

    let words = json!({"message_content": "고친 말"});
    let edited = seojun.put(&path, words.clone()).await.expect(200);
    assert_eq!(edited["message_content"], "고친 말");
    assert_eq!(edited["is_edited"], true);
    assert!(edited["edited_at"].is_string());
    assert_eq!(edited["updated_at"], edited["edited_at"]);
    assert_eq!(jiwoo.put(&path, words.clone()).await.status, 403);
    let nothing = json!({"message_content": ""});
    let refused = seojun.put(&path, nothing).await.expect(422);
    assert_eq!(
        refused["detail"][0]["loc"],
        json!(["body", "message_content"])
    );

    let history = jiwoo.get(&format!("{path}history/")).await.expect(200);
    assert_eq!(history["message_id"], message);
    assert_eq!(history["total_count"], 2);
    let said: Vec<_> = history["versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["version"].clone(), row["message_content"].clone()))
        .collect();
    assert_eq!(
        said,
        [(json!(1), json!("처음 말")), (json!(2), json!("고친 말"))]
    );

    let deleted = jiwoo.delete(&path).await.expect(200);
    assert_eq!(
        (&deleted["is_deleted"], &deleted["message_content"]),
        (&json!(true), &json!("")),
        "who began the room may take back what others said"
    );
    assert_eq!(jiwoo.reads(room).await[0], deleted);
    jiwoo.delete(&path).await.expect(200);
    assert_eq!(seojun.put(&path, words).await.status, 409);
    assert_eq!(seojun.get(&format!("{path}history")).await.status, 403);
    assert_eq!(
        jiwoo.lists(room).await.unwrap()["last_message"],
        Value::Null
    );
    assert_eq!(jiwoo.lists(room).await.unwrap()["unread_count"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_auditor_reads_what_was_deleted_and_that_is_on_record() {
    let server = TestApp::start().await;
    let jiwoo = User::new(&server.client, "한지우").await;
    let seojun = User::new(&server.client, "이서준").await;
    let room = jiwoo.meets(&seojun).await;
    let message = jiwoo.says("지울 말", room).await;
    let path = format!("/chat/rooms/{room}/messages/{message}");
    jiwoo.delete(&path).await.expect(200);
    assert_eq!(
        seojun.delete(&path).await.status,
        403,
        "another's message in a room that another began"
    );
    let admin = admin_token(&server.client).await;
    let history = format!("{path}/history");
    let refused = server.client.get(&history, Some(&admin)).await.expect(400);
    assert_eq!(refused["code"], "purpose_required");
    let with_purpose = format!("{history}?purpose=complaint%207");
    let versions = server.client.get(&with_purpose, Some(&admin)).await;
    let versions = versions.expect(200);
    assert_eq!(versions["versions"][0]["message_content"], "지울 말");
    let log = "/api/v1/audit/events?type=access.recorded";
    let log = server.client.get(log, Some(&admin)).await.expect(200);
    let record = &log["events"][0]["payload"];
    assert_eq!(record["purpose"], "complaint 7", "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_names_what_it_answers() {
    let server = TestApp::start().await;
    let jiwoo = User::new(&server.client, "한지우").await;
    let seojun = User::new(&server.client, "이서준").await;
    let room = jiwoo.meets(&seojun).await;
    let elsewhere = jiwoo.gathers("다른 방", &[&seojun]).await;
    let question = jiwoo.says("올래요?", room).await;
    let path = format!("/chat/rooms/{room}/messages/");
    let answer = json!({
        "message_content": "네!", "message_type": "text", "reply_to_message_id": question,
    });
    let row = seojun.post(&path, answer).await.expect(201);
    assert_eq!(row["reply_to_message_id"], question);
    assert_eq!(jiwoo.reads(room).await[1]["reply_to_message_id"], question);
    let foreign = jiwoo.says("저기", elsewhere).await;
    for unknown in [foreign, 999_999, room] {
        let body = json!({"message_content": "?", "reply_to_message_id": unknown});
        let refused = seojun.post(&path, body).await.expect(404);
        assert_eq!(refused["code"], "unknown_message");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn places_are_messages_too() {
    let server = TestApp::start().await;
    let jiwoo = User::new(&server.client, "한지우").await;
    let seojun = User::new(&server.client, "이서준").await;
    let room = jiwoo.meets(&seojun).await;
    let path = format!("/chat/rooms/{room}/messages/");
    let place = json!({"latitude": 37.5665, "longitude": 126.978, "label": "시청"});
    let body = json!({"message_content": "여기로 와요", "location": place});
    let row = jiwoo.post(&path, body).await.expect(201);
    assert_eq!(
        (&row["message_type"], &row["location"]),
        (&json!("location"), &place)
    );
    let place = json!({"latitude": 91, "longitude": 0});
    let body = json!({"message_content": "?", "message_type": "location", "location": place});
    let refused = jiwoo.post(&path, body).await.expect(422);
    assert_eq!(refused["detail"][0]["loc"], json!(["body", "location"]));
    let body = json!({"message_content": "?", "message_type": "location"});
    assert_eq!(jiwoo.post(&path, body).await.status, 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_messages_are_refused_by_the_name_of_the_field() {
    let server = TestApp::start().await;
    let jiwoo = User::new(&server.client, "한지우").await;
    let seojun = User::new(&server.client, "이서준").await;
    let room = jiwoo.meets(&seojun).await;
    let path = format!("/chat/rooms/{room}/messages/");
    for (body, field) in [
        (json!({}), "message_content"),
        (json!({"message_content": ""}), "message_content"),
        (
            json!({"message_content": "가".repeat(10_001)}),
            "message_content",
        ),
        (json!({"message_content": "a\u{0}"}), "message_content"),
        (json!({"message_content": 7}), "message_content"),
        (
            json!({"message_content": "?", "message_type": "video"}),
            "message_type",
        ),
        (
            json!({"message_content": "?", "reply_to_message_id": -1}),
            "reply_to_message_id",
        ),
        (
            json!({"message_content": "?", "reply_to_message_id": u64::MAX}),
            "reply_to_message_id",
        ),
        (
            json!({"message_content": "?", "client_message_id": ""}),
            "client_message_id",
        ),
        (
            json!({"message_content": "?", "client_message_id": "x".repeat(129)}),
            "client_message_id",
        ),
    ] {
        let refused = jiwoo.post(&path, body).await.expect(422);
        assert_eq!(
            refused["detail"][0]["loc"],
            json!(["body", field]),
            "{refused}"
        );
    }
    jiwoo.says(&"가".repeat(10_000), room).await;
    assert_eq!(jiwoo.reads(room).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn to_others_there_is_no_such_room() {
    let server = TestApp::start().await;
    let jiwoo = User::new(&server.client, "한지우").await;
    let seojun = User::new(&server.client, "이서준").await;
    let stranger = User::new(&server.client, "남").await;
    let room = jiwoo.meets(&seojun).await;
    let message = jiwoo.says("우리끼리", room).await;
    let nowhere = 999_999;
    for room in [room, nowhere] {
        let path = |rest: &str| format!("/chat/rooms/{room}{rest}");
        let one = path(&format!("/messages/{message}"));
        for (method, path) in [
            ("GET", path("")),
            ("GET", path("/participants")),
            ("GET", path("/messages")),
            ("POST", path("/messages")),
            ("PUT", one.clone()),
            ("DELETE", one.clone()),
            ("GET", format!("{one}/history")),
            ("POST", path("/read")),
            ("GET", path("/settings")),
            ("PUT", path("/settings")),
            ("GET", path("/online-status")),
        ] {
            let request = || server.client.request(method, &path).body("{");
            let answer = server.client.send(request()).await;
            assert_eq!(answer.status, 401, "{method} {path}");
            let theirs = request().bearer_auth(&stranger.token);
            let answer = server.client.send(theirs).await;
            assert_eq!(answer.status, 404, "{method} {path}: {}", answer.body);
            assert_eq!(answer.body["detail"], "no such room");
        }
    }
    for odd in ["x", "-1", "1.5", "99999999999999999999", "%00"] {
        let refused = jiwoo.get(&format!("/chat/rooms/{odd}")).await.expect(422);
        assert_eq!(refused["detail"][0]["loc"], json!(["path", "room_id"]));
    }
    let unknown = jiwoo
        .get(&format!("/chat/rooms/{room}/messages/{room}/history"))
        .await;
    assert_eq!(unknown.expect(404)["code"], "unknown_message");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_ones_own_and_the_rooms_are_its_creators() {
    let server = TestApp::start().await;
    let jiwoo = User::new(&server.client, "한지우").await;
    let seojun = User::new(&server.client, "이서준").await;
    let room = jiwoo.gathers("설정", &[&seojun]).await;
    let path = format!("/chat/rooms/{room}/settings/");
    let own = json!({"notification_enabled": false, "read_receipt_enabled": false});
    let now = seojun.put(&path, own).await.expect(200);
    assert_golden(&now, "chat/settings");
    assert_eq!(now["notification_enabled"], false);
    let theirs = jiwoo.get(&path).await.expect(200);
    assert_eq!(theirs["notification_enabled"], true);

    let shared = json!({"message_retention_days": 30, "auto_delete_enabled": true});
    let refused = seojun.put(&path, shared.clone()).await.expect(403);
    assert_eq!(refused["code"], "not_the_creator");
    jiwoo.put(&path, shared).await.expect(200);
    let seen = seojun.get(&path).await.expect(200);
    assert_eq!(
        (
            &seen["message_retention_days"],
            &seen["auto_delete_enabled"]
        ),
        (&json!(30), &json!(true))
    );
    for days in [json!(0), json!(3_651), json!(-1), json!("30")] {
        let refused = jiwoo.put(&path, json!({"message_retention_days": days}));
        let refused = refused.await.expect(422);
        let field = json!(["body", "message_retention_days"]);
        assert_eq!(refused["detail"][0]["loc"], field);
    }
    let mixed = json!({"notification_enabled": true, "message_retention_days": 7});
    assert_eq!(seojun.put(&path, mixed).await.status, 403);
    let seen = seojun.get(&path).await.expect(200);
    assert_eq!(seen["notification_enabled"], false, "all or nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_mark_never_goes_back() {
    let server = TestApp::start().await;
    let jiwoo = User::new(&server.client, "한지우").await;
    let seojun = User::new(&server.client, "이서준").await;
    let room = jiwoo.meets(&seojun).await;
    let path = format!("/chat/rooms/{room}/read/");
    let nothing = jiwoo.post(&path, json!({})).await.expect(200);
    assert_eq!(nothing["last_read_message_id"], Value::Null);
    let mut messages = Vec::new();
    for text in ["하나", "둘", "셋"] {
        messages.push(seojun.says(text, room).await);
    }
    let body = json!({"message_id": messages[1]});
    let read = jiwoo.post(&path, body).await.expect(200);
    assert_eq!(
        (&read["last_read_message_id"], &read["unread_count"]),
        (&json!(messages[1]), &json!(1))
    );
    let back = json!({"message_id": messages[0]});
    let read = jiwoo.post(&path, back).await.expect(200);
    assert_eq!(read["last_read_message_id"], messages[1]);
    // Nothing at all is a body too.
    let request = server.client.request("POST", &path);
    let all = server.client.send(request.bearer_auth(&jiwoo.token)).await;
    assert_eq!(all.expect(200)["unread_count"], 0);
    let unknown = json!({"message_id": room});
    assert_eq!(jiwoo.post(&path, unknown).await.status, 404);
    let there = format!("/chat/rooms/{room}/participants");
    let people = seojun.get(&there).await.expect(200);
    assert!(people["participants"][0]["last_read_at"].is_string());
    let quiet = json!({"read_receipt_enabled": false});
    let settings = format!("/chat/rooms/{room}/settings");
    jiwoo.put(&settings, quiet).await.expect(200);
    let people = seojun.get(&there).await.expect(200);
    assert_eq!(people["participants"][0]["last_read_at"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_sent_once_however_often_it_is_posted() {
    let server = TestApp::start().await;
    let jiwoo = User::new(&server.client, "한지우").await;
    let seojun = User::new(&server.client, "이서준").await;
    let room = jiwoo.meets(&seojun).await;
    let path = format!("/chat/rooms/{room}/messages/");
    let post = async |key: Option<&str>, body: Value| {
        let mut request = server.client.request("POST", &path);
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        let request = request.bearer_auth(&jiwoo.token).json(&body);
        server.client.send(request).await
    };
    let hello = json!({"message_content": "한 번"});
    let first = post(Some("k-1"), hello.clone()).await;
    let again = post(Some("k-1"), hello).await;
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.position(), again.position());
    assert_eq!(first.body, again.body);
    let other = post(Some("k-1"), json!({"message_content": "딴말"})).await;
    assert_eq!(other.expect(409)["code"], "key_reused");

    let body = json!({"message_content": "두 번", "client_message_id": "c-1"});
    let first = post(None, body.clone()).await.expect(201);
    let again = post(None, body).await.expect(201);
    assert_eq!(first, again);
    let other = json!({"message_content": "딴말", "client_message_id": "c-1"});
    assert_eq!(post(None, other).await.status, 409);

    let mut socket = jiwoo.enters(room).await;
    socket
        .send(json!({"type": "message", "content": "두 번", "client_message_id": "c-1"}))
        .await;
    socket
        .send(json!({"type": "message", "content": "셋째", "client_message_id": "c-2"}))
        .await;
    assert_eq!(
        socket.expect("message").await["content"],
        "셋째",
        "what was posted before is not said again on the socket"
    );
    let body = json!({"message_content": "셋째", "client_message_id": "c-2"});
    post(None, body).await.expect(201);
    let theirs = json!({"message_content": "내 것", "client_message_id": "c-1"});
    seojun.post(&path, theirs).await.expect(201);
    assert_eq!(jiwoo.reads(room).await.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn rooms_are_begun_once_under_one_key() {
    let server = TestApp::start().await;
    let jiwoo = User::new(&server.client, "한지우").await;
    let post = async |name: &str| {
        let body = json!({"room_name": name, "room_type": "group", "participant_ids": []});
        let request = server.client.request("POST", "/chat/rooms/");
        let request = request.header("Idempotency-Key", "room-1");
        let request = request.bearer_auth(&jiwoo.token).json(&body);
        server.client.send(request).await
    };
    let first = post("하나").await;
    let again = post("하나").await;
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.body["room_id"], again.body["room_id"]);
    assert_eq!(first.position(), again.position());
    assert_eq!(post("둘").await.status, 409);
    assert_eq!(jiwoo.get("/chat/rooms").await.body["total_count"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consultation_is_a_direct_room_to_those_with_an_account() {
    let server = TestApp::start().await;
    let admin = admin_token(&server.client).await;
    let counselor = Counselor::new(&server.client, &admin, "김상담").await;
    let jiwoo = User::new(&server.client, "한지우").await;
    let mut bell = counselor.waits().await;
    let body = json!({"nickname": "바다", "quick_match": true});
    let started = jiwoo.post("/api/v1/consultations/start", body).await;
    let started = started.expect(201);
    let request = bell.expect("new_request").await["request"]["id"].clone();
    counselor
        .accepts(request.as_u64().unwrap())
        .await
        .expect(200);
    let list = jiwoo.get("/chat/rooms/").await.expect(200);
    let row = &list["rooms"][0];
    assert_eq!(
        (&row["room_type"], &row["room_name"]),
        (&json!("direct"), &json!("김상담"))
    );
    let room = row["room_id"].as_u64().unwrap();
    jiwoo.says("안녕하세요", room).await;

    let as_user = async |path: &str| server.client.get(path, Some(&counselor.token)).await;
    let theirs = as_user("/chat/rooms/").await.expect(200);
    assert_eq!(
        theirs["rooms"][0]["room_name"], "바다",
        "the counsellor knows the nickname, not the name of the account"
    );
    let page = as_user(&format!("/chat/rooms/{room}/messages")).await;
    assert_eq!(page.expect(200)["messages"][0]["sender_name"], "바다");
    let people = as_user(&format!("/chat/rooms/{room}/participants")).await;
    let people = people.expect(200);
    let names: Vec<_> = people["participants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["user_name"].as_str().unwrap())
        .collect();
    assert!(names.contains(&"바다") && !names.contains(&"한지우"));

    let code = started["consultation_code"].as_str().unwrap().to_owned();
    let end = format!("/api/v1/consultations/{code}/end");
    jiwoo.post(&end, json!({})).await.expect(200);
    let path = format!("/chat/rooms/{room}/messages");
    let late = jiwoo
        .post(&path, json!({"message_content": "늦었나요"}))
        .await;
    assert_eq!(late.status, 409);
    assert_eq!(jiwoo.lists(room).await.unwrap()["is_active"], false);
    assert_eq!(jiwoo.reads(room).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_of_a_consultation_is_for_its_own_paths() {
    let server = TestApp::start().await;
    let visitor = Visitor::asks(&server.client, "손님").await;
    let token = visitor.started["access_token"].as_str().unwrap();
    let refused = server.client.get("/chat/rooms/", Some(token)).await;
    assert_eq!(refused.expect(403)["code"], "not_a_guests");
    let path = format!("/chat/ws/1?token={token}");
    assert_eq!(server.client.socket(&path).await.closed().await, 4403);
}

#[tokio::test(flavor = "multi_thread")]
async fn any_part_of_a_text_is_found_in_its_room() {
    let server = TestApp::start().await;
    let jiwoo = User::new(&server.client, "한지우").await;
    let seojun = User::new(&server.client, "이서준").await;
    let room = jiwoo.meets(&seojun).await;
    let elsewhere = jiwoo.gathers("다른 방", &[&seojun]).await;
    jiwoo.says("바다는 다른 방에도", elsewhere).await;
    let first = seojun.says("바다에 가고 싶어요", room).await;
    let second = jiwoo.says("겨울 바다 100% Blue", room).await;
    let hidden = jiwoo.says("바다라고 하지 말걸", room).await;
    jiwoo
        .delete(&format!("/chat/rooms/{room}/messages/{hidden}"))
        .await
        .expect(200);
    let search = async |query: &str| {
        let path = format!("/chat/rooms/{room}/search/?{query}");
        jiwoo.get(&path).await.expect(200)
    };
    let sea = search("query=%EB%B0%94%EB%8B%A4").await;
    assert_golden(&sea, "chat/search");
    assert_eq!(sea["total_count"], 2);
    let found: Vec<_> = sea["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["message_id"].as_u64().unwrap())
        .collect();
    assert_eq!(found, [second, first]);
    assert_eq!(sea["messages"][1]["highlight"], "바다");
    let blue = search("query=100%25%20bLUE").await;
    assert_eq!(blue["messages"][0]["highlight"], "100% Blue");
    let page = search("query=%EB%B0%94%EB%8B%A4&size=1").await;
    assert_eq!(page["has_more"], true);
    assert_eq!(search("query=%EC%97%86%EB%8A%94").await["total_count"], 0);
    let long = format!("query={}", "a".repeat(201));
    for (query, field) in [
        ("", "query"),
        ("query=", "query"),
        (&long, "query"),
        ("query=a%00", "query"),
        ("query=a&page=0", "page"),
        ("query=a&size=101", "size"),
    ] {
        let path = format!("/chat/rooms/{room}/search/?{query}");
        let refused = jiwoo.get(&path).await.expect(422);
        assert_eq!(refused["detail"][0]["loc"], json!(["query", field]));
    }
    let stranger = User::new(&server.client, "남").await;
    let path = format!("/chat/rooms/{room}/search?query=a");
    assert_eq!(stranger.get(&path).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_one_over_both_dialects_of_a_consultation() {
    let server = TestApp::start().await;
    let admin = admin_token(&server.client).await;
    let counselor = Counselor::new(&server.client, &admin, "김상담").await;
    let jiwoo = User::new(&server.client, "한지우").await;
    let mut bell = counselor.waits().await;
    let body = json!({"nickname": "바다"});
    let started = jiwoo.post("/api/v1/consultations/start", body).await;
    let started = started.expect(201);
    let request = bell.expect("new_request").await["request"]["id"].clone();
    let accepted = counselor.accepts(request.as_u64().unwrap()).await;
    let room = accepted.expect(200)["room_id"].as_u64().unwrap();
    let code = started["consultation_code"].as_str().unwrap();
    let path = format!("/ws/consultation/{code}?token={}", jiwoo.token);
    let mut socket = server.client.socket(&path).await;
    let frame = json!({"type": "message", "message": "한 번만", "client_message_id": "x-1"});
    socket.send(frame).await;
    let heard = socket.expect("message").await;
    let body = json!({"message_content": "한 번만", "client_message_id": "x-1"});
    let path = format!("/chat/rooms/{room}/messages");
    let row = jiwoo.post(&path, body).await.expect(201);
    assert_eq!(row["message_id"], heard["id"]);
    assert_eq!(jiwoo.reads(room).await.len(), 1);
    let message = format!("{path}/{}", row["message_id"]);
    let words = json!({"message_content": "고쳐서"});
    jiwoo.put(&message, words).await.expect(200);
    assert_eq!(
        socket.expect("message_edited").await["message_id"],
        heard["id"]
    );
    jiwoo.delete(&message).await.expect(200);
    assert_eq!(
        socket.expect("message_deleted").await["message_id"],
        heard["id"]
    );
}
