//! What is given: to whom, in which parts, and by a ticket in the address.

use std::time::Duration;

use serde_json::json;
use tests::{Client, Counselor, Fetched, Form, TestApp, User, Visitor, admin_token, fetch};

use super::{noise, shares, three};

async fn fetches_by(client: &Client, path: &str, ticket: &str) -> Fetched {
    fetch(client.request("GET", &format!("{path}?ticket={ticket}"))).await
}

async fn ticket(user: &User) -> String {
    let answer = user.post("/auth/file-ticket", json!({})).await.expect(201);
    assert_eq!(answer["expires_in"], 600);
    answer["ticket"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_range_is_served_exactly_and_what_lies_behind_the_end_is_not() {
    let server = TestApp::start().await;
    let (jiwoo, seojun, stranger, room) = three(&server.client).await;
    // More than one sealed frame, and not a whole number of them.
    let size = 200_001;
    let bytes = noise(size);
    let row = shares(&jiwoo, "a.bin", &bytes, room).await;
    for (range, from, to) in [
        ("bytes=0-0", 0, 0),
        ("bytes=0-99", 0, 99),
        ("bytes=200000-", 200_000, 200_000),
        ("bytes=199999-999999999", 199_999, 200_000),
        ("bytes=-1", 200_000, 200_000),
        ("bytes=-999999999", 0, 200_000),
        ("bytes=65535-65536", 65_535, 65_536),
        ("bytes=131072-200000", 131_072, 200_000),
    ] {
        let part = seojun.fetches_with(&row, &[("range", range)]).await;
        assert_eq!(part.status, 206, "{range}");
        assert_eq!(
            part.header("content-range"),
            format!("bytes {from}-{to}/{size}")
        );
        assert!(part.bytes == bytes[from..=to], "{range}");
    }
    for range in ["bytes=200001-", "bytes=999999999999999999999-", "bytes=-0"] {
        let refused = seojun.fetches_with(&row, &[("range", range)]).await;
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (416, "range_not_satisfiable")
        );
        assert_eq!(refused.header("content-range"), format!("bytes */{size}"));
    }
    for range in [
        "bytes=5-2",
        "bytes=a-b",
        "lines=0-1",
        "bytes=0-1,3-4",
        "bytes=-",
    ] {
        let whole = seojun.fetches_with(&row, &[("range", range)]).await;
        assert_eq!((whole.status, whole.bytes.len()), (200, size), "{range}");
    }
    let part = stranger.fetches_with(&row, &[("range", "bytes=0-0")]).await;
    assert_eq!(part.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_given_to_who_is_in_the_room_now() {
    let server = TestApp::start().await;
    let (jiwoo, seojun, stranger, _) = three(&server.client).await;
    let room = jiwoo.gathers("사진방", &[&seojun]).await;
    let elsewhere = jiwoo.meets(&stranger).await;
    let row = shares(&jiwoo, "a.txt", b"for the room", room).await;
    let url = row["file_url"].as_str().unwrap();
    let number = server
        .client
        .request("GET", url)
        .header("range", "bytes=0-3")
        .bearer_auth(&seojun.token);
    assert_eq!(fetch(number).await.bytes, b"for ");
    let status = async |user: &User| user.fetches(&row).await.status;
    assert_eq!((status(&jiwoo).await, status(&seojun).await), (200, 200));
    // Being in another room with its sender is not being in this one.
    shares(&jiwoo, "b.txt", b"for another", elsewhere).await;
    assert_eq!(status(&stranger).await, 404);
    let nobody = fetch(server.client.request("GET", url)).await;
    assert_eq!(
        (nobody.status, nobody.code().as_str()),
        (401, "unauthenticated")
    );

    let members = format!("/api/v1/chat/rooms/{room}/members");
    let leave = format!("{members}/{}", seojun.id);
    seojun.delete(&leave).await.expect(200);
    assert_eq!((status(&jiwoo).await, status(&seojun).await), (200, 404));
    let by_ticket = fetches_by(&server.client, url, &ticket(&seojun).await).await;
    assert_eq!(by_ticket.status, 404);
    let body = json!({"user_id": seojun.id});
    jiwoo.post(&members, body).await.expect(201);
    assert_eq!(
        status(&seojun).await,
        200,
        "who is added again sees everything"
    );

    let message = format!("/chat/rooms/{room}/messages/{}/", row["message_id"]);
    jiwoo.delete(&message).await.expect(200);
    for member in [&jiwoo, &seojun] {
        let gone = member.fetches(&row).await;
        assert_eq!((gone.status, gone.code().as_str()), (410, "file_erased"));
    }
    assert_eq!(
        status(&stranger).await,
        404,
        "a stranger is not told that it was there"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_guessed_is_not_found_in_one_way() {
    let server = TestApp::start().await;
    let (jiwoo, _, stranger, room) = three(&server.client).await;
    let row = shares(&jiwoo, "a.txt", b"x", room).await;
    let known = row["file_url"].as_str().unwrap().to_owned();
    let mut answers = Vec::new();
    let position = row["message_id"].as_u64().unwrap();
    let mut paths: Vec<String> = (position.saturating_sub(3)..position + 3)
        .map(|number| format!("/files/{number}"))
        .collect();
    paths.extend(
        [
            known.as_str(),
            "/files/00000000-0000-0000-0000-000000000001",
            "/files/18446744073709551615",
            "/files/99999999999999999999999",
            "/files/-1",
            "/files/..%2f..%2fkeys.db",
            "/files/%00",
            "/files/a%0d%0ab",
            "/files/keys.db",
        ]
        .map(str::to_owned),
    );
    for path in paths {
        let answer = stranger.fetches_at(&path, &[]).await;
        assert_eq!(answer.status, 404, "{path}");
        answers.push(answer.bytes);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    for path in ["/files", "/files/", "/files/../files", "/files//"] {
        let answer = stranger.fetches_at(path, &[]).await;
        assert_eq!(answer.status, 404, "nothing is listed at {path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_stands_for_its_caller_for_ten_minutes() {
    let server = TestApp::start().await;
    let (jiwoo, seojun, stranger, room) = three(&server.client).await;
    let one = shares(&jiwoo, "a.txt", b"one", room).await;
    let two = shares(&seojun, "b.txt", b"two", room).await;
    let (client, url) = (&server.client, one["file_url"].as_str().unwrap());
    let (his, strangers) = (ticket(&seojun).await, ticket(&stranger).await);
    for row in [&one, &two, &one] {
        let url = row["file_url"].as_str().unwrap();
        assert_eq!(fetches_by(client, url, &his).await.status, 200);
    }
    assert_eq!(fetches_by(client, url, &strangers).await.status, 404);
    for made_up in ["", "x", &his[..his.len() - 1], &format!("{his}A"), "%00"] {
        assert_eq!(
            fetches_by(client, url, made_up).await.status,
            401,
            "{made_up}"
        );
    }
    // It opens nothing else, and no token opens a file from the address.
    for path in ["/chat/rooms/", "/api/v1/users/me", "/auth/file-ticket"] {
        let answer = fetches_by(client, path, &his).await;
        assert!([401, 404, 405].contains(&answer.status), "{path}");
    }
    let token = format!("{url}?token={}", seojun.token);
    assert_eq!(fetch(client.request("GET", &token)).await.status, 401);
    let socket = client
        .socket(&format!("/chat/ws/{room}?ticket={his}"))
        .await;
    let mut socket = socket;
    assert_eq!(socket.closed().await, 4401);

    server.clock.forward(Duration::from_secs(590));
    assert_eq!(fetches_by(client, url, &his).await.status, 200);
    server.clock.forward(Duration::from_secs(11));
    assert_eq!(fetches_by(client, url, &his).await.status, 401);
    let late = ticket(&seojun).await;
    let out = seojun
        .client
        .request("POST", "/logout")
        .bearer_auth(&seojun.token);
    client.send(out).await.expect(204);
    assert_eq!(
        fetches_by(client, url, &late).await.status,
        401,
        "logged out"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_consultation_both_sides_are_given_the_file_and_nobody_else() {
    let server = TestApp::start().await;
    let client = &server.client;
    let admin = admin_token(client).await;
    let counselor = Counselor::new(client, &admin, "한상담").await;
    let other = Counselor::new(client, &admin, "다른상담").await;
    let mut bell = counselor.waits().await;
    let visitor = Visitor::asks(client, "손님").await;
    let request = bell.expect("new_request").await["request"]["id"]
        .as_u64()
        .unwrap();
    counselor.accepts(request).await.expect(200);
    let room = visitor.sees().await["room_id"].as_u64().unwrap();
    let user = User {
        client: client.clone(),
        id: 0,
        uuid: counselor.uuid.clone(),
        name: counselor.name.clone(),
        email: counselor.email.clone(),
        token: counselor.token.clone(),
    };
    let mut socket = visitor.enters().await;
    let form = Form::of("안내.txt", b"for the guest");
    let row = user.sends(form, room).await.expect(201);
    let heard = socket.expect("message").await;
    let read = visitor.history().await.pop().unwrap();
    for field in ["file_url", "file_name", "file_size"] {
        assert_eq!((&heard[field], &read[field]), (&row[field], &row[field]));
    }
    let path = row["file_url"].as_str().unwrap();
    let status = async |token: &str| {
        let request = client.request("GET", path).bearer_auth(token);
        fetch(request).await.status
    };
    let guest = visitor.started["access_token"].as_str().unwrap();
    assert_eq!(status(&counselor.token).await, 200);
    assert_eq!(status(guest).await, 200, "the guest's own token");
    assert_eq!(status(&other.token).await, 404);
    let another = Visitor::asks(client, "남").await;
    let another = another.started["access_token"].as_str().unwrap();
    assert_eq!(status(another).await, 404);
}
