//! What analysts are told over HTTP: who may ask, what is refused, and the numbers.

use serde_json::{Value, json};
use tests::{Answer, Client, Counselor, TestApp, Visitor, admin_token, eventually};

use crate::audit::person;

const METRICS: [&str; 7] = [
    "consultations",
    "waits",
    "offers",
    "counselor_load",
    "messages",
    "emotions",
    "ratings",
];

fn path(metric: &str, query: &str) -> String {
    format!("/api/v1/analytics/{metric}?{query}")
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_are_for_analysts_and_administrators() {
    let server = TestApp::start().await;
    let client = &server.client;
    let admin = admin_token(client).await;
    let guest = Visitor::asks(client, "손님").await;
    let guest = guest.started["access_token"].as_str().unwrap().to_owned();
    let mut callers = vec![(None, 401), (Some(admin.clone()), 200), (Some(guest), 403)];
    for (role, status) in [
        ("analyst", 200),
        ("auditor", 403),
        ("service", 403),
        ("user", 403),
    ] {
        callers.push((Some(person(client, &admin, role).await.0), status));
    }
    callers.push((
        Some(Counselor::new(client, &admin, "상담사").await.token),
        403,
    ));
    for metric in METRICS {
        for (token, status) in &callers {
            let answer = client.get(&path(metric, ""), token.as_deref()).await;
            answer.expect(*status);
        }
    }
    // Others do not learn which metrics there are, or what may be asked.
    let user = callers[6].0.as_deref();
    let answer = client.get(&path("secrets", "from=never"), user).await;
    assert_eq!(answer.expect(403)["code"], "not_a_reader");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_answered_is_refused_and_named() {
    let server = TestApp::start().await;
    let admin = admin_token(&server.client).await;
    let asks = async |metric: &str, query: &str| {
        server.client.get(&path(metric, query), Some(&admin)).await
    };
    let unknown = asks("names", "").await;
    assert_eq!(unknown.expect(404)["code"], "unknown_metric");
    for (query, fields) in [
        ("from=yesterday", &["from"] as &[_]),
        ("to=2026-02-30", &["to"]),
        ("from=20261121&to=2026-11-21T00:00:00Z", &["from", "to"]),
        ("by=hour", &["by"]),
        ("format=xlsx", &["format"]),
        (
            "by=';DROP%20TABLE%20consultation_facts&from=%25",
            &["from", "by"],
        ),
        ("from=2026-11-22&to=2026-11-21", &["from"]),
        ("from=2020-01-01&to=2026-11-21", &["from"]),
        ("from=0001-01-01&to=9999-12-31&by=month", &["from"]),
    ] {
        let answer = asks("messages", query).await;
        let detail = answer.expect(422)["detail"].as_array().unwrap().clone();
        let named: Vec<_> = detail.iter().map(|one| one["loc"][1].clone()).collect();
        assert_eq!(named, *fields, "{query}");
    }
    let limit = asks("messages", "from=2020-01-01&to=2026-11-21&by=week").await;
    limit.expect(200);
}

/// Asks until everything that has happened is counted.
async fn counted(client: &Client, server: &TestApp, token: &str, path: &str) -> Answer {
    let head = server.app().store.head().await.unwrap();
    eventually("the counts have caught up", async || {
        let answer = client.get(path, Some(token)).await;
        let as_of = answer.headers["x-as-of-position"].to_str().unwrap();
        (as_of.parse::<u64>().unwrap() >= head).then_some(answer)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fifth_person_makes_a_group() {
    let server = TestApp::start().await;
    let client = &server.client;
    let admin = admin_token(client).await;
    let (analyst, _) = person(client, &admin, "analyst").await;
    for _ in 0..4 {
        Visitor::asks(client, "손님").await;
    }
    let few = path("consultations", "by=month");
    let few = counted(client, &server, &analyst, &few).await;
    let few = few.expect(200);
    assert_eq!((&few["rows"], &few["suppressed"]), (&json!([]), &json!(1)));

    let fifth = Visitor::asks(client, "손님").await;
    fifth.ends().await.expect(200);
    let by_day = path("consultations", "");
    let answer = counted(client, &server, &analyst, &by_day).await;
    assert_eq!(answer.headers["x-suppressed"], "0");
    let told = answer.expect(200);
    assert_eq!(
        (&told["metric"], &told["by"]),
        (&json!("consultations"), &json!("day"))
    );
    let row = &told["rows"][0];
    for (field, count) in [
        ("people", 5),
        ("requested", 5),
        ("by_guests", 5),
        ("quick_match", row["quick_match"].as_i64().unwrap()),
        ("accepted", 0),
        ("completed", 0),
        ("terminated", 1),
    ] {
        assert_eq!(row[field], count, "{field}");
    }
    assert_eq!(told["rows"].as_array().map(Vec::len), Some(1));
    assert_eq!(row.as_object().map(serde_json::Map::len), Some(8));

    let csv = path("consultations", "format=csv");
    let csv = counted(client, &server, &analyst, &csv).await;
    assert_eq!(csv.headers["content-type"], "text/csv; charset=utf-8");
    let Value::String(text) = csv.expect(200) else {
        panic!("not a text");
    };
    let (names, values) = text.split_once("\r\n").unwrap();
    assert_eq!(
        names,
        "period,people,requested,by_guests,quick_match,accepted,completed,terminated,\
         as_of_position"
    );
    let period = row["period"].as_str().unwrap();
    assert!(values.starts_with(&format!("{period},5,5,5,")), "{values}");
}
