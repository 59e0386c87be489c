//! Nobody is shown what was said where they take no part, but for a purpose that is on record
//! first: every call, as everybody who might.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::{Answer, Client, Counselor, TestApp, Visitor, admin_token};

use super::asks;
use super::reading_table::{ENDING, ROWS, Row, TELLS_NAMES};
use crate::audit::person;
use crate::erasure::planted::{MARKS, Planted};

/// Somebody who takes no part in anything of [`Planted`].
struct Reader {
    role: &'static str,
    token: String,
    /// Of their desk, if they are a counsellor.
    desk: u64,
}

struct Scene {
    server: TestApp,
    planted: Planted,
    readers: Vec<Reader>,
    /// The room as messengers name it.
    chat: String,
    hold: String,
    /// Ids of which a record has to name one.
    concerned: Vec<String>,
}

impl Scene {
    async fn new() -> Self {
        let server = TestApp::with("limits.requests_per_minute = 0").await;
        let client = server.client.clone();
        let admin = admin_token(&client).await;
        // Is asked for the consultation, and passed over.
        let other = Counselor::new(&client, &admin, "다른 상담사").await;
        let bell = other.waits().await;
        let planted = Planted::new(&client).await;
        bell.close().await;
        let mut readers = vec![Reader {
            role: "counselor",
            token: other.token,
            desk: other.id,
        }];
        for role in ["user", "auditor", "analyst", "service", "admin"] {
            readers.push(Reader {
                role,
                token: person(&client, &admin, role).await.0,
                desk: 0,
            });
        }
        let guest = Visitor::asks(&client, "다른 손님").await;
        readers.push(Reader {
            role: "guest",
            token: guest.started["access_token"].as_str().unwrap().to_owned(),
            desk: 0,
        });
        let alice = &planted.alice;
        let body = json!({"user_id": alice.uuid, "reason": "지워질 사유"});
        let hold = client.post("/admin/holds", Some(&admin), body).await;
        let hold = hold.expect(201)["hold_id"].as_str().unwrap().to_owned();
        let room = alice.get(&format!("/chat/rooms/{}", planted.direct)).await;
        let chat = room.expect(200)["uuid"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/consultations/{}", planted.code);
        let talk = alice.get(&path).await.expect(200);
        let concerned = vec![
            alice.uuid.clone(),
            chat.clone(),
            talk["uuid"].as_str().unwrap().to_owned(),
        ];
        Self {
            server,
            planted,
            readers,
            chat,
            hold,
            concerned,
        }
    }

    fn client(&self) -> &Client {
        &self.server.client
    }

    fn fill(&self, text: &str, reader: &Reader) -> String {
        let planted = &self.planted;
        let fresh = uuid::Uuid::from_u128(rand::random()).to_string();
        [
            ("CODE", planted.code.clone()),
            ("DESK", planted.counselor.id.to_string()),
            ("OWN", reader.desk.to_string()),
            ("ROOM", planted.direct.to_string()),
            ("CHAT", self.chat.clone()),
            ("MESSAGE", planted.said.to_string()),
            ("FILE", planted.files[0].clone()),
            ("ALICES", planted.alice.id.to_string()),
            ("ALICE", planted.alice.uuid.clone()),
            ("EMOTION", planted.emotion.clone()),
            ("HOLD", self.hold.clone()),
            ("FRESH", fresh),
        ]
        .into_iter()
        .fold(text.to_owned(), |text, (name, value)| {
            text.replace(name, &value)
        })
    }

    async fn asks(&self, row: &Row, reader: &Reader, purpose: Option<&str>) -> Answer {
        let mut path = self.fill(row.2, reader);
        if let Some(purpose) = purpose {
            let joint = if path.contains('?') { '&' } else { '?' };
            path = format!("{path}{joint}purpose={purpose}");
        }
        let body = self.fill(row.3, reader);
        asks(self.client(), row.0, &path, Some(&reader.token), &body).await
    }

    /// Makes those anew whose token ended with the call.
    async fn renew(&mut self, index: usize) {
        let client = self.client().clone();
        let admin = admin_token(&client).await;
        let role = self.readers[index].role;
        self.readers[index].token = match role {
            "guest" => return,
            "counselor" => Counselor::new(&client, &admin, "다른 상담사").await.token,
            role => person(&client, &admin, role).await.0,
        };
    }

    /// What is on record behind a position.
    async fn records(&self, after: u64) -> Vec<Value> {
        let page = self.server.app().store.read_all(after, 100).await.unwrap();
        let records = page.events.iter();
        let records = records.filter(|event| &*event.event_type == "access.recorded");
        records
            .map(|event| serde_json::from_slice(&event.payload).unwrap())
            .collect()
    }

    async fn head(&self) -> u64 {
        self.server.app().store.head().await.unwrap()
    }
}

/// Whether an answer tells anything that was planted.
fn tells(row: &Row, answer: &Answer) -> bool {
    let mut said = answer.body.to_string();
    if (row.0, row.1) == TELLS_NAMES {
        for name in ["지워질이름", "지워질성", "지워질사람", "/지워질.png"] {
            said = said.replace(name, "");
        }
    }
    // What was asked for comes back in errors and in searches.
    MARKS.iter().any(|mark| said.contains(mark))
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_reads_of_others_without_a_purpose_and_a_record() {
    let mut scene = Scene::new().await;
    let mut wrong = Vec::new();
    for row in ROWS {
        for index in 0..scene.readers.len() {
            let reader = &scene.readers[index];
            let role = reader.role;
            let who = format!("{} {} by {role}", row.0, row.2);
            let answer = scene.asks(row, reader, None).await;
            if tells(row, &answer) {
                wrong.push(format!("{who}: told without a purpose: {}", answer.body));
            }
            if answer.status == 400 && answer.body["code"] != "purpose_required" {
                wrong.push(format!("{who}: {}", answer.body));
            }
            if answer.status >= 500 {
                wrong.push(format!("{who}: {} {}", answer.status, answer.body));
            }
            if ENDING.contains(&row.2) {
                scene.renew(index).await;
                continue;
            }
            let purpose = format!("walk-{}", rand::random::<u64>());
            let before = scene.head().await;
            let reader = &scene.readers[index];
            let answer = scene.asks(row, reader, Some(&purpose)).await;
            let told = tells(row, &answer);
            if told != row.4.contains(&role) {
                let (status, body) = (answer.status, &answer.body);
                wrong.push(format!(
                    "{who}: told for a purpose: {told}: {status} {body}"
                ));
            }
            let records = scene.records(before).await;
            let is_ours = |record: &Value| {
                let named = record["concerned"].to_string();
                record["purpose"] == *purpose
                    && record["role"] == role
                    && scene.concerned.iter().any(|id| named.contains(id))
            };
            if told && !records.iter().any(is_ours) {
                wrong.push(format!("{who}: not on record: {records:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_that_is_documented_is_read_by_those_who_take_no_part() {
    let server = TestApp::start().await;
    let document = server.client.get("/openapi.json", None).await.expect(200);
    let known: BTreeSet<_> = ROWS.iter().map(|row| (row.0, row.1)).collect();
    let mut missing = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            if !known.contains(&(method.as_str(), path.as_str())) {
                missing.push(format!("{method} {path}"));
            }
        }
    }
    assert!(
        missing.is_empty(),
        "no row in reading_table.rs for {missing:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_and_reasons_need_a_purpose_in_the_query_or_in_a_header() {
    let scene = Scene::new().await;
    let client = scene.client();
    let token = |role: &str| {
        let reader = scene.readers.iter().find(|reader| reader.role == role);
        reader.unwrap().token.clone()
    };
    let dispatch = format!("/api/v1/consultations/{}/dispatch", scene.planted.code);
    let stats = format!("/api/v1/counselors/{}/stats", scene.planted.counselor.id);
    for (path, role, act) in [
        (&dispatch, "admin", "consultation.dispatch.read"),
        (&dispatch, "auditor", "consultation.dispatch.read"),
        (&stats, "admin", "counselor.statistics.read"),
    ] {
        let token = token(role);
        let refused = client.get(path, Some(&token)).await.expect(400);
        assert_eq!(refused["code"], "purpose_required", "{path}");
        for bad in ["%20", "a%0ab", &"x".repeat(201)] {
            let path = format!("{path}?purpose={bad}");
            client.get(&path, Some(&token)).await.expect(422);
        }
        let before = scene.head().await;
        let asked = client.request("GET", path).bearer_auth(&token);
        let asked = asked.header("X-Purpose", "민원 2026-117".as_bytes());
        client.send(asked).await.expect(200);
        let records = scene.records(before).await;
        assert_eq!(records.len(), 1, "{records:?}");
        assert_eq!(records[0]["act"], act);
        assert_eq!(records[0]["purpose"], "민원 2026-117");
    }
    // Whose it is reads it as before.
    let counselor = &scene.planted.counselor;
    let before = scene.head().await;
    client.get(&stats, Some(&counselor.token)).await.expect(200);
    assert!(scene.records(before).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_listens_for_a_purpose_that_is_on_record() {
    let server = TestApp::start().await;
    let client = &server.client;
    let admin = admin_token(client).await;
    let service = person(client, &admin, "service").await.0;
    let counselor = Counselor::new(client, &admin, "상담사").await;
    let mut bell = counselor.waits().await;
    let visitor = Visitor::asks(client, "손님").await;
    let request = bell.expect("new_request").await["request"]["id"].clone();
    counselor
        .accepts(request.as_u64().unwrap())
        .await
        .expect(200);
    let shown = visitor.sees().await;
    let talk = format!("/ws/consultation/{}?token={service}", visitor.code);
    let mina = tests::User::new(client, "미나").await;
    let bora = tests::User::new(client, "보라").await;
    let room = mina.meets(&bora).await;
    let feed = format!("/ws/chat/{room}?user_id={}&token={service}", mina.id);
    for (path, concerned) in [(talk, shown["uuid"].clone()), (feed, json!(mina.uuid))] {
        let mut socket = client.socket(&path).await;
        assert_eq!(socket.closed().await, 4400, "{path}");
        let head = server.app().store.head().await.unwrap();
        let mut socket = client.socket(&format!("{path}&purpose=relay-7")).await;
        if path.contains("consultation") {
            socket.expect("status").await;
        } else {
            bora.says("들려요?", room).await;
            socket.expect("message").await;
        }
        let page = server.app().store.read_all(head, 100).await.unwrap();
        let mut records = page.events.iter();
        let record = records.find(|event| &*event.event_type == "access.recorded");
        let record: Value = serde_json::from_slice(&record.unwrap().payload).unwrap();
        assert_eq!(record["purpose"], "relay-7");
        let concerned = concerned.as_str().unwrap();
        assert!(record["concerned"].to_string().contains(concerned));
        socket.close().await;
    }
}
