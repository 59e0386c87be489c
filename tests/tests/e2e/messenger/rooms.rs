//! Rooms of two and the messages in them.

use serde_json::{Value, json};
use tests::{Counselor, TestApp, User, Visitor, admin_token, assert_golden};

use super::{changes, chats, history, meets, opens, says, sends};

#[tokio::test(flavor = "multi_thread")]
async fn two_people_talk_in_the_guides_shapes() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "mina").await;
    let john = User::new(&server.client, "john77").await;
    let image = "https://example.com/john.jpg";
    let body = json!({"firstName": "John", "lastName": "Doe", "profileImage": image});
    changes(&john, body).await.expect(200);

    let room = opens(&mina, &john.uuid, Some("booking-7"))
        .await
        .expect(201);
    assert_golden(&room, "messenger/room");
    assert_eq!(
        (&room["user1Id"], &room["user2Id"], &room["transactionId"]),
        (&json!(mina.uuid), &json!(john.uuid), &json!("booking-7"))
    );
    let id = room["id"].as_str().unwrap();

    says(&john, id, "Hello!").await;
    let list = mina.get("/api/v1/messages/chats").await.expect(200);
    assert_golden(&list, "messenger/chats");
    let chat = &list["chats"][0];
    assert_eq!(
        (&chat["participantName"], &chat["unreadCount"]),
        (&json!("John Doe"), &json!(1))
    );
    assert_eq!(chat["lastMessage"], "Hello!");

    let path = format!("/api/v1/messages/chats/{id}/messages?page=1&limit=50");
    let page = mina.get(&path).await.expect(200);
    assert_golden(&page, "messenger/messages");
    let row = &page["messages"][0];
    assert_eq!(
        (&row["senderId"], &row["senderName"], &row["isRead"]),
        (&json!(john.uuid), &json!("John Doe"), &json!(false))
    );
    let time = row["timestamp"].as_str().unwrap();
    assert!(time.len() == 24 && time.ends_with('Z'), "{time}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pair_has_one_room_in_every_dialect_and_its_first_booking_stays() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    let jun = User::new(&server.client, "준").await;
    let number = jun.meets(&mina).await;
    let room = opens(&mina, &jun.uuid, None).await.expect(200);
    assert_eq!(
        (&room["number"], &room["bookingId"]),
        (&json!(number), &Value::Null)
    );
    let room = opens(&jun, &mina.uuid, Some("first")).await.expect(200);
    assert_eq!(room["bookingId"], "first");
    let room = opens(&mina, &jun.uuid, Some("second")).await.expect(200);
    assert_eq!(
        room["bookingId"], "first",
        "a later one fills an empty one only"
    );
    assert_eq!(chats(&jun).await[0]["transactionId"], "first");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_is_with_somebody_else_who_is_there() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    let nobody = uuid::Uuid::from_u128(7).to_string();
    let unknown = opens(&mina, &nobody, None).await.expect(404);
    assert_eq!(unknown["statusCode"], 404);
    for wrong in [mina.uuid.as_str(), "", "not-a-uuid", "12"] {
        let refused = opens(&mina, wrong, None).await.expect(422);
        assert_eq!(
            refused["errors"][0]["loc"],
            json!(["body", "otherUserId"]),
            "{refused}"
        );
    }
    let long = "b".repeat(201);
    let jun = User::new(&server.client, "준").await;
    let refused = opens(&mina, &jun.uuid, Some(&long)).await.expect(422);
    assert_eq!(refused["errors"][0]["loc"], json!(["body", "bookingId"]));
    assert!(chats(&mina).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn outsiders_are_told_that_there_is_no_such_room() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    let jun = User::new(&server.client, "준").await;
    let eve = User::new(&server.client, "이브").await;
    let room = meets(&mina, &jun).await;
    let path = format!("/api/v1/messages/chats/{room}/messages");
    let there = eve.get(&path).await.expect(404);
    let nowhere = format!("/api/v1/messages/chats/{}/messages", mina.uuid);
    assert_eq!(
        there,
        eve.get(&nowhere).await.expect(404),
        "both look alike"
    );
    sends(&eve, &room, json!({"content": "?"}))
        .await
        .expect(404);
    sends(&eve, &room, json!({"content": 7})).await.expect(404);
    let odd = "/api/v1/messages/chats/12/messages";
    mina.get(odd).await.expect(422);
    let client = &server.client;
    for path in [path.as_str(), "/api/v1/messages/chats", "/api/v1/users/me"] {
        let refused = client.get(path, None).await.expect(401);
        assert_eq!(
            (&refused["statusCode"], &refused["error"]),
            (&json!(401), &json!("Unauthorized"))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_newest_first_and_know_of_each_other() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    let jun = User::new(&server.client, "준").await;
    let room = meets(&mina, &jun).await;
    for number in 1..=5 {
        says(&mina, &room, &number.to_string()).await;
    }
    let page = |query: &str| format!("/api/v1/messages/chats/{room}/messages?{query}");
    let second = jun.get(&page("page=2&limit=2")).await.expect(200);
    let texts: Vec<&str> = second["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["content"].as_str().unwrap())
        .collect();
    assert_eq!(texts, ["3", "2"]);
    assert_eq!(
        second["pagination"],
        json!({"currentPage": 2, "totalPages": 3, "totalItems": 5, "hasNext": true, "hasPrev": true})
    );
    for wrong in ["page=0", "limit=101", "limit=0", "page=x"] {
        let refused = jun.get(&page(wrong)).await.expect(422);
        assert_eq!(refused["statusCode"], 422);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_with_its_senders_own_id_is_sent_once() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    let jun = User::new(&server.client, "준").await;
    let room = meets(&mina, &jun).await;
    let body = json!({"content": "하나", "clientMessageId": "m-1"});
    let first = sends(&mina, &room, body.clone()).await;
    let again = sends(&mina, &room, body).await;
    assert_eq!(first.position(), again.position());
    assert_eq!(
        first.expect(201)["messageId"],
        again.expect(201)["messageId"]
    );
    let other = json!({"content": "둘", "clientMessageId": "m-1"});
    sends(&mina, &room, other).await.expect(409);
    let number = history(&mina, &room).await[0]["number"].as_u64().unwrap();
    // The same id means the same message in the other dialects too.
    let rooms = mina.get("/chat/rooms/").await.expect(200);
    let path = format!("/chat/rooms/{}/messages", rooms["rooms"][0]["room_id"]);
    let body = json!({"message_content": "하나", "client_message_id": "m-1"});
    let row = mina.post(&path, body).await.expect(201);
    assert_eq!(row["message_id"], number);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_read_in_another_dialect_is_read_here() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    let jun = User::new(&server.client, "준").await;
    let room = meets(&mina, &jun).await;
    says(&mina, &room, "읽었어?").await;
    assert_eq!(history(&mina, &room).await[0]["isRead"], false);
    let number = mina.meets(&jun).await;
    let read = format!("/chat/rooms/{number}/read/");
    jun.post(&read, json!({})).await.expect(200);
    assert_eq!(history(&mina, &room).await[0]["isRead"], true);
    // Whoever keeps their readings to themselves has read nothing, as far as others know.
    let settings = format!("/chat/rooms/{number}/settings/");
    let body = json!({"read_receipt_enabled": false});
    jun.put(&settings, body).await.expect(200);
    assert_eq!(history(&mina, &room).await[0]["isRead"], false);
    assert_eq!(history(&jun, &room).await[0]["isRead"], true);
    assert_eq!(chats(&jun).await[0]["unreadCount"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_messages_name_their_fields() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    let jun = User::new(&server.client, "준").await;
    let room = meets(&mina, &jun).await;
    let long = "가".repeat(10_001);
    for (body, field) in [
        (json!({}), "content"),
        (json!({"content": ""}), "content"),
        (json!({"content": long}), "content"),
        (json!({"content": "a", "type": "VOICE"}), "type"),
        (
            json!({"content": "a", "clientMessageId": ""}),
            "clientMessageId",
        ),
        (
            json!({"content": "a", "attachmentUrl": "javascript:alert(1)"}),
            "attachmentUrl",
        ),
        (
            json!({"content": "a", "replyToMessageId": "x"}),
            "replyToMessageId",
        ),
    ] {
        let refused = sends(&mina, &room, body.clone()).await.expect(422);
        assert_eq!(refused["errors"][0]["loc"][1], field, "{body}: {refused}");
        assert!(refused["message"].is_string());
    }
    let reply = json!({"content": "a", "replyToMessageId": mina.uuid});
    sends(&mina, &room, reply).await.expect(404);
    assert!(history(&mina, &room).await.is_empty());
    let first = says(&jun, &room, "질문").await;
    let reply = json!({"content": "답", "replyToMessageId": first["messageId"]});
    let row = sends(&mina, &room, reply).await.expect(201);
    assert_eq!(row["replyToMessageId"], first["messageId"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_not_listed_and_can_be_read_by_their_uuid() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    let jun = User::new(&server.client, "준").await;
    let number = mina.gathers("모임", &[&jun]).await;
    mina.says("모두 안녕", number).await;
    assert!(chats(&jun).await.is_empty());
    let detail = jun.get(&format!("/chat/rooms/{number}")).await.expect(200);
    let uuid = detail["uuid"].as_str().unwrap();
    assert_eq!(history(&jun, uuid).await[0]["content"], "모두 안녕");
    says(&jun, uuid, "안녕").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consultation_is_a_chat_of_two() {
    let server = TestApp::start().await;
    let admin = admin_token(&server.client).await;
    let counselor = Counselor::new(&server.client, &admin, "곰 상담사").await;
    let mut bell = counselor.waits().await;
    let _visitor = Visitor::asks(&server.client, "하늘").await;
    bell.expect("new_request").await;
    let request = counselor.requests().await[0]["id"].as_u64().unwrap();
    counselor.accepts(request).await.expect(200);
    let token = Some(counselor.token.as_str());
    let list = server.client.get("/api/v1/messages/chats", token).await;
    let chat = &list.expect(200)["chats"][0];
    assert_eq!(chat["participantName"], "하늘");
}
