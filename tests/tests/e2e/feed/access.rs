//! Who may do what: for every call of the feed dialect, and its socket.

use serde_json::json;
use tests::{Answer, TestApp, User, admin_token};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use super::{gathers, knocks, listens, path, removes, says, with_role};

/// The calls, each on a room, with a body that is right for whoever may.
async fn call(name: &str, user: &User, room: u64, other: &User) -> Answer {
    let named = |rest: &str| path(room, rest);
    match name {
        "send" => {
            user.post(&named("/messages"), json!({"message": "나"}))
                .await
        }
        "list" => user.get(&named("/messages")).await,
        "read" => user.post(&named("/read"), json!({})).await,
        "members" => user.get(&named("/members")).await,
        "add" => {
            user.post(&named("/members"), json!({"user_id": other.id}))
                .await
        }
        "remove" => user.delete(&named(&format!("/members/{}", other.id))).await,
        name => panic!("{name}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_may_do_what_the_table_says() {
    let server = TestApp::start().await;
    let client = &server.client;
    let (creator, member) = (
        User::new(client, "방장").await,
        User::new(client, "멤버").await,
    );
    let (former, stranger) = (
        User::new(client, "전멤버").await,
        User::new(client, "남").await,
    );
    let other = User::new(client, "다른").await;
    let admin = with_role(&server, "admin").await;
    let auditor = with_role(&server, "auditor").await;
    let (_, room) = gathers(&server, &creator, &[&member, &former, &other]).await;
    says(&creator, room, "안녕").await;
    removes(&creator, room, &former).await.expect(200);
    let calls = ["send", "list", "read", "members", "add", "remove"];
    for (who, user, statuses) in [
        ("stranger", &stranger, [404; 6]),
        ("former member", &former, [404; 6]),
        ("admin", &admin, [404; 6]),
        ("auditor", &auditor, [404; 6]),
        ("member", &member, [201, 200, 200, 200, 200, 403]),
        ("creator", &creator, [201, 200, 200, 200, 200, 200]),
    ] {
        for (name, expected) in calls.iter().zip(statuses) {
            let answer = call(name, user, room, &other).await;
            assert_eq!(answer.status, expected, "{who}, {name}: {}", answer.body);
            assert_eq!(answer.body["success"], expected < 300, "{who}, {name}");
            if expected == 404 {
                // As for a room that nobody has.
                let nowhere = call(name, user, 999_999, &other).await;
                assert_eq!((nowhere.status, &nowhere.body), (404, &answer.body));
            }
        }
        let mut socket = knocks(user, room).await;
        if statuses[0] == 404 {
            assert_eq!(socket.closed().await, 4404, "{who}");
        } else {
            says(&creator, room, "들려요").await;
            socket.expect("message").await;
        }
    }
    // Whoever is in it may go.
    removes(&member, room, &member).await.expect(200);
    call("list", &member, room, &other).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_nothing_is_believed_and_nothing_told() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    let (_, room) = gathers(&server, &mina, &[]).await;
    let client = &server.client;
    for body in [
        json!({"user_id": mina.id, "message": "나예요"}),
        json!({}),
        json!("x"),
    ] {
        let refused = client
            .post(&path(room, "/messages"), None, body)
            .await
            .expect(401);
        assert_eq!(
            (&refused["success"], &refused["code"]),
            (&json!(false), &json!("unauthenticated"))
        );
    }
    let query = format!("/messages?user_id={}", mina.id);
    client.get(&path(room, &query), None).await.expect(401);
    client
        .post(&path(room, "/read"), None, json!({"user_id": mina.id}))
        .await
        .expect(401);
    client.get(&path(room, "/members"), None).await.expect(401);
    let socket = format!("/ws/chat/{room}?user_id={}", mina.id);
    assert_eq!(client.socket(&socket).await.closed().await, 4401);
    assert_eq!(
        client
            .socket(&format!("{socket}&token=x"))
            .await
            .closed()
            .await,
        4401
    );
    // Not even under a header that a proxy would set.
    let url = format!("ws://{}{socket}", client.address);
    let mut request = url.into_client_request().unwrap();
    request
        .headers_mut()
        .insert("x-forwarded-for", "127.0.0.1".parse().unwrap());
    assert_eq!(
        tests::Socket::open(request).await.unwrap().closed().await,
        4401
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_id_beside_a_token_is_its_bearers_own() {
    let server = TestApp::start().await;
    let client = &server.client;
    let (mina, jun) = (
        User::new(client, "민아").await,
        User::new(client, "준").await,
    );
    let (_, room) = gathers(&server, &mina, &[&jun]).await;
    let body = json!({"user_id": jun.id, "message": "준인 척"});
    let refused = mina.post(&path(room, "/messages"), body).await.expect(403);
    assert_eq!(
        (&refused["success"], &refused["code"]),
        (&json!(false), &json!("not_your_user_id"))
    );
    mina.post(&path(room, "/read"), json!({"user_id": jun.id}))
        .await
        .expect(403);
    mina.get(&path(room, &format!("/messages?user_id={}", jun.id)))
        .await
        .expect(403);
    let socket = format!("/ws/chat/{room}?user_id={}&token={}", jun.id, mina.token);
    assert_eq!(client.socket(&socket).await.closed().await, 4403);
    // Left out, it is the bearer's.
    let sent = mina
        .post(&path(room, "/messages"), json!({"message": "저예요"}))
        .await;
    assert_eq!(sent.expect(201)["data"]["user_id"], mina.id);
    let socket = format!("/ws/chat/{room}?token={}", mina.token);
    let mut hears = client.socket(&socket).await;
    says(&jun, room, "네").await;
    hears.expect("message").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_speaks_for_whomever_it_names() {
    let server = TestApp::start().await;
    let client = &server.client;
    let (mina, jun) = (
        User::new(client, "민아").await,
        User::new(client, "준").await,
    );
    let service = with_role(&server, "service").await;
    let (_, room) = gathers(&server, &mina, &[]).await;
    let body = json!({"user_id": mina.id, "message": "대신 보내요"});
    let sent = service
        .post(&path(room, "/messages"), body)
        .await
        .expect(201);
    assert_eq!(sent["data"]["user"]["name"], "민아");
    let body = json!({"user_id": jun.id, "message": "멤버가 아니에요"});
    service
        .post(&path(room, "/messages"), body)
        .await
        .expect(404);
    let body = json!({"user_id": 999_999, "message": "아무도 아니에요"});
    service
        .post(&path(room, "/messages"), body)
        .await
        .expect(422);
    // Naming nobody it sees the room, and says nothing in it.
    let asked = service.get(&path(room, "/messages")).await;
    assert_eq!(asked.expect(400)["code"], "purpose_required");
    let asked = path(room, "/messages?purpose=relay-7");
    service.get(&asked).await.expect(200);
    service
        .post(&path(room, "/messages"), json!({"message": "누구?"}))
        .await
        .expect(404);
    service
        .post(&path(room, "/members"), json!({"user_id": jun.id}))
        .await
        .expect(201);
    let socket = format!(
        "/ws/chat/{room}?user_id={}&token={}&purpose=relay-7",
        jun.id, service.token
    );
    let mut hears = client.socket(&socket).await;
    // Whoever was answered something is told everything from here on.
    hears.send_text("?").await;
    hears.expect("error").await;
    says(&mina, room, "들려요").await;
    hears.expect("message").await;
    service
        .delete(&path(room, &format!("/members/{}", jun.id)))
        .await
        .expect(200);
    assert_eq!(hears.closed().await, 4403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_that_ends_ends_the_connection() {
    let server = TestApp::start().await;
    let client = &server.client;
    let mina = User::new(client, "민아").await;
    let service = with_role(&server, "service").await;
    let (_, room) = gathers(&server, &mina, &[]).await;
    let mut own = listens(&mina, room).await;
    let spoken_for = format!(
        "/ws/chat/{room}?user_id={}&token={}&purpose=relay-7",
        mina.id, service.token
    );
    let mut spoken_for = client.socket(&spoken_for).await;
    says(&mina, room, "아직").await;
    own.expect("message").await;
    spoken_for.expect("message").await;
    let admin = admin_token(client).await;
    let user = format!("/admin/users/{}", mina.uuid);
    client
        .patch(&user, Some(&admin), json!({"active": false}))
        .await
        .expect(200);
    assert_eq!(own.closed().await, 4401);
    assert_eq!(spoken_for.closed().await, 4401);
}
