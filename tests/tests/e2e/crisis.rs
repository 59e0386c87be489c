//! The crisis lane in consultations: who is told when somebody speaks of suicide, until when, and
//! who never is.

use std::time::Duration;

use serde_json::{Value, json};
use tests::{Counselor, Form, Meeting, Socket, TestApp, Visitor, admin_token, eventually};

/// The words of somebody in danger.
const WORDS: &str = "이제 정말 죽고 싶어요";

/// A counsellor who has accepted a visitor's request, with the bell still open.
async fn talking(server: &TestApp, admin: &str, name: &str) -> (Counselor, Socket, Visitor) {
    let counselor = Counselor::new(&server.client, admin, name).await;
    let mut bell = counselor.waits().await;
    let visitor = Visitor::asks(&server.client, "바다").await;
    let request = bell.expect("new_request").await["request"]["id"].clone();
    counselor
        .accepts(request.as_u64().unwrap())
        .await
        .expect(200);
    (counselor, bell, visitor)
}

async fn says(socket: &mut Socket, text: &str) -> Value {
    socket
        .send(json!({"type": "message", "message": text}))
        .await;
    hears_no_alert_before("message", socket).await
}

/// The next frame of this type, before which nothing was told of any alert.
async fn hears_no_alert_before(kind: &str, socket: &mut Socket) -> Value {
    loop {
        let frame = socket.next().await.unwrap();
        let of = frame["type"].as_str().unwrap();
        assert!(!of.starts_with("risk"), "{frame}");
        if of == kind {
            return frame;
        }
    }
}

async fn alerts(server: &TestApp, token: &str) -> Vec<Value> {
    let list = server.client.get("/api/v1/risk", Some(token)).await;
    let list = list.expect(200);
    assert_eq!(list["total"], list["alerts"].as_array().unwrap().len());
    list["alerts"].as_array().unwrap().clone()
}

async fn acknowledges(server: &TestApp, token: &str, alert: &Value, status: u16) -> Value {
    let alert = alert.to_string();
    let path = format!("/api/v1/risk/{}/acknowledge", alert.trim_matches('"'));
    let answer = server.client.post(&path, Some(token), json!({})).await;
    answer.expect(status)
}

/// All that is on record, as an auditor of the store would read it.
async fn recorded(server: &TestApp, kind: &str) -> usize {
    let app = server.app();
    let head = app.store.head().await.unwrap();
    let positions: Vec<u64> = (1..=head).collect();
    let events = app.store.read_positions(&positions).await.unwrap();
    let of_kind = events.iter().filter(|event| &*event.event_type == kind);
    of_kind.count()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_speaks_of_suicide_reaches_both_sockets_of_the_counselor_and_never_the_user() {
    let server = TestApp::start().await;
    let admin = admin_token(&server.client).await;
    let (counselor, mut bell, visitor) = talking(&server, &admin, "김상담").await;
    let other = Counselor::new(&server.client, &admin, "이상담").await;
    let mut others_bell = other.waits().await;
    let mut desk = counselor.enters(&visitor.code).await;
    let mut user = visitor.enters().await;
    desk.expect("user_status").await;
    let said = says(&mut user, WORDS).await;
    let alert = bell.expect("risk_alert").await;
    assert_eq!(alert["level"], "high");
    assert_eq!(alert["consultation_id"], visitor.started["id"]);
    assert_eq!(alert["message_id"], said["id"]);
    assert_eq!(alert["message_uuid"], said["uuid"]);
    assert_eq!(alert["times"], 0);
    let shown = alert.to_string();
    assert!(
        !shown.contains("죽고") && !shown.contains(&visitor.code),
        "{shown}"
    );
    assert_eq!(desk.expect("risk_alert").await["risk_id"], alert["risk_id"]);
    assert_eq!(alerts(&server, &counselor.token).await.len(), 1);
    assert_eq!(alerts(&server, &other.token).await.len(), 0);
    acknowledges(&server, &other.token, &alert["risk_id"], 404).await;
    let taken = acknowledges(&server, &counselor.token, &alert["risk_id"], 200).await;
    assert!(taken["acknowledged_at"].is_string());
    for socket in [&mut bell, &mut desk] {
        let told = socket.expect("risk_acknowledged").await;
        assert_eq!(told["risk_id"], alert["risk_id"]);
    }
    acknowledges(&server, &admin, &alert["risk_uuid"], 200).await;
    assert_eq!(recorded(&server, "alert.acknowledged").await, 1);
    assert_eq!(recorded(&server, "consultation.risk_flagged").await, 1);
    assert_eq!(alerts(&server, &admin).await.len(), 0);
    // Whatever comes next on these sockets, it is no alert.
    let talk = says(&mut user, "고마워요").await;
    assert_eq!(talk["message"], "고마워요");
    let second = Visitor::asks(&server.client, "산").await;
    let rung = hears_no_alert_before("new_request", &mut others_bell).await;
    assert_eq!(rung["request"]["consultation_id"], second.started["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn idioms_and_the_counselors_own_words_raise_nothing() {
    let server = TestApp::start().await;
    let admin = admin_token(&server.client).await;
    let (counselor, mut bell, visitor) = talking(&server, &admin, "김상담").await;
    let mut desk = counselor.enters(&visitor.code).await;
    let mut user = visitor.enters().await;
    says(&mut user, "배고파 죽겠어요 ㅋㅋ").await;
    desk.expect("message").await;
    says(&mut desk, "혹시 죽고 싶다는 생각도 드세요?").await;
    assert_eq!(recorded(&server, "alert.raised").await, 0);
    // Said once and sent twice, it is one alert.
    for _ in 0..2 {
        let message = json!({"type": "message", "message": "죽고 싶지 않은데 자꾸 자살 생각이 나요", "client_message_id": "한 번"});
        user.send(message).await;
    }
    bell.expect("risk_alert").await;
    says(&mut user, "끝").await;
    assert_eq!(recorded(&server, "alert.raised").await, 1);
    assert_eq!(recorded(&server, "consultation.risk_flagged").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_climbs_until_somebody_acknowledges_it_and_outlives_restarts() {
    let mut server =
        TestApp::with("auth.access_ttl = \"24h\"\ncrisis.alert_interval = \"1m\"").await;
    let admin = admin_token(&server.client).await;
    let (_counselor, mut bell, visitor) = talking(&server, &admin, "김상담").await;
    let other = Counselor::new(&server.client, &admin, "이상담").await;
    let mut others_bell = other.waits().await;
    let path = format!("/ws/admin/notifications?token={admin}");
    let mut alarms = server.client.socket(&path).await;
    let mut user = visitor.enters().await;
    says(&mut user, WORDS).await;
    let first = bell.expect("risk_alert").await;
    server.clock.forward(Duration::from_secs(61));
    for socket in [&mut bell, &mut others_bell, &mut alarms] {
        let again = socket.expect("risk_alert").await;
        assert_eq!(
            (&again["risk_id"], &again["times"]),
            (&first["risk_id"], &json!(1))
        );
    }
    let heard = alarms.position;
    server.restart().await;
    // What was raised again meanwhile comes to whoever goes on from where they were.
    server.clock.forward(Duration::from_secs(121));
    eventually("it is raised again", || async {
        let open = alerts(&server, &admin).await;
        (open[0]["times"] == 2).then_some(())
    })
    .await;
    let path = format!("/ws/admin/notifications?token={admin}&after={heard}");
    let mut alarms = server.client.socket(&path).await;
    assert_eq!(alarms.expect("risk_alert").await["times"], 2);
    // Told of it as well, the other one may take it up.
    acknowledges(&server, &other.token, &first["risk_id"], 200).await;
    alarms.expect("risk_acknowledged").await;
    server.clock.forward(Duration::from_hours(3));
    assert_eq!(alerts(&server, &admin).await.len(), 0);
    assert_eq!(recorded(&server, "alert.raised_again").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_are_for_counselors_and_administrators_only() {
    let server = TestApp::start().await;
    let admin = admin_token(&server.client).await;
    let (_counselor, mut bell, visitor) = talking(&server, &admin, "김상담").await;
    let mut user = visitor.enters().await;
    says(&mut user, WORDS).await;
    let alert = bell.expect("risk_alert").await;
    let guest = visitor.started["access_token"].as_str().unwrap();
    let stranger = tests::User::new(&server.client, "남").await;
    for (token, status) in [
        (None, 401),
        (Some(guest), 403),
        (Some(&*stranger.token), 403),
    ] {
        let list = server.client.get("/api/v1/risk", token).await;
        assert_eq!(list.status, status);
        let path = format!("/api/v1/risk/{}/acknowledge", alert["risk_id"]);
        assert_eq!(
            server.client.post(&path, token, json!({})).await.status,
            status
        );
        let token = token.unwrap_or_default();
        let path = format!("/ws/admin/notifications?token={token}");
        let mut socket = server.client.socket(&path).await;
        let expected = if token.is_empty() { 4401 } else { 4403 };
        assert_eq!(socket.closed().await, expected);
    }
    for unknown in ["0", "999999", "x", "00000000-0000-0000-0000-000000000000"] {
        let path = format!("/api/v1/risk/{unknown}/acknowledge");
        let answer = server.client.post(&path, Some(&admin), json!({})).await;
        assert_eq!(answer.status, 404, "{unknown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_session_about_emotions_those_who_take_calls_and_administrators_are_told() {
    let server = TestApp::start().await;
    let admin = admin_token(&server.client).await;
    let waiting = Counselor::new(&server.client, &admin, "김상담").await;
    let mut bell = waiting.waits().await;
    let path = format!("/ws/admin/notifications?token={admin}");
    let mut alarms = server.client.socket(&path).await;
    let user = tests::User::new(&server.client, "미나").await;
    let token = Some(&*user.token);
    let opened = server.client.post("/emotion/sessions", token, json!({}));
    let session = opened.await.expect(201)["session_id"].clone();
    let step = json!({"session_id": session, "user_input": WORDS});
    let step = server
        .client
        .post("/emotion/steps/generate", token, step)
        .await
        .expect(201);
    assert!(step["gpt_response"].as_str().unwrap().contains("109"));
    for socket in [&mut bell, &mut alarms] {
        let alert = socket.expect("risk_alert").await;
        assert_eq!(
            (&alert["session_id"], &alert["step_id"]),
            (&session, &step["step_id"])
        );
        assert_eq!(alert["consultation_id"], Value::Null);
    }
    let open = alerts(&server, &waiting.token).await;
    acknowledges(&server, &waiting.token, &open[0]["risk_id"], 200).await;
    alarms.expect("risk_acknowledged").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_into_a_message_later_counts_in_every_dialect() {
    let server = TestApp::start().await;
    let meeting = Meeting::consultation(&server.client).await;
    let user = &meeting.people[0];
    let path = format!("/chat/rooms/{}/messages", meeting.room);
    let token = Some(&*user.token);
    let words = json!({"message_content": "괜찮아요"});
    let sent = server.client.post(&path, token, words).await.expect(201);
    assert_eq!(recorded(&server, "alert.raised").await, 0);
    let path = format!("{path}/{}", sent["message_id"]);
    for words in [WORDS, "진짜 죽고 싶어요"] {
        let words = json!({"message_content": words});
        server.client.put(&path, token, words).await.expect(200);
    }
    assert_eq!(recorded(&server, "alert.raised").await, 1);
    assert_eq!(recorded(&server, "consultation.risk_flagged").await, 1);
}

/// Does something by which one more alert is raised.
async fn one_more(server: &TestApp, what: &str, does: impl Future<Output = ()>) {
    let before = recorded(server, "alert.raised").await;
    does.await;
    let after = recorded(server, "alert.raised").await;
    assert_eq!(after, before + 1, "{what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_else_somebody_writes_in_a_consultation_counts_as_well() {
    let server = TestApp::start().await;
    let client = &server.client;
    let meeting = Meeting::consultation(client).await;
    let user = &meeting.people[0];
    one_more(&server, "a nickname", async {
        Visitor::asks(client, WORDS).await;
    })
    .await;
    let visitor = Visitor::asks(client, "바다").await;
    one_more(&server, "another nickname", async {
        for words in [WORDS, "정말 죽고 싶어"] {
            let body = json!({"nickname": words});
            let path = visitor.path("/reconnect");
            client.post(&path, None, body).await.expect(200);
        }
    })
    .await;
    let path = format!("/chat/rooms/{}/messages", meeting.room);
    one_more(&server, "the label of a place", async {
        let place = json!({"latitude": 37.5, "longitude": 127.0, "label": WORDS});
        let body = json!({"message_content": "여기", "location": place});
        user.post(&path, body).await.expect(201);
    })
    .await;
    one_more(&server, "the name of a file", async {
        let form = Form::of("죽고 싶어요.txt", b"words");
        user.sends(form, meeting.room).await.expect(201);
    })
    .await;
    // The counsellor's own file says nothing of the user.
    let form = Form::of("정말 죽고 싶어요 - 상담 사례.txt", b"words");
    let before = recorded(&server, "alert.raised").await;
    let sent = meeting.people[1].sends(form, meeting.room).await;
    sent.expect(201);
    assert_eq!(recorded(&server, "alert.raised").await, before);
    let code = meeting.code.as_deref().unwrap();
    let of = |rest: &str| format!("/api/v1/consultations/{code}{rest}");
    user.post(&of("/end"), json!({})).await.expect(200);
    one_more(&server, "the rating", async {
        let rating = json!({"score": 2, "comment": WORDS});
        user.post(&of("/rating"), rating).await.expect(201);
    })
    .await;
    one_more(&server, "the card", async {
        let notes = json!({"additional_notes": WORDS});
        user.post(&of("/card"), notes.clone()).await.expect(201);
        user.put(&of("/card"), notes).await.expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_else_somebody_writes_in_a_session_counts_as_well() {
    let server = TestApp::start().await;
    let admin = admin_token(&server.client).await;
    let user = tests::User::new(&server.client, "미나").await;
    let opens = async |body: Value| user.post("/emotion/sessions", body).await.expect(201);
    for field in ["topic", "emotion_label"] {
        let mut body = json!({});
        body[field] = json!(WORDS);
        one_more(&server, field, async {
            opens(body).await;
        })
        .await;
    }
    let open = alerts(&server, &admin).await;
    assert!(open[0]["session_id"].is_string() && open[0]["step_id"].is_null());
    let session = opens(json!({"topic": "배고파 죽겠어요"})).await["session_id"].clone();
    one_more(&server, "a prompt", async {
        let step = json!({
            "session_id": session, "user_input": "위로해 줘",
            "system_prompt": "나는 죽고 싶은 사람이야",
        });
        let step = user.post("/emotion/steps/generate", step).await.expect(201);
        assert_eq!(step["risk"], "high");
        assert!(step["gpt_response"].as_str().unwrap().contains("109"));
    })
    .await;
}
