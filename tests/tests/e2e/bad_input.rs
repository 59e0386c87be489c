//! Bad input on every endpoint: a 4xx with a stable code, and nothing is lost.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use tests::{Counselor, TestApp, Visitor, admin_token, long, seed};

/// Bodies that no endpoint takes, and whether they are JSON.
const MALFORMED: [&str; 6] = [
    "{",
    "nonsense",
    "{\"a\":}",
    "\u{0}",
    "{\"a\": \"\\ud800\"}",
    "[1,",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_answers_bad_input_with_a_stable_code() {
    let seed = seed();
    let mut random = StdRng::seed_from_u64(seed);
    let server =
        TestApp::with("limits.requests_per_minute = 0\nlimits.code_misses_per_minute = 0").await;
    let client = &server.client;
    let admin = admin_token(client).await;
    let counselor = Counselor::new(client, &admin, "상담").await;
    let visitor = Visitor::asks(client, "입력").await;
    let document = client.get("/openapi.json", None).await.expect(200);
    let mut operations = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in ["get", "post", "put", "patch", "delete"] {
            if methods.get(method).is_none() {
                continue;
            }
            operations += 1;
            for _ in 0..if long() { 40 } else { 6 } {
                let path = fill(path, &visitor.code, counselor.id, &mut random);
                let mut request = client.request(method, &path).bearer_auth(&counselor.token);
                if method != "get" {
                    request = request.body(body(&mut random));
                }
                let answer = client.send(request).await;
                assert!(
                    answer.status < 500,
                    "{method} {path}: {} {}",
                    answer.status,
                    answer.body
                );
                if answer.status >= 400 && answer.status != 405 {
                    assert!(
                        answer.body["code"].is_string(),
                        "{method} {path}: {}",
                        answer.body
                    );
                }
            }
        }
    }
    assert!(
        operations > 25,
        "the document lists {operations} operations"
    );
    assert_eq!(
        visitor.sees().await["status"],
        "waiting",
        "nothing was lost"
    );
}

fn fill(path: &str, code: &str, counselor: u64, random: &mut StdRng) -> String {
    let odd = [
        "0",
        "-1",
        "99999999999999999999",
        "%00",
        "x%2fy",
        "가나다",
        "null",
    ];
    let odd = odd[random.random_range(0..odd.len())];
    let right = random.random_bool(0.7);
    let mut filled = path.to_owned();
    while let (Some(start), Some(end)) = (filled.find('{'), filled.find('}')) {
        let value = match (&filled[start + 1..end], right) {
            ("code" | "consultation_code", true) => code.to_owned(),
            ("counselor_id", true) => counselor.to_string(),
            _ => odd.to_owned(),
        };
        filled.replace_range(start..=end, &value);
    }
    if random.random_bool(0.3) {
        filled.push_str("?page=-1&page_size=1e9&status=nosuch&min_position=x");
    }
    filled
}

fn body(random: &mut StdRng) -> String {
    match random.random_range(0..8) {
        0 => MALFORMED[random.random_range(0..MALFORMED.len())].to_owned(),
        1 => "[".repeat(50_000),
        2 => json!(null).to_string(),
        3 => json!([1, 2, 3]).to_string(),
        4 => "{\"nickname\": 1e400, \"email\": {}, \"password\": []}".to_owned(),
        5 => json!({"nickname": "x".repeat(100_000), "message": "\u{0}"}).to_string(),
        6 => json!({"nickname": null, "score": "five", "refresh_token": 7, "email": "no"})
            .to_string(),
        _ => Value::Object(serde_json::Map::new()).to_string(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_are_read_whatever_their_type_says() {
    let server = TestApp::start().await;
    let request = server
        .client
        .request("POST", "/api/v1/consultations/start/")
        .header("Content-Type", "text/plain;charset=UTF-8")
        .body(r#"{"nickname": "평문"}"#);
    server.client.send(request).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_out_of_range_are_named() {
    let server = TestApp::start().await;
    let visitor = Visitor::asks(&server.client, "쪽").await;
    for query in [
        "page=0",
        "page=-1",
        "page=x",
        "page_size=0",
        "page_size=201",
        "page=1e18",
    ] {
        let path = visitor.path(&format!("/messages?{query}"));
        let refused = server.client.get(&path, None).await.expect(422);
        let name = query.split('=').next().unwrap();
        assert_eq!(
            refused["detail"][0]["loc"],
            json!(["query", name]),
            "{query}"
        );
    }
    let far = visitor.path("/messages?page=1000000000&page_size=200");
    let page = server.client.get(&far, None).await.expect(200);
    assert_eq!(page["messages"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_codes_is_slowed_down() {
    let server = TestApp::start().await;
    let mut statuses = Vec::new();
    for index in 0..15 {
        let path = format!("/api/v1/consultations/WRNG{:05}", 22_222 + index);
        statuses.push(server.client.get(&path, None).await.status);
    }
    assert_eq!(statuses[0], 404);
    assert_eq!(statuses[14], 429);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_path_answers_in_its_dialect() {
    let server = TestApp::start().await;
    let detail = server
        .client
        .get("/api/v1/consultations/a/b/c/d", None)
        .await
        .expect(404);
    assert!(detail["detail"].is_string());
    let feed = server
        .client
        .get("/api/v1/chat/rooms/1/nosuch", None)
        .await
        .expect(404);
    assert_eq!(feed["success"], false);
    let messenger = server
        .client
        .get("/api/v1/messages/nosuch", None)
        .await
        .expect(404);
    assert_eq!(messenger["statusCode"], 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_use_a_desk_is_told_so_before_the_body_is_read() {
    let server = TestApp::start().await;
    let admin = admin_token(&server.client).await;
    let owner = Counselor::new(&server.client, &admin, "주인").await;
    let other = Counselor::new(&server.client, &admin, "남").await;
    let desk = format!("/api/v1/counselors/{}/dashboard", owner.id);
    for path in ["requests/1/accept", "requests/1/reject"] {
        let nonsense = || {
            server
                .client
                .request("POST", &format!("{desk}/{path}"))
                .body("{")
        };
        assert_eq!(server.client.send(nonsense()).await.status, 401);
        let theirs = nonsense().bearer_auth(&other.token);
        assert_eq!(server.client.send(theirs).await.status, 403);
        let own = nonsense().bearer_auth(&owner.token);
        assert_eq!(server.client.send(own).await.status, 400);
    }
}
