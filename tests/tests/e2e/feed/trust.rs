//! `auth.trust_user_id`: the guide's calls without a token, as behind a gateway that has checked.

use serde_json::{Value, json};
use tests::{Answer, Place, Process, TestApp, User, admin_token};

use super::{gathers, path};

const TRUST: &str = "auth.trust_user_id = true";

/// A call without a token.
async fn bare(server: &TestApp, method: &str, path: &str, body: Value) -> Answer {
    let request = server.client.request(method, path);
    server.client.send(request.body(body.to_string())).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_guides_calls_run_without_a_token() {
    let server = TestApp::with(TRUST).await;
    let client = &server.client;
    let (mina, jun) = (
        User::new(client, "민아").await,
        User::new(client, "준").await,
    );
    let (_, room) = gathers(&server, &mina, &[]).await;
    let mut hears = client
        .socket(&format!("/ws/chat/{room}?user_id={}", mina.id))
        .await;
    let added = bare(
        &server,
        "POST",
        &path(room, "/members"),
        json!({"user_id": jun.id}),
    )
    .await;
    assert_eq!(added.expect(201)["data"]["user_id"], jun.id);
    assert_eq!(hears.expect("member_join").await["user_id"], jun.id);
    let body = json!({"user_id": jun.id, "message": "안녕!"});
    let sent = bare(&server, "POST", &path(room, "/messages"), body)
        .await
        .expect(201);
    assert_eq!(sent["data"]["user"]["name"], "준");
    assert_eq!(
        hears.expect("message").await["data"]["id"],
        sent["data"]["id"]
    );
    let body = json!({"user_id": mina.id});
    bare(&server, "POST", &path(room, "/read"), body)
        .await
        .expect(200);
    assert_eq!(hears.expect("read").await["user_id"], mina.id);
    let member = path(room, &format!("/members/{}", jun.id));
    bare(&server, "DELETE", &member, json!({}))
        .await
        .expect(200);
    assert_eq!(hears.expect("member_leave").await["user_id"], jun.id);
    // Naming nobody it is a service, which sees every room.
    let page = client
        .get(&path(room, "/messages?page=1&limit=10"), None)
        .await
        .expect(200);
    assert_eq!(page["data"][0]["is_read"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_user_is_401_and_another_ones_room_404() {
    let server = TestApp::with(TRUST).await;
    let client = &server.client;
    let (mina, jun) = (
        User::new(client, "민아").await,
        User::new(client, "준").await,
    );
    let (_, room) = gathers(&server, &mina, &[]).await;
    let send = async |user: Value| {
        let body = json!({"user_id": user, "message": "안녕!"});
        bare(&server, "POST", &path(room, "/messages"), body).await
    };
    let refused = send(json!(999_999)).await.expect(401);
    assert_eq!(refused["success"], false);
    send(json!(u64::MAX)).await.expect(401);
    send(json!(jun.id)).await.expect(404);
    // What only a person can do needs a name.
    let nameless = bare(
        &server,
        "POST",
        &path(room, "/messages"),
        json!({"message": "?"}),
    )
    .await;
    assert_eq!(
        nameless.expect(422)["errors"][0]["loc"],
        json!(["body", "user_id"])
    );
    for (query, code) in [
        ("?user_id=999999", 4401),
        ("?user_id=x", 4401),
        ("", 4401),
        (&*format!("?user_id={}", jun.id), 4404),
    ] {
        let socket = client
            .socket(&format!("/ws/chat/{room}{query}"))
            .await
            .closed()
            .await;
        assert_eq!(socket, code, "{query}");
    }
    let socket = format!("/ws/chat/999999?user_id={}", mina.id);
    assert_eq!(client.socket(&socket).await.closed().await, 4404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_counts_more_than_a_bare_user_id() {
    let server = TestApp::with(TRUST).await;
    let client = &server.client;
    let (mina, jun) = (
        User::new(client, "민아").await,
        User::new(client, "준").await,
    );
    let (_, room) = gathers(&server, &mina, &[&jun]).await;
    let body = json!({"user_id": jun.id, "message": "준인 척"});
    mina.post(&path(room, "/messages"), body.clone())
        .await
        .expect(403);
    // A bad one is not taken for none.
    client
        .post(&path(room, "/messages"), Some("x"), body)
        .await
        .expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_log_in_any_more_is_believed_no_more() {
    let server = TestApp::with(TRUST).await;
    let client = &server.client;
    let mina = User::new(client, "민아").await;
    let (_, room) = gathers(&server, &mina, &[]).await;
    let socket = format!("/ws/chat/{room}?user_id={}", mina.id);
    let mut hears = client.socket(&socket).await;
    let body = json!({"user_id": mina.id, "message": "아직"});
    bare(&server, "POST", &path(room, "/messages"), body.clone())
        .await
        .expect(201);
    hears.expect("message").await;
    let admin = admin_token(client).await;
    let user = format!("/admin/users/{}", mina.uuid);
    client
        .patch(&user, Some(&admin), json!({"active": false}))
        .await
        .expect(200);
    assert_eq!(hears.closed().await, 4401);
    bare(&server, "POST", &path(room, "/messages"), body)
        .await
        .expect(401);
    assert_eq!(client.socket(&socket).await.closed().await, 4401);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_says_loudly_that_it_believes() {
    for (settings, says) in [
        ("auth.trust_user_id = true\nserver.log = \"off\"", true),
        ("", false),
    ] {
        let place = Place::new().await;
        let server = Process::start(&place, settings).await;
        let log = std::fs::read_to_string(&server.log).unwrap();
        assert_eq!(
            log.contains("WARNING: auth.trust_user_id is on"),
            says,
            "{log}"
        );
        server.kill().await;
    }
}
