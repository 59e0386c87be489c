//! A log that our server wrote: people register, ask, talk and leave; then postgres-es reads it.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use cqrs_es::{AggregateContext, EventEnvelope, EventStore, Query};
use domain::{
    Account, Consultation, ConsultationStatus, Counselor, CounselorStatus, Decide, Message, Room,
    Session,
};
use postgres_es_reader::Read;
use serde_json::{Value, json};

use crate::agreement::agree;
use crate::log::Log;
use crate::server::{ADMIN, Server};

fn text(value: &Value) -> &str {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
}

/// What our server says of what it wrote.
struct Told {
    /// With one consultation that ended, and none now.
    counselor: Value,
    /// `completed`, `active` and `terminated`.
    consultations: [Value; 3],
    /// Of the first two consultations.
    messages: Vec<Value>,
    /// Deactivated.
    user: Value,
}

/// Counsels one person to the end, one who stays, and one who does not wait.
async fn a_day(server: &Server) -> Told {
    let credentials = |email: &str, password: &str| json!({"email": email, "password": password});
    let login = credentials(ADMIN.0, ADMIN.1);
    let admin = server.ask(("POST", "/login"), None, login, 200).await;
    let admin = Some(text(&admin["access_token"]));
    let kim = json!({
        "role": "counselor", "name": "김상담", "email": "kim@example.com",
        "password": "eight-or-more", "character_type_id": 1, "counseling_fields": [1],
    });
    server.ask(("POST", "/admin/users"), admin, kim, 201).await;
    let login = credentials("kim@example.com", "eight-or-more");
    let kim = server
        .ask(("POST", "/api/v1/counselors/auth/login"), None, login, 200)
        .await;
    let (id, token) = (&kim["user"]["counselor_id"], text(&kim["access_token"]));
    let bell = server
        .socket(&format!("/ws/counselor/{id}/notifications?token={token}"))
        .await;
    let waiting = ("PUT", "/api/v1/counselors/auth/status/waiting");
    server.ask(waiting, Some(token), json!({}), 200).await;

    let desk = format!("/api/v1/counselors/{id}/dashboard");
    let first = accepted(server, &desk, token, "바다").await;
    let path = format!("/api/v1/consultations/{first}");
    let notes = json!({"counselor_notes": "수면에 대해 이야기함", "key_points": ["수면"]});
    let place = format!("{desk}/consultations/{first}/notes");
    server.ask(("PUT", &place), Some(token), notes, 200).await;
    let nickname = json!({"nickname": "파도"});
    server
        .ask(("POST", &format!("{path}/reconnect")), None, nickname, 200)
        .await;
    server
        .ask(("POST", &format!("{path}/end")), None, json!({}), 200)
        .await;
    let rating = json!({"score": 4, "comment": "고맙습니다"});
    server
        .ask(("POST", &format!("{path}/rating")), None, rating, 201)
        .await;
    server
        .ask(("POST", &format!("{path}/card")), None, json!({}), 201)
        .await;
    let second = accepted(server, &desk, token, "하늘").await;
    let away = ("PUT", "/api/v1/counselors/auth/status/away");
    server.ask(away, Some(token), json!({}), 200).await;
    let third = starts(server, "구름").await;
    let end = format!("/api/v1/consultations/{third}/end");
    server.ask(("POST", &end), None, json!({}), 200).await;
    drop(bell);

    let user = json!({"name": "한별", "email": "u@example.com", "password": "eight-or-more"});
    let user = server.ask(("POST", "/register"), None, user, 201).await;
    let login = credentials("u@example.com", "eight-or-more");
    let session = server.ask(("POST", "/login"), None, login, 200).await;
    let again = json!({"refresh_token": session["refresh_token"]});
    server.ask(("POST", "/refresh"), None, again, 200).await;
    let place = format!("/admin/users/{}", text(&user["id"]));
    let user = server
        .ask(("PATCH", &place), admin, json!({"active": false}), 200)
        .await;

    let mut consultations = Vec::new();
    let mut messages = Vec::new();
    for code in [&first, &second, &third] {
        let path = format!("/api/v1/consultations/{code}");
        consultations.push(server.get(&path, None).await);
        let page = server.get(&format!("{path}/messages"), None).await;
        messages.extend(page["messages"].as_array().unwrap().clone());
    }
    let list = server.get("/api/v1/counselors", None).await;
    Told {
        counselor: list["counselors"][0].clone(),
        consultations: consultations.try_into().unwrap(),
        messages,
        user,
    }
}

/// Asks for a consultation: its code.
async fn starts(server: &Server, nickname: &str) -> String {
    let body = json!({"nickname": nickname, "quick_match": true});
    let started = server
        .ask(("POST", "/api/v1/consultations/start"), None, body, 201)
        .await;
    text(&started["consultation_code"]).to_owned()
}

/// Asks, and is accepted with a greeting.
async fn accepted(server: &Server, desk: &str, token: &str, nickname: &str) -> String {
    let code = starts(server, nickname).await;
    let requests = format!("{desk}/requests");
    let first = |list: &Value| list["requests"][0]["id"].as_u64();
    let request = server.get_until(&requests, Some(token), first).await;
    let accept = format!("{requests}/{request}/accept");
    let greeting = json!({"response_message": "반갑습니다."});
    server
        .ask(("POST", &accept), Some(token), greeting, 200)
        .await;
    code
}

async fn written() -> (Log, Told) {
    let log = Log::new().await;
    let server = Server::start(&log.database.url()).await;
    let told = a_day(&server).await;
    server.stop().await;
    (log, told)
}

/// The state of one aggregate by postgres-es.
async fn load<A: Decide<Command: Send>>(log: &Log, id: &str) -> A {
    let mut context = postgres_es_reader::open::<A>(&log.pool)
        .load_aggregate(id)
        .await
        .unwrap();
    context.aggregate().0.clone()
}

/// The stream of the event that made what has this number.
async fn stream_of(log: &Log, number: &Value) -> String {
    let sql = "SELECT aggregate_id FROM events WHERE position = $1";
    let query = sqlx::query_scalar(sql).bind(number.as_i64());
    query.fetch_one(&log.pool).await.unwrap()
}

#[tokio::test]
async fn postgres_es_reads_the_events_and_states_that_our_server_wrote() {
    let (log, told) = written().await;
    let mut read = of_every_aggregate!(agree(&log));
    read.retain(|_, events| *events > 0);
    assert_eq!(read, log.categories().await);
    for category in [
        "account",
        "consultation",
        "counselor",
        "email",
        "message",
        "room",
        "session",
    ] {
        assert!(read.contains_key(category), "the day had no {category}");
    }

    let status = |told: &Value| match text(&told["status"]) {
        "active" => ConsultationStatus::Active,
        "completed" => ConsultationStatus::Completed,
        "terminated" => ConsultationStatus::Terminated,
        other => panic!("{other}"),
    };
    for told in &told.consultations {
        let consultation: Consultation = load(&log, text(&told["uuid"])).await;
        assert_eq!(consultation.status(), Some(status(told)), "{told}");
        let room = consultation.room().map(|room| json!(room.to_string()));
        assert_eq!(room.unwrap_or_default(), told["room_uuid"]);
        if let Some(room) = told["room_uuid"].as_str() {
            let room: Room = load(&log, room).await;
            assert_eq!(room.is_open(), told["status"] == "active", "{told}");
        }
    }
    assert_eq!(told.messages.len(), 2);
    for message in &told.messages {
        let id = text(&message["uuid"]);
        assert_eq!(stream_of(&log, &message["id"]).await, id);
        let message: Message = load(&log, id).await;
        let rooms = told
            .consultations
            .each_ref()
            .map(|told| told["room_uuid"].clone());
        assert!(rooms.contains(&json!(message.room().unwrap().to_string())));
    }
    let counselor: Counselor = load(&log, text(&told.counselor["uuid"])).await;
    assert_eq!(
        told.counselor["active_consultations"],
        counselor.active_consultations()
    );
    assert_eq!(told.counselor["active_consultations"], 1);
    assert_eq!(
        (text(&told.counselor["status"]), counselor.status()),
        ("away", CounselorStatus::Away)
    );
    let user: Account = load(&log, text(&told.user["id"])).await;
    assert_eq!((user.exists(), user.is_active()), (true, false));
    assert_eq!(told.user["active"], false);
}

/// How many events a query is given, by stream.
#[derive(Clone, Default)]
struct Given(Arc<Mutex<Vec<(String, usize)>>>);

#[async_trait]
impl Query<Read<Session>> for Given {
    async fn dispatch(&self, id: &str, events: &[EventEnvelope<Read<Session>>]) {
        let events = events.iter().map(|event| (id.to_owned(), event.sequence));
        self.0.lock().unwrap().extend(events);
    }
}

#[tokio::test]
async fn its_replay_gives_a_query_every_event_of_ours() {
    let (log, _) = written().await;
    let streams = log.streams("session").await;
    assert!(streams.len() >= 3, "three people logged in");
    let given = Given::default();
    let replay = postgres_es_reader::replay::<Session, _>(&log.pool, given.clone());
    for (id, events) in &streams {
        replay.replay(id).await.unwrap();
        let expected: Vec<_> = (1..=events.len())
            .map(|sequence| (id.clone(), sequence))
            .collect();
        assert_eq!(std::mem::take(&mut *given.0.lock().unwrap()), expected);
    }
    replay.replay_all().await.unwrap();
    let all = std::mem::take(&mut *given.0.lock().unwrap());
    assert_eq!(Some(&all.len()), log.categories().await.get("session"));
}
