//! Both desks of a consultation beside the conversation itself: who may do what, and the figures.

use std::time::Duration;

use serde_json::{Value, json};
use tests::{Counselor, TestApp, Visitor, admin_token, eventually};

/// Registered and logged in: the token and the number.
async fn user(server: &TestApp, name: &str) -> (String, Value) {
    let email = format!("{}@example.com", uuid::Uuid::from_u128(rand::random()));
    let account = json!({"name": name, "email": email, "password": "eight-or-more"});
    server
        .client
        .post("/register", None, &account)
        .await
        .expect(201);
    let login = json!({"email": email, "password": "eight-or-more"});
    let session = server.client.post("/login", None, login).await.expect(200);
    (
        session["access_token"].as_str().unwrap().to_owned(),
        session["user"].clone(),
    )
}

async fn request_of(counselor: &Counselor) -> u64 {
    eventually("a request", || async {
        counselor
            .requests()
            .await
            .first()
            .and_then(|row| row["id"].as_u64())
    })
    .await
}

/// A counsellor who has accepted a visitor's request.
async fn talking(server: &TestApp, admin: &str) -> (Counselor, Visitor) {
    let counselor = Counselor::new(&server.client, admin, "김상담").await;
    let bell = counselor.waits().await;
    let visitor = Visitor::asks(&server.client, "바다").await;
    let request = request_of(&counselor).await;
    counselor.accepts(request).await.expect(200);
    bell.close().await;
    (counselor, visitor)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consultation_started_with_a_log_in_belongs_to_the_account() {
    let server = TestApp::with("consultation.requires_token = true").await;
    let client = &server.client;
    let (mina, _) = user(&server, "미나").await;
    let (jun, _) = user(&server, "준").await;
    let start = json!({"nickname": "미나"});
    let started = client
        .post("/api/v1/consultations/start", Some(&mina), start)
        .await
        .expect(201);
    let path = format!(
        "/api/v1/consultations/{}",
        started["consultation_code"].as_str().unwrap()
    );
    client.get(&path, None).await.expect(401);
    client.get(&path, Some(&jun)).await.expect(404);
    assert_eq!(
        client.get(&path, Some(&mina)).await.expect(200)["id"],
        started["id"]
    );
    let scoped = started["access_token"].as_str().unwrap();
    client.get(&path, Some(scoped)).await.expect(200);
    let again = json!({"nickname": "다시"});
    client
        .post("/api/v1/consultations/start", Some(scoped), again)
        .await
        .expect(403);
    client
        .get(&path.to_lowercase(), Some(&mina))
        .await
        .expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn before_acceptance_there_is_no_room_and_a_place_in_the_queue() {
    let server = TestApp::start().await;
    let first = Visitor::asks(&server.client, "하나").await;
    let second = Visitor::asks_with(
        &server.client,
        json!({"nickname": "둘", "character_type_preference": 2, "quick_match": false}),
    )
    .await;
    for (visitor, place) in [(&first, 1), (&second, 2)] {
        let view = visitor.sees().await;
        assert_eq!(view["queue_position"], place);
        assert!(view["estimated_wait_seconds"].is_u64());
        assert_eq!(
            (&view["room_id"], &view["room_uuid"]),
            (&Value::Null, &Value::Null)
        );
    }
    assert_eq!(first.started["character_type_id"], Value::Null);
    assert_eq!(second.started["character_type_id"], 2);
    assert!(second.started["character_name"].is_string());
    let unknown = json!({"nickname": "셋", "character_type_preference": 4_000});
    let refused = server
        .client
        .post("/api/v1/consultations/start", None, unknown)
        .await
        .expect(422);
    assert_eq!(
        refused["detail"][0]["loc"],
        json!(["body", "character_type_preference"])
    );
    first.ends().await.expect(200);
    assert_eq!(second.sees().await["queue_position"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_and_rejection_may_be_said_twice_but_not_taken_back() {
    let server = TestApp::start().await;
    let client = &server.client;
    let admin = admin_token(client).await;
    let (kim, lee) = (
        Counselor::new(client, &admin, "김").await,
        Counselor::new(client, &admin, "이").await,
    );
    let (_one, _other) = (kim.waits().await, lee.waits().await);
    let visitor = Visitor::asks(client, "바다").await;
    let (kims, lees) = (request_of(&kim).await, request_of(&lee).await);
    kim.accepts(lees).await.expect(404);
    let accepted = kim.accepts(kims).await.expect(200);
    assert_eq!(kim.accepts(kims).await.expect(200), accepted);
    assert_eq!(lee.accepts(lees).await.expect(409)["code"], "request_taken");
    kim.rejects(kims).await.expect(409);
    assert_eq!(visitor.sees().await["room_uuid"], accepted["room_uuid"]);

    let second = Visitor::asks(client, "하늘").await;
    let lees = request_of(&lee).await;
    let rejected = lee.rejects(lees).await.expect(200);
    assert_eq!(rejected["status"], "rejected");
    assert_eq!(lee.rejects(lees).await.expect(200), rejected);
    lee.accepts(lees).await.expect(410);
    let list = lee.sees("requests?status=rejected").await.expect(200);
    assert_eq!(
        (&list["total"], &list["requests"][0]["id"]),
        (&json!(1), &json!(lees))
    );
    assert_eq!(
        lee.sees("requests?status=nosuch").await.expect(422)["code"],
        "invalid"
    );
    second.ends().await.expect(200);
    kim.accepts(request_of_status(&kim, "withdrawn").await)
        .await
        .expect(410);
}

async fn request_of_status(counselor: &Counselor, status: &str) -> u64 {
    let list = counselor
        .sees(&format!("requests?status={status}"))
        .await
        .expect(200);
    list["requests"].as_array().unwrap().last().unwrap()["id"]
        .as_u64()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_is_its_counsellors_only() {
    let server = TestApp::start().await;
    let client = &server.client;
    let admin = admin_token(client).await;
    let (kim, visitor) = talking(&server, &admin).await;
    let lee = Counselor::new(client, &admin, "이").await;
    let (mina, _) = user(&server, "미나").await;
    for place in ["requests", "consultations", "summary"] {
        let path = format!("/api/v1/counselors/{}/dashboard/{place}", kim.id);
        client.get(&path, None).await.expect(401);
        for token in [&lee.token, &mina, &admin] {
            client.get(&path, Some(token)).await.expect(403);
        }
        client.get(&path, Some(&kim.token)).await.expect(200);
    }
    let stats = format!("/api/v1/counselors/{}/stats", kim.id);
    client.get(&stats, Some(&lee.token)).await.expect(403);
    let review = format!("{stats}?purpose=review");
    client.get(&review, Some(&admin)).await.expect(200);
    client
        .get("/api/v1/counselors/999999/stats", Some(&admin))
        .await
        .expect(404);

    client
        .get(&visitor.path(""), Some(&lee.token))
        .await
        .expect(404);
    client
        .get(&visitor.path("/messages"), Some(&lee.token))
        .await
        .expect(404);
    client
        .get(&visitor.path(""), Some(&admin))
        .await
        .expect(404);
    client
        .get(&visitor.path(""), Some("nonsense"))
        .await
        .expect(401);
    client
        .get(&visitor.path(""), Some(&kim.token))
        .await
        .expect(200);
    let notes = json!({"counselor_notes": "남의 것"});
    let theirs = format!(
        "/api/v1/counselors/{}/dashboard/consultations/{}/notes",
        lee.id, visitor.code
    );
    client
        .put(&theirs, Some(&lee.token), notes)
        .await
        .expect(404);
    client
        .post(
            &visitor.path("/rating"),
            Some(&kim.token),
            json!({"score": 5}),
        )
        .await
        .expect(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_administrators_and_auditors_see_why_a_request_went_where_it_went() {
    let server = TestApp::start().await;
    let client = &server.client;
    let admin = admin_token(client).await;
    let (kim, visitor) = talking(&server, &admin).await;
    client
        .get(&visitor.path("/dispatch"), None)
        .await
        .expect(401);
    client
        .get(&visitor.path("/dispatch"), Some(&kim.token))
        .await
        .expect(403);
    let told = client
        .get(&visitor.path("/dispatch?purpose=review"), Some(&admin))
        .await
        .expect(200);
    let offer = &told["offers"][0];
    assert_eq!(
        (&offer["mode"], &offer["status"]),
        (&json!("broadcast"), &json!("accepted"))
    );
    assert_eq!(offer["counselor_id"], kim.id);
    let candidate = &offer["candidates"][0];
    assert_eq!(
        (&candidate["eligible"], &candidate["max_active"]),
        (&json!(true), &json!(3))
    );
    assert_eq!(candidate["passed_over"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_is_told_what_the_other_side_said_meanwhile() {
    let server = TestApp::start().await;
    let admin = admin_token(&server.client).await;
    let (kim, visitor) = talking(&server, &admin).await;
    let mut theirs = kim.enters(&visitor.code).await;
    theirs.expect("status").await;
    let mut user = visitor.enters().await;
    user.expect("status").await;
    theirs
        .send(json!({"type": "message", "message": "들었어요"}))
        .await;
    user.expect("message").await;
    user.send(json!({"type": "message", "message": "내 말"}))
        .await;
    user.expect("message").await;
    user.close().await;
    theirs.expect("message").await;
    let path = visitor.path("/reconnect");
    eventually("the delivered mark", || async {
        let back = server.client.post(&path, None, json!({})).await.expect(200);
        (back["missed_messages"] == json!([])).then_some(())
    })
    .await;
    theirs
        .send(json!({"type": "message", "message": "못 들은 말"}))
        .await;
    theirs.expect("message").await;
    theirs.expect("message").await;
    let back = server
        .client
        .post(&path, None, json!({"nickname": "새이름"}))
        .await
        .expect(200);
    let missed = back["missed_messages"].as_array().unwrap();
    assert_eq!(missed.len(), 1, "{missed:?}");
    assert_eq!(missed[0]["message"], "못 들은 말");
    assert_eq!(back["user_nickname"], "새이름");
    assert!(back["access_token"].is_string());
    visitor.ends().await.expect(200);
    let over = server.client.post(&path, None, json!({})).await.expect(200);
    assert_eq!(
        (&over["status"], over.get("access_token")),
        (&json!("completed"), None)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_count_what_happened() {
    let server = TestApp::start().await;
    let client = &server.client;
    let admin = admin_token(client).await;
    let (kim, visitor) = talking(&server, &admin).await;
    let summary = kim.sees("summary").await.expect(200);
    assert_eq!(
        (
            &summary["active_consultations"],
            &summary["today"]["accepted"]
        ),
        (&json!(1), &json!(1))
    );
    assert!((summary["load"].as_f64().unwrap() - 1.0 / 3.0).abs() < 0.001);
    server.clock.forward(Duration::from_secs(90));
    let ended = visitor.ends().await.expect(200);
    assert_eq!(
        ended["duration_minutes"], 2,
        "ninety seconds are rounded up"
    );
    client
        .post(&visitor.path("/rating"), None, json!({"score": 4}))
        .await
        .expect(201);
    let path = format!("/api/v1/counselors/{}/stats", kim.id);
    let stats = client.get(&path, Some(&kim.token)).await.expect(200);
    assert_eq!(
        (
            &stats["total_consultations"],
            &stats["completed"],
            &stats["active"]
        ),
        (&json!(1), &json!(1), &json!(0))
    );
    assert_eq!(stats["average_rating"], 4.0);
    assert!((stats["average_duration_minutes"].as_f64().unwrap() - 1.5).abs() < 0.2);
    let list = client.get("/api/v1/counselors/", None).await.expect(200);
    let row = &list["counselors"][0];
    assert_eq!(
        (&row["name"], &row["rating"]),
        (&json!("김상담"), &json!(4.0))
    );
    assert!(row["counseling_fields"][0]["name"].is_string());
    let mine = kim.sees("consultations?status=completed").await.expect(200);
    assert_eq!(
        (
            &mine["total"],
            &mine["consultations"][0]["consultation_code"]
        ),
        (&json!(1), &json!(visitor.code))
    );
    assert_eq!(
        kim.sees("consultations?status=active").await.expect(200)["total"],
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_catalogue_is_public() {
    let server = TestApp::start().await;
    let characters = server
        .client
        .get("/api/v1/characters", None)
        .await
        .expect(200);
    assert_eq!(
        (&characters[0]["id"], &characters[0]["name"]),
        (&json!(1), &json!("따뜻한 곰돌이"))
    );
    let fields = server
        .client
        .get("/api/v1/counselors/auth/counseling-fields", None)
        .await
        .expect(200);
    assert!(fields["fields"][0]["id"].is_u64() && fields["fields"][0]["name"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_without_notes_tells_the_conversation() {
    let server = TestApp::start().await;
    let admin = admin_token(&server.client).await;
    let (_kim, visitor) = talking(&server, &admin).await;
    let mut user = visitor.enters().await;
    user.expect("status").await;
    for text in [
        "회사 업무 스트레스가 심해서 잠을 못 자요.",
        "업무 스트레스 때문에 수면 시간이 줄었어요.",
    ] {
        user.send(json!({"type": "message", "message": text})).await;
        user.expect("message").await;
    }
    visitor.ends().await.expect(200);
    let card = server
        .client
        .post(&visitor.path("/card"), None, json!({}))
        .await
        .expect(201);
    let points = card["key_points"].as_array().unwrap();
    assert!(points.contains(&json!("업무 스트레스")), "{points:?}");
    assert!(
        card["counselor_notes"]
            .as_str()
            .unwrap()
            .contains("업무 스트레스")
    );
}
