//! What is kept no longer goes, and it is what the plan said before.

use std::collections::BTreeSet;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use tests::talks::{diff, verify};
use tests::{TestApp, User, Visitor, admin_token, binary, eventually};

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
    for what in ["erasure.requested", "room.day_destroyed"] {
        let path = format!("/api/v1/audit/events?type={what}&limit=100");
        let page = server.client.get(&path, Some(&admin)).await.expect(200);
        for event in page["events"].as_array().unwrap() {
            let payload = &event["payload"];
            let said = |value: &Value| value.as_str().unwrap().to_owned();
            gone.insert(if what == "erasure.requested" {
                let subject = &payload["subject"];
                format!("{} {}", said(&subject["kind"]), said(&subject["id"]))
            } else {
                let stream = said(&event["stream"]);
                let room = stream.strip_prefix("room-").unwrap();
                format!("{room} {}", said(&payload["day"]))
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

#[tokio::test(flavor = "multi_thread")]
async fn what_the_plan_says_goes_and_nothing_else() {
    let mut server = TestApp::with(KEPT).await;
    let client = &server.client.clone();
    // It is not to become midnight by itself.
    let of_day = server.app().clock.now_seconds().rem_euclid(24 * 3_600);
    let noon = 36 * 3_600 - of_day.cast_unsigned();
    server.clock.forward(Duration::from_secs(noon));
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
