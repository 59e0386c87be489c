//! An account is erased: by its owner, and by an administrator.

use serde_json::json;
use tests::talks::{diff, verify};
use tests::{TestApp, User, eventually};

use super::planted::{KEPT, MARK, Planted};
use super::{NOBODY, deletes, logs_in, receipt};

const ME: &str = "/api/v1/users/me";

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_erased_is_gone_from_every_answer_and_others_lose_nothing() {
    let mut server = TestApp::start().await;
    let planted = Planted::new(&server.client).await;
    planted.something_is_told().await;
    let before = planted.counts().await;
    let (alice, bora) = (&planted.alice, &planted.bora);
    let mut socket = alice.enters(planted.direct).await;
    let mut heard = bora.enters(planted.direct).await;

    let receipt = receipt(alice.delete(ME).await);
    assert_eq!(
        receipt["subject"],
        json!({"type": "account", "id": alice.uuid})
    );
    assert_eq!(
        (&receipt["consultations"], &receipt["files"]),
        (&json!(1), &json!(4))
    );
    assert_eq!(socket.closed().await, 4401, "their connections end");
    alice.get("/chat/rooms").await.expect(401);
    logs_in(&server.client, alice).await.expect(401);

    planted.nothing_is_told().await;
    assert_eq!(planted.counts().await, before, "counts stay");
    for row in bora.reads(planted.direct).await {
        let theirs = row["sender_id"] == alice.id;
        let text = row["message_content"].as_str().unwrap();
        assert_eq!(theirs, row["sender_name"] == NOBODY, "{row}");
        assert!(!theirs || text.is_empty(), "{row}");
    }
    let row = bora.lists(planted.direct).await.unwrap();
    assert_eq!(row["room_name"], NOBODY, "{row}");
    for path in &planted.files {
        let answer = bora.get(path).await;
        assert!(
            [404, 410].contains(&answer.status),
            "{path}: {}",
            answer.status
        );
    }
    eventually("only Bora's bytes are left", || async {
        (files(&server).await == 1).then_some(())
    })
    .await;
    // Whom nobody answers any more can still be written to.
    bora.says(&format!("{KEPT} 다른 말"), planted.direct).await;
    let frame = heard.expect("message").await;
    assert!(!frame.to_string().contains(MARK), "{frame}");

    let path = format!(
        "/api/v1/erasures/{}",
        receipt["erasure_id"].as_str().unwrap()
    );
    let again = server.client.get(&path, None).await.expect(200);
    assert_eq!(again, receipt, "whoever knows the id is given the receipt");
    let path = format!("/admin/users/{}", alice.id);
    let again = deletes(&server.client, &path, Some(&planted.admin)).await;
    assert_eq!(again.expect(200), receipt, "once is enough");
    let activate = json!({"active": true});
    let answer = server
        .client
        .patch(&path, Some(&planted.admin), activate)
        .await;
    assert_eq!(answer.expect(410)["code"], "account_erased");

    let body = json!({"name": "새 사람", "email": alice.email, "password": "eight-or-more"});
    server
        .client
        .post("/register", None, body)
        .await
        .expect(201);
    server.go_down().await;
    verify(&server.place);
    diff(&server.place);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_administrators_erase_others() {
    let server = TestApp::start().await;
    let client = &server.client;
    let (mina, other) = (
        User::new(client, "미나").await,
        User::new(client, "남").await,
    );
    let admin = tests::admin_token(client).await;
    for prefix in ["/api/v1/users", "/admin/users"] {
        let path = format!("{prefix}/{}", mina.uuid);
        deletes(client, &path, None).await.expect(401);
        deletes(client, &path, Some(&other.token)).await.expect(403);
        let unknown = format!("{prefix}/{}", uuid::Uuid::nil());
        deletes(client, &unknown, Some(&admin)).await.expect(404);
    }
    deletes(client, ME, None).await.expect(401);
    logs_in(client, &mina).await.expect(200);
    let path = format!("/api/v1/users/{}", mina.id);
    receipt(deletes(client, &path, Some(&admin)).await);
    logs_in(client, &mina).await.expect(401);
    logs_in(client, &other).await.expect(200);
    client
        .get("/api/v1/erasures/nothing", None)
        .await
        .expect(404);
    let unknown = format!("/api/v1/erasures/{}", mina.uuid);
    client.get(&unknown, None).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_counsellor_had_goes_to_another_one_when_they_are_erased() {
    let server = TestApp::start().await;
    let client = &server.client;
    let admin = tests::admin_token(client).await;
    let first = tests::Counselor::new(client, &admin, "지워질상담사").await;
    let mut bell = first.waits().await;
    let visitor = tests::Visitor::asks(client, "손님").await;
    let request = bell.expect("new_request").await["request"]["id"].clone();
    first.accepts(request.as_u64().unwrap()).await.expect(200);
    let path = format!("/admin/users/{}", first.uuid);
    receipt(deletes(client, &path, Some(&admin)).await);
    eventually("the consultation waits again", || async {
        (visitor.sees().await["status"] == "waiting").then_some(())
    })
    .await;
    let list = client.get("/api/v1/counselors", None).await.expect(200);
    assert!(!list.to_string().contains("지워질상담사"), "{list}");
}

/// Objects that are there.
async fn files(server: &TestApp) -> usize {
    let folder = server.place.data().join("files");
    let mut count = 0;
    for (name, _) in server.place.contents().await {
        count += usize::from(name.starts_with(&*folder.to_string_lossy()));
    }
    count
}
