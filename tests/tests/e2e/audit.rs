//! What auditors read of the log: who may, what is shown, and that it is on record before.

use std::collections::BTreeSet;

use rusqlite::Connection;
use serde_json::{Value, json};
use tests::{Answer, Client, Counselor, TestApp, Visitor, admin_token, eventually};

const EVENTS: &str = "/api/v1/audit/events";
const PURPOSE: &str = "complaint%202026-117";
const PASSWORD: &str = "eight-or-more";

const REFUSE_SQLITE: &str =
    "CREATE TRIGGER refused BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'no'); END";
const ACCEPT_SQLITE: &str = "DROP TRIGGER refused";
const REFUSE_POSTGRES: &str = "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
     AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
     CREATE TRIGGER refused BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION refuse()";
const ACCEPT_POSTGRES: &str = "DROP TRIGGER refused ON events";

/// What was said, named and written in the talk of [`Scene`]; all of it is personal.
pub const MARKS: [&str; 6] = [
    "표지상담사",
    "표지닉네임",
    "표지문장입니다",
    "표지번호",
    "표지메모",
    "표지평가",
];

/// Somebody of any role who has logged in: the token and the id.
pub async fn person(client: &Client, admin: &str, role: &str) -> (String, String) {
    let email = format!("{}@example.com", uuid::Uuid::from_u128(rand::random()));
    let body = json!({"role": role, "name": "이름", "email": email, "password": PASSWORD});
    let made = client
        .post("/admin/users", Some(admin), body)
        .await
        .expect(201);
    let login = json!({"email": email, "password": PASSWORD});
    let session = client.post("/login", None, login).await.expect(200);
    let token = session["access_token"].as_str().unwrap().to_owned();
    (token, made["id"].as_str().unwrap().to_owned())
}

/// A server with a consultation that has gone all its way, and an auditor.
pub struct Scene {
    pub server: TestApp,
    pub admin: String,
    pub counselor: Counselor,
    pub visitor: Visitor,
    pub auditor: String,
    auditor_id: String,
}

impl Scene {
    pub async fn new() -> Self {
        let server = TestApp::start().await;
        let client = server.client.clone();
        let admin = admin_token(&client).await;
        let counselor = Counselor::new(&client, &admin, "표지상담사").await;
        let mut bell = counselor.waits().await;
        let visitor = Visitor::asks(&client, "표지닉네임").await;
        let request = &bell.expect("new_request").await["request"];
        counselor
            .accepts(request["id"].as_u64().unwrap())
            .await
            .expect(200);
        let mut user = visitor.enters().await;
        let said = json!({"type": "message", "message": "표지문장입니다", "client_message_id": "표지번호"});
        user.send(said).await;
        user.expect("message").await;
        visitor.ends().await.expect(200);
        let card = json!({"additional_notes": "표지메모"});
        client
            .post(&visitor.path("/card"), None, card)
            .await
            .expect(201);
        let rating = json!({"score": 5, "comment": "표지평가"});
        client
            .post(&visitor.path("/rating"), None, rating)
            .await
            .expect(201);
        let (auditor, auditor_id) = person(&client, &admin, "auditor").await;
        user.close().await;
        bell.close().await;
        let scene = Self {
            server,
            admin,
            counselor,
            visitor,
            auditor,
            auditor_id,
        };
        for last in ["member.delivered", "counselor.socket_closed"] {
            eventually(last, async || scene.has(last).await.then_some(())).await;
        }
        scene
    }

    /// How many events of a type the log holds, whoever is told of them.
    async fn count(&self, event_type: &str) -> usize {
        let store = &self.server.app().store;
        let page = store.read_all(0, 10_000).await.unwrap();
        let events = page.events.iter();
        events
            .filter(|event| &*event.event_type == event_type)
            .count()
    }

    async fn has(&self, event_type: &str) -> bool {
        self.count(event_type).await > 0
    }

    async fn reads(&self, query: &str) -> Answer {
        let path = format!("{EVENTS}?{query}");
        self.server.client.get(&path, Some(&self.auditor)).await
    }

    /// Everything from the beginning to the end that the log had then, by pages.
    async fn reads_all(&self, query: &str) -> Vec<Value> {
        let mut all = Vec::new();
        let (mut after, mut head) = (0, None);
        loop {
            let page = self
                .reads(&format!("{query}&after={after}"))
                .await
                .expect(200);
            let head = *head.get_or_insert(page["head"].as_u64().unwrap());
            let scanned_to = page["scanned_to"].as_u64().unwrap();
            all.extend(page["events"].as_array().unwrap().iter().cloned());
            if scanned_to >= head {
                all.retain(|event| position(event) <= head);
                return all;
            }
            assert!(scanned_to > after, "it gets on");
            after = scanned_to;
        }
    }

    async fn head(&self) -> u64 {
        self.server.app().store.head().await.unwrap()
    }

    /// What is on record of readings.
    pub async fn records(&self) -> Vec<Value> {
        self.reads_all("type=access.recorded").await
    }

    /// The store takes no more events, or takes them again.
    async fn refuse_appends(&self, refuse: bool) {
        let place = &self.server.place;
        match place.database() {
            None => {
                let log = place.data().join("events.db");
                let sql = if refuse { REFUSE_SQLITE } else { ACCEPT_SQLITE };
                Connection::open(log).unwrap().execute_batch(sql).unwrap();
            }
            Some(log) => {
                let sql = if refuse {
                    REFUSE_POSTGRES
                } else {
                    ACCEPT_POSTGRES
                };
                log.execute(sql).await;
            }
        }
    }
}

fn position(event: &Value) -> u64 {
    event["position"].as_u64().unwrap()
}

fn positions(events: &[Value]) -> Vec<u64> {
    events.iter().map(position).collect()
}

fn states(events: &[Value]) -> BTreeSet<String> {
    let parts = events
        .iter()
        .flat_map(|event| event["parts"].as_array().unwrap());
    parts
        .map(|part| part["state"].as_str().unwrap().to_owned())
        .collect()
}

/// The event of a type, of which there is one.
fn the<'a>(events: &'a [Value], event_type: &str) -> &'a Value {
    let mut found = events.iter().filter(|event| event["type"] == event_type);
    let event = found
        .next()
        .unwrap_or_else(|| panic!("there is a {event_type}"));
    assert!(found.next().is_none(), "there is one {event_type}");
    event
}

#[tokio::test(flavor = "multi_thread")]
async fn only_auditors_and_administrators_read_the_log() {
    let scene = Scene::new().await;
    let client = &scene.server.client;
    client.get(EVENTS, None).await.expect(401);
    client.get(EVENTS, Some("nonsense")).await.expect(401);
    let guest = scene.visitor.started["access_token"].as_str().unwrap();
    client.get(EVENTS, Some(guest)).await.expect(403);
    for role in ["user", "counselor", "analyst", "service"] {
        let (token, _) = person(client, &scene.admin, role).await;
        client.get(EVENTS, Some(&token)).await.expect(403);
        // Nor are they told what the query should be.
        let bad = format!("{EVENTS}?limit=0&purpose={PURPOSE}");
        client.get(&bad, Some(&token)).await.expect(403);
    }
    client
        .get(EVENTS, Some(&scene.counselor.token))
        .await
        .expect(403);
    client.get(EVENTS, Some(&scene.auditor)).await.expect(200);
    client.get(EVENTS, Some(&scene.admin)).await.expect(200);
    client
        .post(EVENTS, Some(&scene.auditor), json!({}))
        .await
        .expect(405);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_purpose_there_is_no_text_anywhere() {
    let scene = Scene::new().await;
    let all = scene.reads_all("limit=500").await;
    let body = Value::from(all.clone()).to_string();
    for mark in MARKS
        .iter()
        .chain([&scene.visitor.code.as_str(), &"$argon2id$"])
    {
        assert!(!body.contains(mark), "{mark}");
    }
    assert_eq!(states(&all), ["sealed".to_owned()].into());
    assert!(!body.contains("\"content\""), "not even an empty one");
    let requested = the(&all, "consultation.requested");
    let consultation = requested["stream"].as_str().unwrap().replace('-', ":");
    let subject = requested["parts"][0]["keys"]["subject"].as_str().unwrap();
    assert_eq!(
        subject.replace('-', ":"),
        consultation,
        "the names of keys are shown"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_purpose_texts_are_shown_and_the_reading_is_on_record_before() {
    let scene = Scene::new().await;
    let before = scene.head().await;
    let page = scene
        .reads(&format!("limit=500&purpose=%20{PURPOSE}%20"))
        .await
        .expect(200);
    let all = page["events"].as_array().unwrap();
    let body = page.to_string();
    for mark in MARKS {
        assert!(body.contains(mark), "{mark}");
    }
    let recorded = page["recorded_at_position"].as_u64().unwrap();
    assert!(recorded > before);
    let page = scene
        .reads(&format!("positions={recorded}"))
        .await
        .expect(200);
    let record = &page["events"][0];
    assert_eq!(record["type"], "access.recorded");
    assert_eq!(
        (&record["actor"], &record["role"]),
        (&json!(scene.auditor_id), &json!("auditor"))
    );
    assert!(record["stream"].as_str().unwrap().starts_with("access-20"));
    let payload = &record["payload"];
    assert_eq!(payload["account"], json!(scene.auditor_id));
    assert_eq!(payload["act"], "audit.events.read");
    assert_eq!(payload["purpose"], "complaint 2026-117");
    assert_eq!(
        (&payload["from"], &payload["to"]),
        (&json!(1), &json!(positions(all).last()))
    );
    assert_eq!(payload["events"], json!(all.len()));
    let concerned = &payload["concerned"];
    let id_of = |event_type: &str| {
        let stream = the(all, event_type)["stream"].as_str().unwrap();
        json!(stream.split_once('-').unwrap().1)
    };
    assert_eq!(
        concerned["consultations"],
        json!([id_of("consultation.requested")])
    );
    assert_eq!(concerned["rooms"], json!([id_of("room.opened")]));
    assert_eq!(
        concerned["counselors"],
        json!([id_of("counselor.registered")])
    );
    let people = concerned["people"].as_array().unwrap();
    let requester = &the(all, "consultation.requested")["payload"]["requester"]["id"];
    assert!(people.contains(requester) && people.contains(&json!(scene.counselor.uuid)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lets_one_act_as_somebody_else_is_shown_to_nobody() {
    let scene = Scene::new().await;
    let all = scene
        .reads_all(&format!("limit=500&purpose={PURPOSE}"))
        .await;
    let body = Value::from(all.clone()).to_string();
    for secret in ["$argon2", &scene.visitor.code, &scene.counselor.token] {
        assert!(!body.contains(secret), "{secret}");
    }
    let requested = the(&all, "consultation.requested");
    assert_eq!(
        requested["parts"][0]["content"],
        json!({"nickname": "표지닉네임"})
    );
    let registered = all
        .iter()
        .find(|event| event["type"] == "account.registered")
        .unwrap();
    let part = |field: &str| {
        let index = registered["payload"][field].as_u64().unwrap();
        &registered["parts"][usize::try_from(index).unwrap()]
    };
    assert_eq!(part("profile")["state"], "open");
    assert_eq!(part("password_hash")["state"], "withheld");
    assert_eq!(part("password_hash").get("content"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_recorded_is_not_shown() {
    let scene = Scene::new().await;
    scene.refuse_appends(true).await;
    for query in [
        format!("limit=500&purpose={PURPOSE}"),
        "limit=500".to_owned(),
    ] {
        let answer = scene.reads(&query).await;
        assert_eq!(answer.headers["retry-after"], "1");
        let body = answer.expect(503);
        assert_eq!(body["code"], "access_not_recorded");
        for mark in MARKS {
            assert!(!body.to_string().contains(mark), "{mark}");
        }
        assert_eq!(body.get("events"), None);
    }
    scene.refuse_appends(false).await;
    let page = scene
        .reads(&format!("limit=500&purpose={PURPOSE}"))
        .await
        .expect(200);
    assert!(page.to_string().contains(MARKS[0]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reading_without_a_purpose_is_on_record_too_unless_it_is_of_ones_own() {
    let scene = Scene::new().await;
    let page = scene.reads("limit=3").await.expect(200);
    let recorded = page["recorded_at_position"].as_u64().unwrap();
    let records = scene.records().await;
    assert_eq!(positions(&records), [recorded]);
    assert_eq!(records[0]["payload"].get("purpose"), None);
    let own = format!("actor={}&type=session.opened", scene.auditor_id);
    let page = scene.reads(&own).await.expect(200);
    assert_eq!(page["events"].as_array().unwrap().len(), 1);
    assert_eq!(page["recorded_at_position"], Value::Null);
    let nothing = scene.reads("type=counselor.deactivated").await.expect(200);
    assert_eq!(nothing["events"], json!([]));
    assert_eq!(
        scene.count("access.recorded").await,
        1,
        "neither one's own, nor nothing, nor the records themselves"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purpose_has_to_be_one() {
    let scene = Scene::new().await;
    let too_long = "x".repeat(201);
    for bad in ["%20", "%0a%0a", "a%0ab", "a%1b%5b2J", &too_long] {
        let body = scene.reads(&format!("purpose={bad}")).await.expect(422);
        assert_eq!(
            body["detail"][0]["loc"],
            json!(["query", "purpose"]),
            "{bad}"
        );
    }
    assert_eq!(scene.count("access.recorded").await, 0);
    let page = scene.reads("limit=500&purpose=").await.expect(200);
    assert_eq!(
        states(page["events"].as_array().unwrap()),
        ["sealed".to_owned()].into(),
        "an empty one is none"
    );
    let longest = "가".repeat(200);
    scene
        .reads(&format!("purpose={longest}&limit=1"))
        .await
        .expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_for_wrongly_is_named() {
    let scene = Scene::new().await;
    for (field, bad) in [
        ("limit", "0"),
        ("limit", "501"),
        ("limit", "x"),
        ("after", "-1"),
        ("after", "1e3"),
        ("after", "999999999"),
        ("after", "99999999999999999999"),
        ("type", "message.lost"),
        ("type", "김하늘"),
        ("stream", "김하늘"),
        ("stream", "room-' OR 1=1"),
        ("actor", "me"),
        ("actor", "123456789"),
        ("positions", "1,x"),
        ("positions", "0"),
    ] {
        let body = scene.reads(&format!("{field}={bad}")).await.expect(422);
        assert_eq!(
            body["detail"][0]["loc"],
            json!(["query", field]),
            "{field}={bad}"
        );
    }
    let several = scene.reads("limit=0&type=x&purpose=%20").await.expect(422);
    assert_eq!(several["detail"].as_array().unwrap().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_found_by_stream_type_person_and_position() {
    let scene = Scene::new().await;
    let all = scene.reads_all("limit=500").await;
    let of = |wanted: &dyn Fn(&Value) -> bool| -> Vec<u64> {
        all.iter()
            .filter(|event| wanted(event))
            .map(position)
            .collect()
    };
    let found = async |query: &str| positions(&scene.reads_all(query).await);
    let stream = &the(&all, "consultation.requested")["stream"];
    let in_stream = of(&|event| event["stream"] == *stream);
    assert!(in_stream.len() > 4, "{in_stream:?}");
    let by_stream = format!("stream={}", stream.as_str().unwrap());
    assert_eq!(found(&by_stream).await, in_stream);
    assert_eq!(
        found(&format!("{by_stream}&limit=1")).await,
        in_stream,
        "one at a time"
    );
    assert_eq!(
        found("type=account.registered&limit=2").await,
        of(&|event| event["type"] == "account.registered")
    );
    let uuid = &scene.counselor.uuid;
    let acted = of(&|event| event["actor"] == *uuid);
    assert!(acted.len() > 2);
    assert_eq!(found(&format!("actor={uuid}")).await, acted);
    let account = all
        .iter()
        .find(|event| event["stream"] == format!("account-{uuid}"))
        .unwrap();
    assert_eq!(
        found(&format!("actor={}", account["number"])).await,
        acted,
        "by the integer"
    );
    assert_eq!(
        found(&format!("actor={uuid}&type=session.opened")).await,
        of(&|event| event["actor"] == *uuid && event["type"] == "session.opened")
    );
    let some = scene.reads("positions=9,3,5,3,999999").await.expect(200);
    assert_eq!(positions(some["events"].as_array().unwrap()), [3, 5, 9]);
    let rest = scene
        .reads("positions=3,5,9&after=3&limit=1")
        .await
        .expect(200);
    assert_eq!(positions(rest["events"].as_array().unwrap()), [5]);
    assert_eq!(rest["scanned_to"], 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_show_every_event_once_and_in_order() {
    let scene = Scene::new().await;
    let head = scene.head().await;
    for limit in [1, 7, 100] {
        let mut all = positions(&scene.reads_all(&format!("limit={limit}")).await);
        all.retain(|position| *position <= head);
        assert_eq!(all, (1..=head).collect::<Vec<_>>(), "limit {limit}");
    }
    let end = scene.head().await;
    let page = scene.reads(&format!("after={end}")).await.expect(200);
    let all = positions(page["events"].as_array().unwrap());
    assert!(all.iter().all(|position| *position > end));
    assert_eq!(page["scanned_to"], page["head"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_erased_is_shown_as_erased_with_a_purpose_and_without() {
    let scene = Scene::new().await;
    let before = scene
        .reads_all(&format!("limit=500&purpose={PURPOSE}"))
        .await;
    let keys = &the(&before, "consultation.requested")["parts"][0]["keys"];
    let subject = keys["subject"].as_str().unwrap().to_owned();
    scene
        .server
        .app()
        .keys
        .destroy(&[subject.as_str().into()])
        .unwrap();
    for purpose in [String::new(), format!("&purpose={PURPOSE}")] {
        let all = scene.reads_all(&format!("limit=500{purpose}")).await;
        let body = Value::from(all.clone()).to_string();
        assert!(!body.contains("표지문장입니다") && !body.contains("표지닉네임"));
        for event in &all {
            for part in event["parts"].as_array().unwrap() {
                let erased = part["keys"]["subject"] == *subject;
                assert_eq!(part["state"] == "erased", erased, "{part}");
            }
        }
        assert_eq!(
            body.contains("표지상담사"),
            !purpose.is_empty(),
            "others stay"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn readings_at_once_are_all_on_record() {
    const AT_ONCE: usize = 40;
    let scene = Scene::new().await;
    let readings = (0..AT_ONCE).map(|_| scene.reads("limit=5"));
    let pages = futures_util::future::join_all(readings).await;
    let mut recorded: Vec<_> = pages
        .into_iter()
        .map(|page| page.expect(200)["recorded_at_position"].as_u64().unwrap())
        .collect();
    recorded.sort_unstable();
    assert_eq!(positions(&scene.records().await), recorded);
}
