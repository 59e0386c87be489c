//! Who is rung, in which order, and that exactly one gets it.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use tests::{Counselor, TestApp, Visitor, admin_token, eventually, long};

async fn pending(counselor: &Counselor) -> u64 {
    eventually("a pending request", || async {
        counselor
            .requests()
            .await
            .first()
            .and_then(|row| row["id"].as_u64())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_counselors_who_accept_at_once_exactly_one_succeeds() {
    let rounds = if long() { 200 } else { 20 };
    let server =
        TestApp::with("consultation.max_active = 100\nlimits.requests_per_minute = 0").await;
    let admin = admin_token(&server.client).await;
    let mut counselors = Vec::new();
    let mut bells = Vec::new();
    for index in 0..20 {
        let counselor = Counselor::new(&server.client, &admin, &format!("상담{index}")).await;
        bells.push(counselor.waits().await);
        counselors.push(counselor);
    }
    for _ in 0..rounds {
        let visitor = Visitor::asks(&server.client, "누구").await;
        let mut requests = Vec::new();
        for bell in &mut bells {
            requests.push(
                bell.expect("new_request").await["request"]["id"]
                    .as_u64()
                    .unwrap(),
            );
        }
        let tries = counselors
            .iter()
            .zip(requests)
            .map(|(counselor, id)| counselor.accepts(id));
        let statuses: Vec<_> = join_all(tries)
            .await
            .iter()
            .map(|answer| answer.status)
            .collect();
        assert_eq!(
            statuses.iter().filter(|status| **status == 200).count(),
            1,
            "{statuses:?}"
        );
        assert!(
            statuses.iter().all(|status| [200, 409].contains(status)),
            "{statuses:?}"
        );
        visitor.ends().await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_request_moves_on_to_another() {
    let server = TestApp::start().await;
    let admin = admin_token(&server.client).await;
    let first = Counselor::new(&server.client, &admin, "하나").await;
    let second = Counselor::new(&server.client, &admin, "둘").await;
    let mut bell_one = first.waits().await;
    Visitor::asks_with(
        &server.client,
        json!({"nickname": "비", "quick_match": false}),
    )
    .await;
    let id = bell_one.expect("new_request").await["request"]["id"]
        .as_u64()
        .unwrap();
    let mut bell_two = second.waits().await;
    assert_eq!(first.rejects(id).await.expect(200)["status"], "rejected");
    bell_two.expect("new_request").await;
    first.rejects(id).await.expect(200);
    first.accepts(id).await.expect(410);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unanswered_request_moves_on_and_a_preferred_character_comes_first() {
    let server = TestApp::start().await;
    let admin = admin_token(&server.client).await;
    let other = Counselor::new(&server.client, &admin, "다른").await;
    let fitting = Counselor::with(
        &server.client,
        &admin,
        "맞는",
        json!({"character_type_id": 2}),
    )
    .await;
    let mut other_bell = other.waits().await;
    let mut fitting_bell = fitting.waits().await;
    let body = json!({"nickname": "눈", "quick_match": false, "character_type_preference": 2});
    Visitor::asks_with(&server.client, body).await;
    let id = fitting_bell.expect("new_request").await["request"]["id"]
        .as_u64()
        .unwrap();
    server.clock.forward(Duration::from_secs(31));
    other_bell.expect("new_request").await;
    assert_eq!(
        fitting_bell.expect("request_expired").await["request_id"],
        id
    );
    fitting.accepts(id).await.expect(410);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_latecomer_is_rung_for_open_requests_and_the_taken_one_is_withdrawn_from_others() {
    let server = TestApp::start().await;
    let admin = admin_token(&server.client).await;
    let early = Counselor::new(&server.client, &admin, "먼저").await;
    let late = Counselor::new(&server.client, &admin, "나중").await;
    Visitor::asks(&server.client, "안개").await;
    let mut early_bell = early.waits().await;
    early_bell.expect("new_request").await;
    let mut late_bell = late.waits().await;
    let id = late_bell.expect("new_request").await["request"]["id"]
        .as_u64()
        .unwrap();
    early.accepts(pending(&early).await).await.expect(200);
    assert_eq!(
        late_bell.expect("request_withdrawn").await["request_id"],
        id
    );
    late.accepts(id).await.expect(409);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_counselor_who_leaves_is_not_asked_any_more() {
    let server = TestApp::start().await;
    let admin = admin_token(&server.client).await;
    let leaving = Counselor::new(&server.client, &admin, "가는").await;
    let staying = Counselor::new(&server.client, &admin, "있는").await;
    let mut leaving_bell = leaving.waits().await;
    Visitor::asks_with(
        &server.client,
        json!({"nickname": "강", "quick_match": false}),
    )
    .await;
    leaving_bell.expect("new_request").await;
    let mut staying_bell = staying.waits().await;
    leaving.becomes("away").await.expect(200);
    staying_bell.expect("new_request").await;
    eventually("the withdrawal", || async {
        leaving.requests().await.is_empty().then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_counselor_whose_socket_is_gone_goes_away_after_the_grace() {
    let server = TestApp::with("auth.access_ttl = \"24h\"").await;
    let admin = admin_token(&server.client).await;
    let counselor = Counselor::new(&server.client, &admin, "끊긴").await;
    counselor.waits().await.close().await;
    eventually("the counsellor is away", || async {
        // That the socket is closed may be recorded only now.
        server.clock.forward(Duration::from_secs(31));
        let list = server
            .client
            .get("/api/v1/counselors/", None)
            .await
            .expect(200);
        (list["counselors"][0]["status"] == "away").then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_waiting_ends_a_request_after_the_waiting_time_out() {
    let server = TestApp::start().await;
    let visitor = Visitor::asks(&server.client, "섬").await;
    server.clock.forward(Duration::from_secs(601));
    eventually("the end", || async {
        (visitor.sees().await["status"] == "terminated").then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_more_than_they_can_take() {
    let server = TestApp::with("consultation.max_active = 2").await;
    let admin = admin_token(&server.client).await;
    let counselor = Counselor::new(&server.client, &admin, "바쁜").await;
    let mut bell = counselor.waits().await;
    for nickname in ["하나", "둘"] {
        Visitor::asks(&server.client, nickname).await;
        let id = bell.expect("new_request").await["request"]["id"]
            .as_u64()
            .unwrap();
        counselor.accepts(id).await.expect(200);
    }
    let third = Visitor::asks(&server.client, "셋").await;
    assert_eq!(third.sees().await["status"], "waiting");
    assert!(counselor.requests().await.is_empty());
}
