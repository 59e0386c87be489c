//! A legal hold beats erasure and retention until it is lifted.

use std::time::Duration;

use serde_json::{Value, json};
use tests::{Client, Counselor, TestApp, User, Visitor, admin_token, eventually};

use super::{deletes, logs_in, receipt};

const ME: &str = "/api/v1/users/me";

async fn holds(client: &Client, admin: &str, what: Value) -> String {
    let mut body = json!({"reason": "2026가합117"});
    body.as_object_mut()
        .unwrap()
        .extend(what.as_object().unwrap().clone());
    let hold = client
        .post("/admin/holds", Some(admin), body)
        .await
        .expect(201);
    hold["hold_id"].as_str().unwrap().to_owned()
}

async fn lifts(client: &Client, admin: &str, hold: &str) {
    let lifted = deletes(client, &format!("/admin/holds/{hold}"), Some(admin)).await;
    assert!(lifted.expect(200)["lifted_at"].is_string());
}

/// Until the erasure that goes on by itself is over.
async fn is_erased(client: &Client, path: &str, token: Option<&str>) {
    eventually("the erasure goes on", || async {
        (client.get(path, token).await.status == 401).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_is_erased_once_the_last_hold_is_lifted() {
    let server = TestApp::start().await;
    let client = &server.client;
    let admin = admin_token(client).await;
    let (mina, bora) = (
        User::new(client, "미나").await,
        User::new(client, "보라").await,
    );
    let room = mina.meets(&bora).await;
    mina.says("지키는 말", room).await;
    let first = holds(client, &admin, json!({"user_id": mina.id})).await;
    let second = holds(client, &admin, json!({"user_id": mina.uuid})).await;
    for _ in 0..2 {
        assert_eq!(mina.delete(ME).await.expect(409)["code"], "held");
    }
    lifts(client, &admin, &first).await;
    assert_eq!(mina.delete(ME).await.expect(409)["code"], "held");
    logs_in(client, &mina).await.expect(200);
    assert_eq!(bora.reads(room).await[0]["message_content"], "지키는 말");
    let list = client
        .get("/admin/holds?limit=1&purpose=review", Some(&admin))
        .await
        .expect(200);
    assert_eq!(list["holds"][0]["hold_id"], *second);
    assert_eq!(list["holds"][0]["reason"], "2026가합117");
    let rest = format!("/admin/holds?limit=1&before={}", list["next"]);
    let rest = client.get(&rest, Some(&admin)).await.expect(200);
    assert_eq!(rest["holds"][0]["hold_id"], *first);

    lifts(client, &admin, &second).await;
    is_erased(client, "/chat/rooms", Some(&mina.token)).await;
    let path = format!("/api/v1/users/{}", mina.id);
    receipt(deletes(client, &path, Some(&admin)).await);
    assert_eq!(bora.reads(room).await[0]["message_content"], "");
    let late = json!({"user_id": mina.id, "reason": "늦음"});
    let late = client.post("/admin/holds", Some(&admin), late).await;
    assert_eq!(late.expect(410)["code"], "account_erased");
    let lifted = format!("/admin/holds/{second}");
    deletes(client, &lifted, Some(&admin)).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_on_either_of_the_two_keeps_their_consultation() {
    let server = TestApp::start().await;
    let client = &server.client;
    let admin = admin_token(client).await;
    let counselor = Counselor::new(client, &admin, "상담사").await;
    let mut bell = counselor.waits().await;
    let visitor = Visitor::asks(client, "손님").await;
    let request = bell.expect("new_request").await["request"]["id"].clone();
    counselor
        .accepts(request.as_u64().unwrap())
        .await
        .expect(200);
    let on_counselor = holds(client, &admin, json!({"user_id": counselor.uuid})).await;
    let answer = deletes(client, &visitor.path(""), None).await;
    assert_eq!(answer.expect(409)["code"], "held");
    let on_itself = json!({"consultation_id": visitor.started["id"]});
    let on_itself = holds(client, &admin, on_itself).await;
    lifts(client, &admin, &on_counselor).await;
    let answer = deletes(client, &visitor.path(""), None).await;
    assert_eq!(answer.expect(409)["code"], "held");
    assert_eq!(visitor.sees().await["status"], "active", "it goes on");
    lifts(client, &admin, &on_itself).await;
    eventually("it is erased by itself", || async {
        (visitor.sees().await["status"] == "completed").then_some(())
    })
    .await;
    receipt(deletes(client, &visitor.path(""), None).await);
}

/// Whatever is to be erased now is: somebody else was after it.
async fn is_looked_at(client: &Client) {
    let last = User::new(client, "다음").await;
    receipt(last.delete(ME).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_can_be_withdrawn_by_whoever_asked_for_it() {
    const MINE: &str = "/api/v1/users/me/erasure";
    let server = TestApp::start().await;
    let client = &server.client;
    let admin = admin_token(client).await;
    let (mina, bora) = (
        User::new(client, "미나").await,
        User::new(client, "보라").await,
    );
    let room = mina.meets(&bora).await;
    mina.says("지키는 말", room).await;
    let unknown = mina.delete(MINE).await;
    assert_eq!(unknown.expect(404)["code"], "unknown_erasure");
    let hold = holds(client, &admin, json!({"user_id": mina.id})).await;
    mina.delete(ME).await.expect(409);
    let withdrawn = mina.delete(MINE).await.expect(200);
    assert_eq!(withdrawn["status"], "withdrawn");
    assert_eq!(withdrawn["subject"]["id"], *mina.uuid);
    let path = format!(
        "/api/v1/erasures/{}",
        withdrawn["erasure_id"].as_str().unwrap()
    );
    client.get(&path, None).await.expect(404);
    mina.delete(MINE).await.expect(404);

    // What an administrator asked for is theirs to withdraw.
    let path = format!("/admin/users/{}", mina.id);
    deletes(client, &path, Some(&admin)).await.expect(409);
    let refused = mina.delete(MINE).await.expect(403);
    assert_eq!(refused["code"], "not_who_asked");
    let path = format!("{path}/erasure");
    deletes(client, &path, Some(&bora.token)).await.expect(403);
    deletes(client, &path, Some(&admin)).await.expect(200);

    lifts(client, &admin, &hold).await;
    is_looked_at(client).await;
    assert_eq!(bora.reads(room).await[0]["message_content"], "지키는 말");
    logs_in(client, &mina).await.expect(200);
    // Asked for anew it is carried out, and then it is too late.
    let again = receipt(mina.delete(ME).await);
    assert_ne!(again["erasure_id"], withdrawn["erasure_id"]);
    let late = deletes(client, &path, Some(&admin)).await;
    assert_eq!(late.expect(409)["code"], "erasure_begun");
    mina.delete(MINE).await.expect(401);

    let visitor = Visitor::asks(client, "손님").await;
    let on_it = json!({"consultation_id": visitor.started["id"]});
    let on_it = holds(client, &admin, on_it).await;
    deletes(client, &visitor.path(""), None).await.expect(409);
    let path = visitor.path("/erasure");
    let withdrawn = deletes(client, &path, None).await.expect(200);
    assert_eq!(withdrawn["status"], "withdrawn");
    lifts(client, &admin, &on_it).await;
    is_looked_at(client).await;
    assert_eq!(visitor.sees().await["status"], "waiting");
    receipt(deletes(client, &visitor.path(""), None).await);
    let late = deletes(client, &path, None).await;
    assert_eq!(late.expect(409)["code"], "erasure_begun");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_with_somebody_in_it_who_is_held_forgets_nothing() {
    const DAY: Duration = Duration::from_hours(24);
    let server = TestApp::start().await;
    let client = &server.client;
    let admin = admin_token(client).await;
    let (mina, bora) = (
        User::new(client, "미나").await,
        User::new(client, "보라").await,
    );
    let mut rooms = Vec::new();
    for others in [&[&bora][..], &[]] {
        let room = mina.gathers("모임", others).await;
        let settings = format!("/chat/rooms/{room}/settings");
        let forget = json!({"message_retention_days": 1, "auto_delete_enabled": true});
        mina.put(&settings, forget).await.expect(200);
        mina.says("오래된 말", room).await;
        rooms.push(room);
    }
    // Who has left is held as well.
    let place = format!("/api/v1/chat/rooms/{}/members/{}", rooms[0], bora.id);
    mina.delete(&place).await.expect(200);
    let hold = holds(client, &admin, json!({"user_id": bora.id})).await;
    server.clock.forward(DAY * 3);
    let session = logs_in(client, &mina).await.expect(200);
    let mina = User {
        token: session["access_token"].as_str().unwrap().to_owned(),
        ..mina
    };
    eventually("the other room forgets", || async {
        mina.reads(rooms[1]).await.is_empty().then_some(())
    })
    .await;
    assert_eq!(mina.reads(rooms[0]).await.len(), 1);
    let admin = admin_token(client).await;
    lifts(client, &admin, &hold).await;
    eventually("it forgets now", || async {
        mina.reads(rooms[0]).await.is_empty().then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_administrators_hold_and_only_what_there_is() {
    let server = TestApp::start().await;
    let client = &server.client;
    let admin = admin_token(client).await;
    let mina = User::new(client, "미나").await;
    let body = json!({"user_id": mina.id, "reason": "까닭"});
    for (token, status) in [(None, 401), (Some(&*mina.token), 403)] {
        client
            .post("/admin/holds", token, &body)
            .await
            .expect(status);
        client.get("/admin/holds", token).await.expect(status);
        deletes(client, "/admin/holds/1", token)
            .await
            .expect(status);
    }
    for (body, status) in [
        (json!({"user_id": 999_999, "reason": "까닭"}), 404),
        (json!({"consultation_id": mina.uuid, "reason": "까닭"}), 404),
        (json!({"reason": "까닭"}), 422),
        (
            json!({"user_id": 1, "consultation_id": 1, "reason": "까닭"}),
            422,
        ),
        (json!({"user_id": mina.id, "reason": ""}), 422),
        (json!({"user_id": mina.id}), 422),
    ] {
        let answer = client.post("/admin/holds", Some(&admin), &body).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.body);
    }
    client
        .get("/admin/holds?limit=0", Some(&admin))
        .await
        .expect(422);
}
