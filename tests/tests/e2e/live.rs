//! Live connections: resume, rights, typing, presence, bad frames, slow readers.

use domain::PersonId;
use event_store::{Direction, StreamName};
use projections::presence;
use serde_json::json;
use tests::{Counselor, Socket, TestApp, Visitor, admin_token, eventually};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

/// A consultation that has been accepted.
async fn active(server: &TestApp) -> (Counselor, Visitor) {
    let admin = admin_token(&server.client).await;
    let counselor = Counselor::new(&server.client, &admin, "상담사").await;
    let mut bell = counselor.waits().await;
    let visitor = Visitor::asks(&server.client, "바람").await;
    let id = bell.expect("new_request").await["request"]["id"]
        .as_u64()
        .unwrap();
    counselor.accepts(id).await.expect(200);
    bell.close().await;
    (counselor, visitor)
}

async fn says(socket: &mut Socket, text: &str) {
    socket
        .send(json!({"type": "message", "message": text}))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_comes_back_gets_what_it_missed_in_order_and_nothing_twice() {
    let mut server = TestApp::start().await;
    let (counselor, visitor) = active(&server).await;
    let mut user = visitor.enters().await;
    let mut theirs = counselor.enters(&visitor.code).await;
    says(&mut theirs, "0").await;
    theirs.expect("message").await;
    user.expect("message").await;
    let seen = user.position;
    user.close().await;
    for text in ["1", "2", "3"] {
        says(&mut theirs, text).await;
        theirs.expect("message").await;
    }
    drop(theirs);
    server.restart().await;
    let visitor = Visitor {
        client: server.client.clone(),
        ..visitor
    };
    let counselor = Counselor {
        client: server.client.clone(),
        ..counselor
    };
    let mut user = visitor.returns(seen).await;
    for text in ["1", "2", "3"] {
        assert_eq!(user.expect("message").await["message"], text);
    }
    let mut theirs = counselor.enters(&visitor.code).await;
    says(&mut theirs, "4").await;
    assert_eq!(user.expect("message").await["message"], "4");
}

#[tokio::test(flavor = "multi_thread")]
async fn positions_to_resume_from_are_checked() {
    let server = TestApp::start().await;
    let (_, visitor) = active(&server).await;
    let path = |after: &str| format!("/ws/consultation/{}?after={after}", visitor.code);
    assert_eq!(server.client.socket(&path("x")).await.closed().await, 4400);
    assert_eq!(
        server.client.socket(&path("999999")).await.closed().await,
        4410
    );
    server.clock.forward(std::time::Duration::from_hours(25));
    assert_eq!(server.client.socket(&path("1")).await.closed().await, 4410);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_position_that_a_write_has_just_told_is_one_to_resume_from() {
    let server = TestApp::start().await;
    for _ in 0..20 {
        let body = json!({"nickname": "바로"});
        let started = server
            .client
            .post("/api/v1/consultations/start", None, body)
            .await;
        let code = started.body["consultation_code"].as_str().unwrap();
        let path = format!("/ws/consultation/{code}?after={}", started.position());
        server.client.socket(&path).await.expect("status").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn typing_and_reads_reach_the_other_side_only() {
    let server = TestApp::start().await;
    let (counselor, visitor) = active(&server).await;
    let mut user = visitor.enters().await;
    user.expect("status").await;
    let mut theirs = counselor.enters(&visitor.code).await;
    let online = user.expect("user_status").await;
    assert_eq!(
        (&online["sender_type"], &online["status"]),
        (&json!("counselor"), &json!("online"))
    );
    theirs
        .send(json!({"type": "typing", "is_typing": true}))
        .await;
    let typing = user.expect("typing").await;
    assert_eq!(typing["is_typing"], true);
    assert_eq!(typing["sender_name"], "상담사");
    // Without renewal it ends by itself.
    assert_eq!(user.expect("typing").await["is_typing"], false);
    says(&mut theirs, "읽어 주세요").await;
    let id = user.expect("message").await["id"].clone();
    user.send(json!({"type": "read", "message_id": id})).await;
    let read = theirs.expect("message_read").await;
    assert_eq!(
        (&read["message_id"], &read["sender_type"]),
        (&id, &json!("user"))
    );
    theirs.close().await;
    assert_eq!(user.expect("user_status").await["status"], "offline");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_client_message_id_is_one_message() {
    let server = TestApp::start().await;
    let (_, visitor) = active(&server).await;
    let mut user = visitor.enters().await;
    let frame = json!({"type": "message", "message": "한 번만", "client_message_id": "c-1"});
    user.send(&frame).await;
    user.expect("message").await;
    user.send(&frame).await;
    user.send(json!({"type": "message", "message": "다른 말", "client_message_id": "c-1"}))
        .await;
    assert_eq!(user.expect("error").await["status"], 409);
    eventually("one message", || async {
        (visitor.history().await.len() == 1).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_frames_get_an_error_and_the_connection_stays() {
    let server = TestApp::start().await;
    let (_, visitor) = active(&server).await;
    let mut user = visitor.enters().await;
    for bad in [
        "",
        "{",
        "[]",
        "null",
        "{\"type\": 1}",
        "{\"type\": \"nosuch\"}",
        "{\"type\": \"message\"}",
        "{\"type\": \"message\", \"message\": \"\"}",
        "{\"type\": \"message\", \"message\": \"a\\u0000b\"}",
        "{\"type\": \"message\", \"message\": \"\\ud800\"}",
        "{\"type\": \"read\", \"message_id\": -1}",
        "{\"type\": \"read\", \"message_id\": 999999}",
    ] {
        user.send_text(bad).await;
        let error = user.expect("error").await;
        assert!(
            error["detail"].is_string() && error["code"].is_string(),
            "{bad}: {error}"
        );
    }
    user.send_text(&"[".repeat(60_000)).await;
    user.expect("error").await;
    user.send_raw(Message::Binary(vec![1, 2, 3].into())).await;
    user.expect("error").await;
    says(&mut user, &"가".repeat(10_001)).await;
    user.expect("error").await;
    says(&mut user, "아직 여기 있어요").await;
    assert_eq!(user.expect("message").await["message"], "아직 여기 있어요");
    user.send_text(&"x".repeat(70_000)).await;
    assert_eq!(user.closed().await, 1009);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_enter_is_closed_with_the_code_that_says_why() {
    let server = TestApp::start().await;
    let (_, visitor) = active(&server).await;
    let admin = admin_token(&server.client).await;
    let stranger = Counselor::new(&server.client, &admin, "낯선").await;
    assert_eq!(stranger.enters(&visitor.code).await.closed().await, 4404);
    let bad = format!("/ws/consultation/{}?token=nonsense", visitor.code);
    assert_eq!(server.client.socket(&bad).await.closed().await, 4401);
    assert_eq!(
        server
            .client
            .socket("/ws/consultation/QQQQQQQQQ")
            .await
            .closed()
            .await,
        4404
    );
    let bell = format!("/ws/counselor/{}/notifications", stranger.id);
    assert_eq!(server.client.socket(&bell).await.closed().await, 4401);
    let other = format!("{bell}?token={admin}");
    assert!([4403, 4404].contains(&server.client.socket(&other).await.closed().await));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_origin_is_refused_before_the_upgrade() {
    let server = TestApp::start().await;
    let (_, visitor) = active(&server).await;
    let url = format!(
        "ws://{}/ws/consultation/{}",
        server.client.address, visitor.code
    );
    for (origin, allowed) in [
        ("https://evil.example".to_owned(), false),
        ("null".to_owned(), false),
        (
            format!("http://{}.evil.example", server.client.address),
            false,
        ),
        (format!("http://{}", server.client.address), true),
    ] {
        let mut request = url.as_str().into_client_request().unwrap();
        request
            .headers_mut()
            .insert("Origin", origin.parse().unwrap());
        let opened = Socket::open(request).await;
        assert_eq!(
            opened.as_ref().err().copied(),
            (!allowed).then_some(403),
            "{origin}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_opens_one_connection() {
    let server = TestApp::start().await;
    let admin = admin_token(&server.client).await;
    let counselor = Counselor::new(&server.client, &admin, "표").await;
    let ticket = server
        .client
        .post("/auth/ws-ticket", Some(&counselor.token), json!({}))
        .await
        .expect(201);
    assert_eq!(ticket["expires_in"], 30);
    let path = format!(
        "/ws/counselor/{}/notifications?ticket={}",
        counselor.id,
        ticket["ticket"].as_str().unwrap()
    );
    let _open = server.client.socket(&path).await;
    assert_eq!(server.client.socket(&path).await.closed().await, 4401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_to_a_consultation_that_is_not_active_is_refused() {
    let server = TestApp::start().await;
    let visitor = Visitor::asks(&server.client, "새벽").await;
    let mut user = visitor.enters().await;
    says(&mut user, "거기 누구 있나요").await;
    assert_eq!(user.expect("error").await["status"], 409);
}

#[tokio::test(flavor = "multi_thread")]
async fn someone_waiting_is_told_their_place() {
    let server = TestApp::start().await;
    let first = Visitor::asks(&server.client, "앞").await;
    let second = Visitor::asks(&server.client, "뒤").await;
    let mut socket = second.enters().await;
    let status = socket.expect("status").await;
    assert_eq!(status["queue_position"], 2);
    assert!(status["estimated_wait_seconds"].is_u64());
    first.ends().await.expect(200);
    assert_eq!(socket.expect("status").await["queue_position"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_is_too_slow_is_closed_and_resumes_without_a_gap() {
    let server =
        TestApp::with("live.queue_bytes = \"64KiB\"\nlimits.messages_per_minute = 0").await;
    let (counselor, visitor) = active(&server).await;
    let mut slow = visitor.enters().await;
    slow.expect("status").await;
    let mut theirs = counselor.enters(&visitor.code).await;
    let padding = "가".repeat(9_000);
    let mut count = 0;
    // As much as the socket buffers on the way hold, and then the queue: from there on it has ten
    // seconds to learn why it is closed.
    while !server.has_lost_a_slow_reader().await {
        for _ in 0..20 {
            says(&mut theirs, &format!("{count} {padding}")).await;
            theirs.expect("message").await;
            count += 1;
        }
    }
    let number_of = |frame: &serde_json::Value| {
        let text = frame["message"].as_str().unwrap();
        text.split(' ').next().unwrap().parse::<usize>().unwrap()
    };
    let mut heard = Vec::new();
    let code = loop {
        match slow.next().await {
            Ok(frame) if frame["type"] == "message" => heard.push(number_of(&frame)),
            Ok(_) => {}
            Err(code) => break code,
        }
    };
    assert_eq!(code, 4408);
    assert!(heard.len() < count);
    let mut again = visitor.returns(slow.position).await;
    while heard.len() < count {
        heard.push(number_of(&again.expect("message").await));
    }
    assert_eq!(heard, (0..count).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_reads_nothing_more_is_cut_off_in_time_and_resumes_without_a_gap() {
    let server = TestApp::with("limits.messages_per_minute = 0").await;
    let (counselor, visitor) = active(&server).await;
    let url = format!(
        "ws://{}/ws/consultation/{}",
        server.client.address, visitor.code
    );
    let mut stuck = Socket::narrow(&url).await;
    stuck.expect("status").await;
    let mut theirs = counselor.enters(&visitor.code).await;
    theirs.expect("status").await;
    let connections = || server.app().hub.subscribers();
    eventually("the bell is gone", || async {
        (connections() == 2).then_some(())
    })
    .await;
    // More than the server's queue and the sockets' buffers hold.
    let padding = "가".repeat(9_000);
    let count = 300;
    for number in 0..count {
        says(&mut theirs, &format!("{number} {padding}")).await;
        theirs.expect("message").await;
    }
    eventually("it is cut off", || async {
        (connections() == 1).then_some(())
    })
    .await;
    let mut heard = Vec::new();
    let number_of = |frame: &serde_json::Value| {
        let text = frame["message"].as_str().unwrap();
        text.split(' ').next().unwrap().parse::<usize>().unwrap()
    };
    while let Ok(frame) = stuck.next().await {
        if frame["type"] == "message" {
            heard.push(number_of(&frame));
        }
    }
    assert!(heard.len() < count);
    let mut again = visitor.returns(stuck.position).await;
    while heard.len() < count {
        heard.push(number_of(&again.expect("message").await));
    }
    assert_eq!(heard, (0..count).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_ends_when_its_token_expires_or_its_account_is_deactivated() {
    let server = TestApp::with("auth.access_ttl = \"3s\"").await;
    let admin = admin_token(&server.client).await;
    let expiring = Counselor::new(&server.client, &admin, "기한").await;
    let deactivated = Counselor::new(&server.client, &admin, "정지").await;
    let mut expires = expiring.listens().await;
    let mut ends = deactivated.listens().await;
    let path = format!("/admin/users/{}", deactivated.uuid);
    let off = json!({"active": false});
    server
        .client
        .patch(&path, Some(&admin), off)
        .await
        .expect(200);
    let second = std::time::Duration::from_secs(1);
    let ended = tokio::time::timeout(second, ends.closed()).await;
    assert_eq!(ended.expect("within a second"), 4401);
    assert_eq!(expires.closed().await, 4401);
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_last_connection_is_gone_was_last_seen_then_after_a_restart_too() {
    let mut server = TestApp::start().await;
    let admin = admin_token(&server.client).await;
    let counselor = Counselor::new(&server.client, &admin, "다녀감").await;
    let person = PersonId(counselor.uuid.parse().unwrap());
    let bell = counselor.listens().await;
    eventually("they are online", || async {
        server.app().presence.is_online(person).then_some(())
    })
    .await;
    assert_eq!(left_at(&server, person).await, None);
    bell.close().await;
    let left = eventually("it is recorded", || left_at(&server, person)).await;
    assert!(!server.app().presence.is_online(person));
    server.restart().await;
    let seen = presence::last_seen(&*server.app().reader, person).await;
    assert_eq!(seen.unwrap(), Some(left));
}

/// When it was first recorded that somebody was gone.
async fn left_at(server: &TestApp, person: PersonId) -> Option<i64> {
    let stream = StreamName::new("presence", person);
    let store = &server.app().store;
    let events = store.read_stream(&stream, 1, Direction::Forward, 1).await;
    events.unwrap().first().map(|event| event.recorded_at)
}
