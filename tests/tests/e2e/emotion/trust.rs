//! `auth.trust_user_id`: the guide's calls without a token, as behind a gateway that has checked.

use serde_json::json;
use tests::{TestApp, User};

use super::line::Line;

const TRUST: &str = "auth.trust_user_id = true";
const NOBODY: &str = "0192f0c1-7a00-7000-8000-000000000000";

#[tokio::test(flavor = "multi_thread")]
async fn the_guides_calls_run_without_a_token() {
    let server = TestApp::with(TRUST).await;
    let client = &server.client;
    let mina = User::new(client, "민아").await;
    let body = json!({"user_id": mina.uuid, "emotion_label": "불안", "topic": "시험"});
    let session = client
        .post("/emotion/sessions", None, body)
        .await
        .expect(201);
    let id = session["session_id"].as_str().unwrap();
    let path = format!("/emotion/sessions/{id}");
    assert_eq!(client.get(&path, None).await.expect(200), session);
    let list = format!("/emotion/sessions/user/{}", mina.uuid);
    assert_eq!(client.get(&list, None).await.expect(200), json!([session]));
    let body = json!({"session_id": id, "user_input": "요즘 기분이 별로야.", "step_order": 1});
    let step = client.post("/emotion/steps/generate", None, body).await;
    let step = step.expect(201);
    let steps = format!("/emotion/steps/{id}");
    assert_eq!(client.get(&steps, None).await.expect(200), json!([step]));
    let socket = format!("/ws/emotion?user_id={}&session_id={id}", mina.uuid);
    let mut line = Line::on(client.socket(&socket).await).await;
    let input = json!({
        "user_input": "요즘 기분이 별로야.", "step_type": "normal",
        "system_prompt": "너는 감정 전문 상담사야",
    });
    line.socket.send(input).await;
    let heard = line.hears_all().await;
    assert_eq!(heard.end["done"], true);
    let fresh = format!("/ws/emotion?user_id={}", mina.uuid);
    let fresh = Line::on(client.socket(&fresh).await).await;
    assert_ne!(fresh.session, id);
    let end = format!("{path}/end");
    client.post(&end, None, json!({})).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_and_others_are_not_believed() {
    let server = TestApp::with(TRUST).await;
    let client = &server.client;
    let mina = User::new(client, "민아").await;
    let jun = User::new(client, "준").await;
    let session = super::opens(&mina).await;
    let body = json!({"user_id": NOBODY});
    client
        .post("/emotion/sessions", None, body)
        .await
        .expect(401);
    client
        .post("/emotion/sessions", None, json!({}))
        .await
        .expect(422);
    let by = |user: &str| format!("/emotion/sessions/{session}?user_id={user}");
    client.get(&by(&jun.uuid), None).await.expect(404);
    client.get(&by(NOBODY), None).await.expect(401);
    client.get(&by(&mina.uuid), None).await.expect(200);
    client
        .get(&by(&mina.uuid), Some(&jun.token))
        .await
        .expect(403);
    client.get(&by(&mina.uuid), Some("x")).await.expect(401);
    for (query, code) in [
        (format!("user_id={NOBODY}"), 4401),
        ("user_id=7".to_owned(), 4401),
        (String::new(), 4401),
        (format!("user_id={}&session_id={session}", jun.uuid), 4404),
    ] {
        let mut socket = client.socket(&format!("/ws/emotion?{query}")).await;
        assert_eq!(socket.closed().await, code, "{query}");
    }
    let stranger = json!({"session_id": session, "user_input": "a", "user_id": jun.uuid});
    let refused = client.post("/emotion/steps/generate", None, stranger).await;
    refused.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_trust_a_bare_user_id_is_nobody() {
    let server = TestApp::start().await;
    let client = &server.client;
    let mina = User::new(client, "민아").await;
    let body = json!({"user_id": mina.uuid});
    client
        .post("/emotion/sessions", None, body)
        .await
        .expect(401);
    let socket = format!("/ws/emotion?user_id={}", mina.uuid);
    assert_eq!(client.socket(&socket).await.closed().await, 4401);
}
