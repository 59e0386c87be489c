//! Auditors look back at rooms: what whoever began a room was shown at a position is what is shown of
//! it later, with a purpose that is on record.

use std::time::Duration;

use serde_json::{Value, json};
use tests::{Answer, Counselor, Form, TestApp, User, admin_token, eventually};

use crate::audit::person;

/// What can be looked back at.
const LISTS: [&str; 3] = ["", "/messages?size=3", "/participants"];

/// The path that was asked, and the answer.
type Shown = (String, u16, Value);

/// What was shown at a position of the log.
struct Moment {
    name: &'static str,
    position: u64,
    shown: Vec<Shown>,
}

struct Scene {
    server: TestApp,
    admin: String,
    auditor: String,
    alice: User,
    bora: User,
    group: u64,
    rooms: Vec<u64>,
    moments: Vec<Moment>,
}

impl Scene {
    async fn new() -> Self {
        let server = TestApp::start().await;
        let client = &server.client;
        let admin = admin_token(client).await;
        let (auditor, _) = person(client, &admin, "auditor").await;
        let (alice, bora) = (
            User::new(client, "앨리스").await,
            User::new(client, "보라").await,
        );
        let late = User::new(client, "나중에온사람").await;
        let group = alice.gathers("모임", &[&bora]).await;
        let mut scene = Self {
            rooms: vec![group],
            server,
            admin,
            auditor,
            alice,
            bora,
            group,
            moments: Vec::new(),
        };
        scene.notes_moment("begun").await;
        let said = scene.talks().await;
        scene.changes(said, &late).await;
        scene.consults().await;
        scene
    }

    async fn talks(&mut self) -> u64 {
        let (alice, bora, group) = (self.alice.clone(), self.bora.clone(), self.group);
        let said = alice.says("처음 한 말", group).await;
        bora.says("대답", group).await;
        let direct = alice.meets(&bora).await;
        bora.says("둘만의 말", direct).await;
        self.rooms.push(direct);
        self.notes_moment("talking").await;
        alice
            .sends(Form::of("a.txt", b"words"), group)
            .await
            .expect(201);
        let read = format!("/chat/rooms/{group}/read");
        bora.post(&read, json!({})).await.expect(200);
        self.notes_moment("read").await;
        said
    }

    async fn changes(&mut self, said: u64, late: &User) {
        let (alice, group) = (self.alice.clone(), self.group);
        self.server.clock.forward(Duration::from_secs(90));
        let path = format!("/chat/rooms/{group}/messages/{said}");
        let edited = json!({"message_content": "고친 말"});
        alice.put(&path, edited).await.expect(200);
        let members = format!("/api/v1/chat/rooms/{group}/members");
        let joins = json!({"user_id": late.id});
        alice.post(&members, joins).await.expect(201);
        late.says("늦은 말", group).await;
        self.notes_moment("edited").await;
        alice.delete(&path).await.expect(200);
        let leaves = format!("{members}/{}", late.id);
        alice.delete(&leaves).await.expect(200);
        self.notes_moment("left").await;
    }

    async fn consults(&mut self) {
        let (client, admin) = (self.server.client.clone(), self.admin.clone());
        let counselor = Counselor::new(&client, &admin, "상담사").await;
        let mut bell = counselor.waits().await;
        let body = json!({"nickname": "별명", "quick_match": true});
        let started = self.alice.post("/api/v1/consultations/start", body).await;
        started.expect(201);
        let request = bell.expect("new_request").await["request"]["id"].clone();
        let accepted = counselor.accepts(request.as_u64().unwrap()).await;
        let room = accepted.expect(200)["room_id"].as_u64().unwrap();
        self.rooms.push(room);
        self.alice.says("고민", room).await;
        self.notes_moment("in a consultation").await;
        counselor.user().says("위로", room).await;
        self.notes_moment("in the end").await;
    }

    /// Notes what whoever began the rooms is shown now, while nothing happens.
    async fn notes_moment(&mut self, name: &'static str) {
        let noted = eventually("nothing happens for a moment", || self.shown()).await;
        let (position, shown) = noted;
        self.moments.push(Moment {
            name,
            position,
            shown,
        });
    }

    /// What is shown at a position; nothing where something happened meanwhile.
    async fn shown(&self) -> Option<(u64, Vec<Shown>)> {
        let mut shown = Vec::new();
        let position = self.server.app().store.head().await.unwrap();
        assert!(self.server.app().projected(position).await);
        for room in &self.rooms {
            for list in LISTS {
                let path = format!("/chat/rooms/{room}{list}");
                let answer = self.alice.get(&path).await;
                shown.push((path, answer.status, answer.body));
            }
        }
        let end = self.server.app().store.head().await.unwrap();
        (position == end).then_some((position, shown))
    }

    async fn asks(&self, path: &str, more: &str, token: &str) -> Answer {
        let joint = if path.contains('?') { '&' } else { '?' };
        let path = format!("{path}{joint}{more}");
        self.server.client.get(&path, Some(token)).await
    }

    async fn looks_back(&self, path: &str, as_of: u64) -> Answer {
        let more = format!("as_of={as_of}&purpose=complaint");
        self.asks(path, &more, &self.auditor).await
    }

    async fn records(&self, after: u64) -> Vec<Value> {
        let store = &self.server.app().store;
        let page = store.read_all(after, 1_000).await.unwrap();
        let events = page.events.iter();
        let records = events.filter(|event| &*event.event_type == "access.recorded");
        records
            .map(|event| serde_json::from_slice(&event.payload).unwrap())
            .collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_room_showed_at_a_position_is_what_was() {
    let scene = Scene::new().await;
    for moment in &scene.moments {
        for (path, status, shown) in &moment.shown {
            let then = scene.looks_back(path, moment.position).await;
            let what = format!("{}: {path}: {}", moment.name, then.body);
            assert_eq!((then.status, &then.body), (*status, shown), "{what}");
        }
    }
    let messages = format!("/chat/rooms/{}/messages", scene.group);
    let said = |moment: usize| scene.looks_back(&messages, scene.moments[moment].position);
    assert!(said(1).await.body.to_string().contains("처음 한 말"));
    let edited = said(3).await.body.to_string();
    assert!(edited.contains("고친 말") && !edited.contains("처음 한 말"));
    assert!(!said(4).await.body.to_string().contains("고친 말"));
    let early = scene.looks_back(&messages, 3).await;
    assert_eq!(early.expect(404)["code"], "unknown_room");
    let never = scene.looks_back("/chat/rooms/999999/messages", 3).await;
    never.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn rooms_are_looked_back_at_for_a_purpose_and_a_record_by_those_who_may() {
    let scene = Scene::new().await;
    let client = &scene.server.client;
    let (service, _) = person(client, &scene.admin, "service").await;
    let moment = scene.moments.last().unwrap();
    let before = scene.server.app().store.head().await.unwrap();
    let as_of = format!("as_of={}", moment.position);
    for (path, _, _) in &moment.shown {
        for token in [&scene.auditor, &scene.admin] {
            let refused = scene.asks(path, &as_of, token).await.expect(400);
            assert_eq!(refused["code"], "purpose_required", "{path}");
            // Without looking back there is no such room for them.
            scene
                .asks(path, "purpose=complaint", token)
                .await
                .expect(404);
        }
        let with_purpose = format!("{as_of}&purpose=curiosity");
        let mine = scene.asks(path, &with_purpose, &scene.alice.token).await;
        assert_eq!(mine.expect(403)["code"], "role_required", "{path}");
        let outside = scene.asks(path, &with_purpose, &service).await;
        assert_eq!(outside.status, 404, "{path}");
        for bad in ["x", "-1", "99999999", "2026-13-01T00:00:00Z"] {
            let bad = format!("as_of={bad}&purpose=complaint");
            let refused = scene.asks(path, &bad, &scene.auditor).await.expect(422);
            assert_eq!(refused["detail"][0]["loc"], json!(["query", "as_of"]));
        }
    }
    assert_eq!(scene.records(before).await, Vec::<Value>::new());
    let path = format!("/chat/rooms/{}/messages", scene.group);
    scene.looks_back(&path, moment.position).await.expect(200);
    let records = scene.records(before).await;
    assert_eq!(records.len(), 1);
    assert_eq!(
        (
            &records[0]["act"],
            &records[0]["to"],
            &records[0]["purpose"]
        ),
        (
            &json!("room.read"),
            &json!(moment.position),
            &json!("complaint")
        )
    );
    let concerned = records[0]["concerned"].to_string();
    for person in [&scene.alice, &scene.bora] {
        assert!(concerned.contains(&person.uuid), "{concerned}");
    }
}
