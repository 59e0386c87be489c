//! One consultation from the request to the card, in the shapes that its guide gives.

use serde_json::{Value, json};
use tests::{Counselor, TestApp, Visitor, admin_token};

#[track_caller]
fn assert_golden(answer: &Value, fixture: &str) {
    tests::assert_golden(answer, &format!("consultation/{fixture}"));
}

#[tokio::test(flavor = "multi_thread")]
#[expect(
    clippy::too_many_lines,
    reason = "one conversation, told from beginning to end"
)]
async fn a_consultation_runs_from_the_request_to_the_card_in_the_guides_shapes() {
    let server = TestApp::start().await;
    let client = &server.client;
    let admin = admin_token(client).await;
    let counselor = Counselor::new(client, &admin, "김상담").await;
    let mut bell = counselor.waits().await;

    let body = json!({
        "nickname": "바다", "character_type_preference": 1, "quick_match": true,
    });
    let visitor = Visitor::asks_with(client, body).await;
    assert_golden(&visitor.started, "start");
    assert_eq!(visitor.code.len(), 9);
    assert_eq!(visitor.started["status"], "waiting");

    let rung = bell.expect("new_request").await;
    let list = counselor.sees("requests").await.expect(200);
    assert_golden(&list, "requests");
    assert_eq!(rung["request"], list["requests"][0]);
    let request = list["requests"][0]["id"].as_u64().unwrap();

    let mut user = visitor.enters().await;
    assert_eq!(user.expect("status").await["status"], "waiting");
    let path = format!(
        "/api/v1/counselors/{}/dashboard/requests/{request}/accept",
        counselor.id
    );
    let greeting = json!({"response_message": "반갑습니다."});
    let accepted = client
        .post(&path, Some(&counselor.token), greeting)
        .await
        .expect(200);
    assert_golden(&accepted, "accept");
    loop {
        if user.expect("status").await["status"] == "active" {
            break;
        }
    }
    let hello = user.expect("message").await;
    assert_eq!(
        (&hello["message"], &hello["sender_type"]),
        (&json!("반갑습니다."), &json!("counselor"))
    );

    let mut theirs = counselor.enters(&visitor.code).await;
    theirs.expect("status").await;
    user.send(json!({"type": "message", "message": "잠이 오지 않아요", "client_message_id": "a1"}))
        .await;
    let heard = theirs.expect("message").await;
    assert_eq!(heard["message"], "잠이 오지 않아요");
    assert_eq!(heard["sender_name"], "바다");
    assert!(
        heard.get("client_message_id").is_none(),
        "the client's id is the sender's own"
    );
    let own = user.expect("message").await;
    assert_eq!(own["client_message_id"], "a1");
    assert_eq!(own["id"], heard["id"]);

    let history = client
        .get(&visitor.path("/messages?page=1&page_size=50"), None)
        .await
        .expect(200);
    assert_golden(&history, "messages");
    assert_eq!(history["total"], 2);
    assert_eq!(history["messages"][1]["id"], heard["id"]);

    let card = visitor.path("/card");
    client.post(&card, None, json!({})).await.expect(409);
    client.get(&card, None).await.expect(404);
    let ended = visitor.ends().await.expect(200);
    assert_golden(&ended, "end");
    let mut final_frame = Value::Null;
    let code = loop {
        match user.next().await {
            Ok(frame) => final_frame = frame,
            Err(code) => break code,
        }
    };
    assert_eq!(
        (final_frame["type"].as_str(), final_frame["status"].as_str()),
        (Some("status"), Some("completed"))
    );
    assert_eq!(code, 4403);
    assert_eq!(
        bell.expect("consultation_ended").await["consultation_code"],
        visitor.code
    );
    assert_eq!(
        visitor.ends().await.expect(200),
        ended,
        "ending twice gives the same answer"
    );

    let notes = json!({"additional_notes": "도움이 되었어요."});
    let made = client.post(&card, None, &notes).await.expect(201);
    assert_golden(&made, "card");
    assert_eq!(client.post(&card, None, &notes).await.expect(200), made);
    assert_eq!(client.get(&card, None).await.expect(200), made);
    let changed = client
        .put(&card, None, json!({"additional_notes": "고맙습니다."}))
        .await
        .expect(200);
    assert_eq!(changed["additional_notes"], "고맙습니다.");

    let rating = visitor.path("/rating");
    client
        .post(&rating, None, json!({"score": 6}))
        .await
        .expect(422);
    client
        .post(&rating, None, json!({"score": 5, "comment": "좋아요"}))
        .await
        .expect(201);
    client
        .post(&rating, None, json!({"score": 4}))
        .await
        .expect(409);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_counselors_notes_stand_on_the_card() {
    let server = TestApp::start().await;
    let client = &server.client;
    let admin = admin_token(client).await;
    let counselor = Counselor::new(client, &admin, "이상담").await;
    let _bell = counselor.waits().await;
    let visitor = Visitor::asks(client, "하늘").await;
    let request = tests::eventually("a request", || async {
        counselor
            .requests()
            .await
            .first()
            .and_then(|row| row["id"].as_u64())
    })
    .await;
    counselor.accepts(request).await.expect(200);
    let notes = json!({"counselor_notes": "수면에 대해 이야기함", "key_points": ["수면", "산책"]});
    let path = format!(
        "/api/v1/counselors/{}/dashboard/consultations/{}/notes",
        counselor.id, visitor.code
    );
    client
        .put(&path, Some(&counselor.token), notes)
        .await
        .expect(200);
    visitor.ends().await.expect(200);
    let card = client
        .post(&visitor.path("/card"), None, json!({}))
        .await
        .expect(201);
    assert_eq!(card["counselor_notes"], "수면에 대해 이야기함");
    assert_eq!(card["key_points"], json!(["수면", "산책"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_consultation_that_is_ended_is_terminated() {
    let server = TestApp::start().await;
    let visitor = Visitor::asks(&server.client, "구름").await;
    let ended = visitor.ends().await.expect(200);
    assert_eq!(
        (&ended["status"], &ended["duration_minutes"]),
        (&json!("terminated"), &json!(0))
    );
    assert_eq!(visitor.sees().await["status"], "terminated");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_nickname_leaves_old_messages_as_they_were() {
    let server = TestApp::start().await;
    let client = &server.client;
    let admin = admin_token(client).await;
    let counselor = Counselor::new(client, &admin, "박상담").await;
    let _bell = counselor.waits().await;
    let visitor = Visitor::asks(client, "처음").await;
    let request = tests::eventually("a request", || async {
        counselor
            .requests()
            .await
            .first()
            .and_then(|row| row["id"].as_u64())
    })
    .await;
    counselor.accepts(request).await.expect(200);
    let mut user = visitor.enters().await;
    user.send(json!({"type": "message", "message": "하나"}))
        .await;
    user.expect("message").await;
    let again = client
        .post(
            &visitor.path("/reconnect"),
            None,
            json!({"nickname": "다음"}),
        )
        .await
        .expect(200);
    assert_eq!(again["user_nickname"], "다음");
    user.send(json!({"type": "message", "content": "둘"})).await;
    assert_eq!(user.expect("message").await["sender_name"], "다음");
    let names: Vec<_> = visitor
        .history()
        .await
        .iter()
        .map(|row| row["sender_name"].clone())
        .collect();
    assert_eq!(names, ["처음", "다음"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_with_the_same_key_is_one_consultation() {
    let server = TestApp::start().await;
    let key = uuid::Uuid::from_u128(rand::random()).to_string();
    let start = |nickname: &'static str| {
        let request = server
            .client
            .request("POST", "/api/v1/consultations/start")
            .header("Idempotency-Key", &key)
            .json(&json!({"nickname": nickname}));
        server.client.send(request)
    };
    let first = start("별").await;
    let again = start("별").await;
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.position(), again.position());
    assert_eq!(first.body["id"], again.body["id"]);
    assert_eq!(
        first.body["consultation_code"],
        again.body["consultation_code"]
    );
    assert_eq!(start("달").await.status, 409);
}
