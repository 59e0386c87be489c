//! Nothing that was said, and no name, email, code or token, is found in files, tables or logs.

use serde_json::json;
use tests::{Counselor, Place, Process, TestApp, Visitor, admin_token};

async fn assert_absent(marks: &[String], place: &Place) {
    for (name, bytes) in place.contents().await {
        if name.ends_with("test.toml") {
            continue;
        }
        for mark in marks {
            let found = bytes
                .windows(mark.len())
                .any(|window| window == mark.as_bytes());
            assert!(!found, "{mark:?} stands in {name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_planted_text_is_found_in_files_tables_or_logs() {
    let place = Place::new().await;
    let server = Process::start(&place, "").await;
    let client = server.client.clone();
    let admin = admin_token(&client).await;
    let counselor = Counselor::new(&client, &admin, "표지상담사이름").await;
    let mut bell = counselor.waits().await;
    let visitor = Visitor::asks(&client, "표지닉네임").await;
    let id = bell.expect("new_request").await["request"]["id"]
        .as_u64()
        .unwrap();
    counselor.accepts(id).await.expect(200);
    let mut user = visitor.enters().await;
    user.send(
        json!({"type": "message", "message": "표지문장입니다", "client_message_id": "표지번호"}),
    )
    .await;
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
    client
        .get("/api/v1/consultations/start?token=planted-token", None)
        .await;
    let marks: Vec<String> = [
        "표지상담사이름",
        "표지닉네임",
        "표지문장입니다",
        "표지번호",
        "표지메모",
        "표지평가",
        "planted-token",
        "eight-or-more",
        &visitor.code,
        &counselor.email,
        &counselor.token,
        &counselor.refresh_token,
    ]
    .map(str::to_owned)
    .into();
    assert_absent(&marks, &place).await;
    assert_eq!(server.terminate().await, Some(0));
    assert_absent(&marks, &place).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_not_to_be_kept_by_caches() {
    let server = TestApp::start().await;
    let visitor = Visitor::asks(&server.client, "캐시").await;
    let answer = server.client.get(&visitor.path(""), None).await;
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(answer.headers["x-content-type-options"], "nosniff");
}
