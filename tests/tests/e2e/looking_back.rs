//! Auditors look back: what somebody was shown at a position is what is shown of it later, with a
//! purpose that is on record, by the server and by `maeum-replay at`.

use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use tests::{Counselor, Form, TestApp, User, admin_token, binary};

use crate::audit::person;

/// What was shown at a position of the log, by the address that was asked.
struct Moment {
    name: &'static str,
    position: u64,
    shown: Vec<(String, u16, Value)>,
}

struct Scene {
    server: TestApp,
    admin: String,
    auditor: String,
    alice: User,
    counselor: Counselor,
    code: String,
    moments: Vec<Moment>,
}

impl Scene {
    async fn new() -> Self {
        let server = TestApp::start().await;
        let client = &server.client;
        let admin = admin_token(client).await;
        let (auditor, _) = person(client, &admin, "auditor").await;
        let counselor = Counselor::new(client, &admin, "상담사").await;
        let alice = User::new(client, "앨리스").await;
        let mut bell = counselor.waits().await;
        let body = json!({"nickname": "별명", "quick_match": true});
        let started = alice.post("/api/v1/consultations/start", body).await;
        let code = started.expect(201)["consultation_code"].clone();
        let mut scene = Self {
            admin,
            auditor,
            alice,
            code: code.as_str().unwrap().to_owned(),
            counselor: counselor.clone(),
            moments: Vec::new(),
            server,
        };
        let request = bell.expect("new_request").await["request"]["id"].clone();
        scene.notes_moment("waiting").await;
        let accepted = counselor
            .accepts(request.as_u64().unwrap())
            .await
            .expect(200);
        let room = accepted["room_id"].as_u64().unwrap();
        scene.notes_moment("accepted").await;
        let said = scene.alice.says("처음 한 말", room).await;
        counselor.user().says("대답", room).await;
        let form = Form::of("a.txt", b"words");
        scene.alice.sends(form, room).await.expect(201);
        scene.notes_moment("talking").await;
        scene.server.clock.forward(Duration::from_secs(90));
        let path = format!("/chat/rooms/{room}/messages/{said}");
        let edited = json!({"message_content": "고친 말"});
        scene.alice.put(&path, edited).await.expect(200);
        let nickname = json!({"nickname": "새별명"});
        let path = scene.path("/reconnect");
        scene.alice.post(&path, nickname).await.expect(200);
        scene.notes_moment("edited").await;
        let path = format!("/chat/rooms/{room}/messages/{said}");
        scene.alice.delete(&path).await.expect(200);
        let notes = json!({"counselor_notes": "상담사의 기록", "key_points": ["요점"]});
        let path = format!(
            "/api/v1/counselors/{}/dashboard/consultations/{}/notes",
            counselor.id, scene.code
        );
        let client = scene.server.client.clone();
        client
            .put(&path, Some(&counselor.token), notes)
            .await
            .expect(200);
        scene
            .alice
            .post(&scene.path("/end"), json!({}))
            .await
            .expect(200);
        scene.notes_moment("over").await;
        let card = json!({"additional_notes": "처음 메모"});
        scene
            .alice
            .post(&scene.path("/card"), card)
            .await
            .expect(201);
        scene.notes_moment("with a card").await;
        let card = json!({"additional_notes": "새 메모"});
        scene
            .alice
            .put(&scene.path("/card"), card)
            .await
            .expect(200);
        counselor.becomes("away").await.expect(200);
        scene.notes_moment("in the end").await;
        scene
    }

    fn path(&self, rest: &str) -> String {
        format!("/api/v1/consultations/{}{rest}", self.code)
    }

    /// Notes what both sides are shown now.
    async fn notes_moment(&mut self, name: &'static str) {
        let mut shown = Vec::new();
        let position = self.server.app().store.head().await.unwrap();
        let caught_up = self.server.app().projected(position).await;
        assert!(caught_up);
        for rest in ["", "/messages", "/card"] {
            let path = self.path(rest);
            let answer = self.alice.get(&path).await;
            shown.push((path, answer.status, answer.body));
        }
        for list in [
            "summary",
            "consultations",
            "requests",
            "requests?status=accepted",
        ] {
            let path = format!("/api/v1/counselors/{}/dashboard/{list}", self.counselor.id);
            let answer = self
                .server
                .client
                .get(&path, Some(&self.counselor.token))
                .await;
            shown.push((path, answer.status, answer.body));
        }
        let end = self.server.app().store.head().await.unwrap();
        assert_eq!(position, end, "nothing happened meanwhile: {name}");
        self.moments.push(Moment {
            name,
            position,
            shown,
        });
    }

    async fn looks_back(&self, path: &str, as_of: &str) -> tests::Answer {
        let joint = if path.contains('?') { '&' } else { '?' };
        let path = format!("{path}{joint}as_of={as_of}&purpose=complaint");
        self.server.client.get(&path, Some(&self.auditor)).await
    }

    async fn records(&self, after: u64) -> Vec<Value> {
        let page = self
            .server
            .app()
            .store
            .read_all(after, 1_000)
            .await
            .unwrap();
        let events = page.events.iter();
        let records = events.filter(|event| &*event.event_type == "access.recorded");
        records
            .map(|event| serde_json::from_slice(&event.payload).unwrap())
            .collect()
    }

    async fn at(&self, arguments: Vec<String>) -> (i32, Value, String) {
        let mut command = Command::new(binary("maeum-replay"));
        command
            .args(self.server.place.flags())
            .args(["at", "--json"])
            .args(arguments)
            .env_remove("MAEUM_TOKEN");
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await;
        let output = output.unwrap();
        let told = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code().unwrap(), told, err)
    }
}

/// How long somebody has to wait depends on all others, and a token is for who asked.
fn without_now(mut shown: Value) -> Value {
    let fields = shown.as_object_mut().unwrap();
    for field in ["queue_position", "estimated_wait_seconds"] {
        if fields.contains_key(field) {
            fields.insert(field.to_owned(), Value::Null);
        }
    }
    if let Some(list) = fields.get_mut("consultations") {
        for row in list.as_array_mut().unwrap() {
            *row = without_now(row.take());
        }
    }
    shown
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_shown_at_a_position_is_what_was() {
    let scene = Scene::new().await;
    for moment in &scene.moments {
        for (path, status, shown) in &moment.shown {
            let then = scene.looks_back(path, &moment.position.to_string()).await;
            let what = format!("{}: {path}: {}", moment.name, then.body);
            // There is no card yet, or it is too early for one: both were 404.
            assert_eq!(then.status, *status, "{what}");
            if *status == 200 {
                assert_eq!(without_now(then.body), without_now(shown.clone()), "{what}");
            }
        }
    }
    let talking = &scene.moments[2];
    let then = scene
        .looks_back(&scene.path("/messages"), &talking.position.to_string())
        .await;
    assert!(then.body.to_string().contains("처음 한 말"));
    let early = scene.looks_back(&scene.path(""), "3").await;
    early.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_is_as_good_as_a_position() {
    let scene = Scene::new().await;
    let [talking, edited] = [&scene.moments[2], &scene.moments[3]];
    let positions = [talking.position, edited.position];
    let events = scene
        .server
        .app()
        .store
        .read_positions(&positions)
        .await
        .unwrap();
    let at = |index: usize| {
        let time = jiff::Timestamp::from_microsecond(events[index].recorded_at).unwrap();
        format!("{time:.6}")
    };
    for (index, text) in [(0, "처음 한 말"), (1, "고친 말")] {
        let then = scene.looks_back(&scene.path("/messages"), &at(index)).await;
        assert!(then.body.to_string().contains(text), "{}", then.body);
    }
    let never = scene
        .looks_back(&scene.path(""), "1999-01-01T00:00:00Z")
        .await;
    never.expect(404);
    let now = scene
        .looks_back(&scene.path(""), "2099-01-01T00:00:00Z")
        .await;
    assert_eq!(now.expect(200)["status"], "completed");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_for_a_purpose_and_a_record_and_those_who_may() {
    let scene = Scene::new().await;
    let client = &scene.server.client;
    let moment = &scene.moments[2];
    let before = scene.server.app().store.head().await.unwrap();
    for (path, _, _) in &moment.shown {
        let joint = if path.contains('?') { '&' } else { '?' };
        let asked = format!("{path}{joint}as_of={}", moment.position);
        for token in [&scene.auditor, &scene.admin] {
            let refused = client.get(&asked, Some(token)).await.expect(400);
            assert_eq!(refused["code"], "purpose_required", "{path}");
        }
        let with_purpose = format!("{asked}&purpose=curiosity");
        let (service, _) = person(client, &scene.admin, "service").await;
        for token in [&scene.alice.token, &scene.counselor.token, &service] {
            let own_desk = path.contains("dashboard") && *token == scene.counselor.token;
            let expected = if own_desk { 200 } else { 403 };
            let answer = client.get(&with_purpose, Some(token)).await;
            assert_eq!(answer.status, expected, "{path}: {}", answer.body);
        }
        for bad in ["x", "-1", "99999999", "2026-13-01T00:00:00Z"] {
            let asked = format!("{path}{joint}as_of={bad}&purpose=complaint");
            let refused = client.get(&asked, Some(&scene.auditor)).await.expect(422);
            assert_eq!(
                refused["detail"][0]["loc"],
                json!(["query", "as_of"]),
                "{bad}"
            );
        }
    }
    let none = scene.records(before).await;
    assert_eq!(
        none.iter().filter(|r| r["role"] != "counselor").count(),
        0,
        "{none:?}"
    );
    for (index, act) in [(1, "consultation.read"), (4, "dashboard.read")] {
        let before = scene.server.app().store.head().await.unwrap();
        let path = &moment.shown[index].0;
        scene
            .looks_back(path, &moment.position.to_string())
            .await
            .expect(200);
        let records = scene.records(before).await;
        assert_eq!(records.len(), 1);
        assert_eq!(records[0]["act"], act);
        assert_eq!(records[0]["to"], moment.position);
        let concerned = records[0]["concerned"].to_string();
        assert!(concerned.contains(&scene.alice.uuid), "{concerned}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_tells_the_same_and_texts_through_the_server_alone() {
    let scene = Scene::new().await;
    let words = |texts: &[&str]| {
        texts
            .iter()
            .map(|text| (*text).to_owned())
            .collect::<Vec<_>>()
    };
    for moment in &scene.moments {
        let position = moment.position.to_string();
        let desk = scene.counselor.id.to_string();
        let asked = [
            &position,
            "--consultation",
            &scene.code,
            "--dashboard",
            &desk,
        ];
        let (code, told, err) = scene.at(words(&asked)).await;
        assert_eq!((code, &*err), (0, ""), "{told}");
        assert_eq!(told["at"], moment.position);
        let (talk, shown) = (&told["consultations"][0], &moment.shown[0].2);
        assert_eq!(talk["status"], shown["status"], "{}", moment.name);
        assert_eq!(talk["id"], shown["uuid"]);
        let messages = &moment.shown[1].2;
        if let Some(total) = talk["room"]["messages"]["total"].as_u64() {
            assert_eq!(messages["total"], total, "{}", moment.name);
        }
        assert_eq!(
            talk["has_card"],
            moment.shown[2].1 == 200,
            "{}",
            moment.name
        );
        let (desk, summary) = (&told["dashboards"][0], &moment.shown[3].2);
        for field in ["status", "pending_requests", "active_consultations"] {
            assert_eq!(desk[field], summary[field], "{}: {field}", moment.name);
        }
        let said = told.to_string();
        for text in ["처음", "고친", "별명", "기록", "메모", &scene.code] {
            assert!(!said.contains(text), "{}: {text}", moment.name);
        }
    }
    let before = scene.server.app().store.head().await.unwrap();
    let server = scene.server.client.url("");
    let talking = scene.moments[2].position.to_string();
    let mut asked = words(&[&talking, "--consultation", &scene.code]);
    asked.extend(words(&["--purpose", "complaint 7", "--server", &server]));
    asked.extend(words(&["--token", &scene.auditor]));
    let (code, told, err) = scene.at(asked).await;
    assert_eq!((code, &*err), (0, ""), "{told}");
    let newest = &told["consultations"][0]["room"]["messages"]["newest"];
    assert_eq!(newest[0]["text"]["content"]["text"], "처음 한 말", "{told}");
    assert!(
        told["consultations"][0]["texts"]
            .to_string()
            .contains("별명")
    );
    assert!(!told.to_string().contains("고친"), "that came later");
    let records = scene.records(before).await;
    assert!(!records.is_empty());
    assert!(
        records
            .iter()
            .all(|record| record["purpose"] == "complaint 7")
    );
    let (code, _, err) = scene.at(words(&["99999999"])).await;
    assert_eq!(code, 2, "{err}");
    let (code, told, _) = scene.at(words(&["5", "--room", "999999"])).await;
    assert_eq!(code, 1);
    assert_eq!(told["unknown"], json!(["room 999999"]));
}
