//! What is kept no longer goes, and it is what the plan said before.

use std::collections::BTreeSet;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use tests::talks::{diff, verify};
use tests::{Answer, FORM_TYPE, Form, TestApp, User, Visitor, admin_token, binary, eventually};

const DAY: Duration = Duration::from_hours(24);

const KEPT: &str = "retention.consultation_days = 30\nretention.unused_account_days = 60";

/// Days from the beginning to the day that is planned.
const LAST: u32 = 45;

/// The UTC day, some days after that of the server's clock.
fn day(server: &TestApp, after: u32) -> String {
    let seconds = server.app().clock.now_seconds() + i64::from(after) * 24 * 3_600;
    let time = jiff::Timestamp::from_second(seconds).unwrap();
    time.strftime("%Y-%m-%d").to_string()
}

/// What will have gone by a day, as the program says.
fn planned(server: &TestApp, until: &str) -> BTreeSet<String> {
    let data = server.place.data();
    let output = Command::new(binary("maeum"))
        .args(["retention", "plan", "--json", "--until", until, "--data"])
        .arg(&data)
        .arg("--config")
        .arg(data.join("test.toml"))
        .output()
        .unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
    let lines = String::from_utf8(output.stdout).unwrap();
    lines
        .lines()
        .map(|line| {
            let one: Value = serde_json::from_str(line).unwrap();
            let said = |name: &str| one[name].as_str().unwrap().to_owned();
            match one["kind"].as_str().unwrap() {
                "room_day" => format!("{} {}", said("room"), said("day")),
                kind => format!("{kind} {}", said(kind)),
            }
        })
        .collect()
}

/// What the log says has gone.
async fn gone(server: &TestApp) -> BTreeSet<String> {
    let admin = admin_token(&server.client).await;
    let mut gone = BTreeSet::new();
    for what in [
        "erasure.requested",
        "room.day_destroyed",
        "emotion.erased",
        "session.forgotten",
        "upload.erased",
    ] {
        let path = format!("/api/v1/audit/events?type={what}&limit=100");
        let page = server.client.get(&path, Some(&admin)).await.expect(200);
        for event in page["events"].as_array().unwrap() {
            let payload = &event["payload"];
            let said = |value: &Value| value.as_str().unwrap().to_owned();
            let stream = said(&event["stream"]);
            let id = stream.split_once('-').unwrap().1;
            gone.insert(match what {
                "erasure.requested" => {
                    let subject = &payload["subject"];
                    format!("{} {}", said(&subject["kind"]), said(&subject["id"]))
                }
                "room.day_destroyed" => format!("{id} {}", said(&payload["day"])),
                "emotion.erased" => format!("emotion_session {id}"),
                "session.forgotten" => format!("log_in {id}"),
                _ => format!("file {id}"),
            });
        }
    }
    gone
}

async fn logs_in(server: &TestApp, user: &User) -> User {
    let body = json!({"email": user.email, "password": "eight-or-more"});
    let session = server.client.post("/login", None, body).await.expect(200);
    User {
        client: server.client.clone(),
        token: session["access_token"].as_str().unwrap().to_owned(),
        ..user.clone()
    }
}

fn passes(server: &TestApp, days: u32) {
    server.clock.forward(DAY * days);
}

/// What a consultation shows of whoever asked for it.
async fn called(visitor: &Visitor) -> String {
    let shown = visitor
        .client
        .get(&visitor.path(""), None)
        .await
        .expect(200);
    shown["user_nickname"].as_str().unwrap().to_owned()
}

/// It is not to become midnight by itself.
fn is_noon(server: &TestApp) {
    let of_day = server.app().clock.now_seconds().rem_euclid(24 * 3_600);
    let noon = 36 * 3_600 - of_day.cast_unsigned();
    server.clock.forward(Duration::from_secs(noon));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_plan_says_goes_and_nothing_else() {
    let mut server = TestApp::with(KEPT).await;
    let client = &server.client.clone();
    is_noon(&server);
    let admin = admin_token(client).await;
    let (old, held) = (
        Visitor::asks(client, "오래된").await,
        Visitor::asks(client, "붙든").await,
    );
    old.ends().await.expect(200);
    held.ends().await.expect(200);
    let body = json!({"consultation_id": held.started["id"], "reason": "2026가합117"});
    client
        .post("/admin/holds", Some(&admin), body)
        .await
        .expect(201);
    let gone_by = User::new(client, "떠난").await;
    let (mina, jun) = (
        User::new(client, "민아").await,
        User::new(client, "준").await,
    );
    let room = mina.gathers("모임", &[&jun]).await;
    let forget = json!({"message_retention_days": 20, "auto_delete_enabled": true});
    let settings = format!("/chat/rooms/{room}/settings");
    mina.put(&settings, forget).await.expect(200);
    mina.says("처음", room).await;

    passes(&server, 20);
    let mina = logs_in(&server, &mina).await;
    let jun = logs_in(&server, &jun).await;
    let later = Visitor::asks(client, "나중").await;
    later.ends().await.expect(200);
    mina.says("나중", room).await;
    jun.says("나중에도", room).await;
    assert_eq!(gone(&server).await, BTreeSet::new());

    let days = LAST - 20;
    let until = day(&server, days);
    let plan = planned(&server, &until);
    let of = |kind: &str| plan.iter().filter(|one| one.starts_with(kind)).count();
    assert_eq!(
        (plan.len(), of("consultation "), of("account ")),
        (3, 1, 0),
        "{plan:?}"
    );
    passes(&server, days);
    eventually("what was planned goes", || async {
        (gone(&server).await.len() >= plan.len()).then_some(())
    })
    .await;
    assert_eq!(gone(&server).await, plan);
    eventually("it is carried out", || async {
        (called(&old).await == "(탈퇴한 사용자)").then_some(())
    })
    .await;
    assert_eq!(called(&held).await, "붙든");
    assert_eq!(called(&later).await, "나중");

    let until = day(&server, 20);
    let more = planned(&server, &until);
    let accounts: Vec<_> = more
        .iter()
        .filter(|one| one.starts_with("account "))
        .collect();
    assert_eq!(accounts, [&format!("account {}", gone_by.uuid)], "{more:?}");
    passes(&server, 20);
    let all: BTreeSet<String> = plan.union(&more).cloned().collect();
    eventually("the rest goes", || async {
        (gone(&server).await.len() >= all.len()).then_some(())
    })
    .await;
    assert_eq!(gone(&server).await, all);
    server.go_down().await;
    verify(&server.place);
    diff(&server.place);
}

const OTHERS_KEPT: &str = "retention.emotion_session_days = 30\nretention.log_in_days = 28\n\
    retention.unattached_file_days = 25\nauth.refresh_ttl = \"2d\"";

/// Of one person: two sessions about emotions, in each of which something was said, and a file
/// that no message has.
struct Left {
    person: User,
    sessions: [String; 2],
    file: String,
}

impl Left {
    async fn new(server: &TestApp, name: &str) -> Self {
        let person = User::new(&server.client, name).await;
        let mut sessions = Vec::new();
        for _ in 0..2 {
            let opened = person.post("/emotion/sessions", json!({})).await;
            let opened = opened.expect(201)["session_id"].clone();
            sessions.push(opened.as_str().unwrap().to_owned());
        }
        let form = Form::of("a.txt", b"left behind");
        let request = server.client.request("POST", "/api/v1/upload");
        let request = request.header("content-type", FORM_TYPE);
        let request = request.bearer_auth(&person.token).body(form.end());
        let file = server.client.send(request).await.expect(201);
        let left = Self {
            person,
            sessions: sessions.try_into().unwrap(),
            file: file["fileUrl"].as_str().unwrap().to_owned(),
        };
        left.says(0).await;
        left.says(1).await;
        left
    }

    async fn says(&self, which: usize) {
        let body = json!({"session_id": self.sessions[which], "user_input": "잠이 안 와요"});
        let said = self.person.post("/emotion/steps/generate", body).await;
        said.expect(201);
    }

    async fn comes_back(&mut self, server: &TestApp) {
        self.person = logs_in(server, &self.person).await;
    }

    async fn steps(&self, which: usize) -> Answer {
        let path = format!("/emotion/steps/{}", self.sessions[which]);
        self.person.get(&path).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_each_other_kind_goes_what_the_plan_says_and_what_is_held_stays() {
    let mut server = TestApp::with(OTHERS_KEPT).await;
    is_noon(&server);
    let mut mina = Left::new(&server, "민아").await;
    let mut held = Left::new(&server, "붙든").await;
    let admin = admin_token(&server.client).await;
    let body = json!({"user_id": held.person.id, "reason": "2026가합117"});
    let against = server.client.post("/admin/holds", Some(&admin), body).await;
    let against = against.expect(201)["hold_id"].clone();
    mina.person
        .post(
            &format!("/emotion/sessions/{}/card", mina.sessions[0]),
            json!({}),
        )
        .await
        .expect(201);

    passes(&server, 20);
    for left in [&mut mina, &mut held] {
        left.comes_back(&server).await;
        left.says(1).await;
    }
    let (until, days) = (day(&server, 15), 15);
    let plan = planned(&server, &until);
    let of = |kind: &str| plan.iter().filter(|one| one.starts_with(kind)).count();
    // An administrator has logged in, and the one of the two who is not held.
    let counts = (of("emotion_session "), of("log_in "), of("file "));
    assert_eq!(counts, (1, 2, 1), "{plan:?}");
    assert_eq!(plan.len(), 4);
    let file = plan.iter().find(|one| one.starts_with("file ")).unwrap();
    passes(&server, days);
    eventually("what was planned goes", || async {
        (gone(&server).await.len() >= plan.len()).then_some(())
    })
    .await;
    assert_eq!(gone(&server).await, plan);
    for left in [&mut mina, &mut held] {
        left.comes_back(&server).await;
    }
    let session = format!("/emotion/sessions/{}", mina.sessions[0]);
    for path in ["", "/card", "/flow"] {
        let answer = mina.person.get(&format!("{session}{path}")).await;
        assert_eq!(answer.expect(410)["code"], "emotion_session_erased");
    }
    let answer = mina.steps(0).await.expect(410);
    assert_eq!(answer["code"], "emotion_session_erased");
    let body = json!({"session_id": mina.sessions[0], "user_input": "다시"});
    let late = mina.person.post("/emotion/steps/generate", body).await;
    assert_eq!(late.expect(410)["code"], "emotion_session_erased");
    let all = format!("/emotion/sessions/user/{}", mina.person.uuid);
    let all = mina.person.get(&all).await.expect(200);
    let erased: Vec<_> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["erased"])
        .collect();
    assert_eq!(
        erased,
        [&json!(false), &json!(true)],
        "the row stays: {all}"
    );
    assert_eq!(mina.steps(1).await.expect(200).as_array().unwrap().len(), 2);
    mina.person.get(&mina.file).await.expect(410);
    nobody_can_read(&server, &mina.sessions[0]).await;
    assert_eq!(
        held.steps(0).await.expect(200)[0]["user_input"],
        "잠이 안 와요"
    );
    assert_eq!(held.person.get(&held.file).await.status, 200);

    let admin = admin_token(&server.client).await;
    let path = format!("/admin/holds/{}", against.as_str().unwrap());
    let request = server.client.request("DELETE", &path).bearer_auth(&admin);
    server.client.send(request).await.expect(200);
    eventually("what was held goes", || async {
        (gone(&server).await.len() >= 2 * plan.len() - 1).then_some(())
    })
    .await;
    let rest: BTreeSet<_> = gone(&server).await.difference(&plan).cloned().collect();
    assert!(rest.contains(&format!("emotion_session {}", held.sessions[0])));
    assert!(
        rest.iter()
            .any(|one| one.starts_with("file ") && one != file)
    );
    assert_eq!(held.steps(0).await.status, 410);
    server.go_down().await;
    verify(&server.place);
    diff(&server.place);
}

/// Of what was said in a session auditors neither.
async fn nobody_can_read(server: &TestApp, session: &str) {
    let admin = admin_token(&server.client).await;
    let path = format!("/api/v1/audit/events?stream=emotion-{session}&purpose=complaint");
    eventually("the key is destroyed", || async {
        let page = server.client.get(&path, Some(&admin)).await.expect(200);
        let events = page["events"].as_array().unwrap();
        let mut parts = events
            .iter()
            .flat_map(|event| event["parts"].as_array().unwrap());
        assert!(events.len() >= 4, "{page}");
        parts.all(|part| part["state"] == "erased").then_some(())
    })
    .await;
}
