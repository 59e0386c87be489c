//! Who may do what with whose session: every call and the socket, in a table.

use std::collections::BTreeSet;

use serde_json::json;
use tests::{Answer, Counselor, TestApp, User, Visitor, admin_token};

use super::{of, opens, says};

/// Whoever may come, in the order of the columns below.
const WHO: [&str; 6] = [
    "anonymous",
    "guest",
    "stranger",
    "counselor",
    "admin",
    "owner",
];

/// Method, path as it is documented, body, and the status for each of [`WHO`].
type Call = (&'static str, &'static str, &'static str, [u16; 6]);

const fn owners(status: u16) -> [u16; 6] {
    [401, 403, 404, 404, 404, status]
}

const ACCOUNTS_200: [u16; 6] = [401, 403, 200, 200, 200, 200];

const CALLS: &[Call] = &[
    (
        "post",
        "/emotion/sessions",
        "{}",
        [401, 403, 201, 201, 201, 201],
    ),
    (
        "post",
        "/emotion/sessions",
        r#"{"user_id": "OWNER"}"#,
        [401, 403, 403, 403, 403, 201],
    ),
    ("get", "/emotion/sessions/{session_id}", "", owners(200)),
    (
        "get",
        "/emotion/sessions/user/{user_id}",
        "",
        [401, 403, 403, 403, 403, 200],
    ),
    (
        "post",
        "/emotion/steps/generate",
        r#"{"session_id": "SESSION", "user_input": "말"}"#,
        owners(201),
    ),
    ("get", "/emotion/steps/{session_id}", "", owners(200)),
    (
        "get",
        "/emotion/sessions/{session_id}/flow",
        "",
        owners(200),
    ),
    (
        "post",
        "/emotion/sessions/{session_id}/card",
        "",
        owners(201),
    ),
    (
        "get",
        "/emotion/sessions/{session_id}/card",
        "",
        owners(200),
    ),
    ("get", "/emotion/prompt", "", ACCOUNTS_200),
    (
        "put",
        "/emotion/prompt",
        r#"{"system_prompt": null}"#,
        ACCOUNTS_200,
    ),
    (
        "put",
        "/emotion/prompt",
        r#"{"system_prompt": null, "user_id": "OWNER"}"#,
        [401, 403, 403, 403, 403, 200],
    ),
    (
        "post",
        "/emotion/sessions/{session_id}/handover",
        r#"{"consent": true}"#,
        owners(201),
    ),
    (
        "post",
        "/emotion/sessions/{session_id}/end",
        "",
        owners(200),
    ),
];

/// Ways to the socket, with the close code for each of [`WHO`]; 0 for those who are let in.
const SOCKETS: &[(&str, [u16; 6])] = &[
    ("/ws/emotion?", [4401, 4403, 0, 0, 0, 0]),
    (
        "/ws/emotion?session_id=SESSION",
        [4401, 4403, 4404, 4404, 4404, 0],
    ),
    (
        "/ws/emotion?user_id=OWNER",
        [4401, 4403, 4403, 4403, 4403, 0],
    ),
    (
        "/ws/emotion?session_id=0",
        [4401, 4403, 4404, 4404, 4404, 4404],
    ),
    (
        "/ws/emotion?session_id=SESSION&step_id=STEP",
        [4401, 4403, 4404, 4404, 4404, 0],
    ),
    (
        "/ws/emotion?session_id=SESSION&step_id=SESSION",
        [4401, 4403, 4404, 4404, 4404, 4404],
    ),
    (
        "/ws/emotion?session_id=SESSION&step_id=STEP&token_index=-1",
        [4401, 4403, 4404, 4404, 4404, 4400],
    ),
];

struct Scene {
    server: TestApp,
    owner: User,
    session: String,
    step: String,
    tokens: Vec<Option<String>>,
}

impl Scene {
    async fn new() -> Self {
        let server = TestApp::start().await;
        let client = &server.client;
        let admin = admin_token(client).await;
        let owner = User::new(client, "민아").await;
        let stranger = User::new(client, "남").await;
        let counselor = Counselor::new(client, &admin, "상담사").await;
        let guest = Visitor::asks(client, "손님").await;
        let guest = guest.started["access_token"].as_str().unwrap().to_owned();
        let session = opens(&owner).await;
        let step = says(&owner, &session, "안녕하세요.").await.expect(201);
        let tokens = vec![
            None,
            Some(guest),
            Some(stranger.token),
            Some(counselor.token),
            Some(admin),
            Some(owner.token.clone()),
        ];
        Self {
            step: step["step_id"].as_str().unwrap().to_owned(),
            server,
            owner,
            session,
            tokens,
        }
    }

    fn fill(&self, text: &str) -> String {
        text.replace("{session_id}", &self.session)
            .replace("{user_id}", &self.owner.uuid)
            .replace("SESSION", &self.session)
            .replace("STEP", &self.step)
            .replace("OWNER", &self.owner.uuid)
    }

    async fn asks(&self, call: &Call, token: Option<&str>) -> Answer {
        let client = &self.server.client;
        let mut request = client.request(&call.0.to_uppercase(), &self.fill(call.1));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        client.send(request.body(self.fill(call.2))).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_is_open_to_those_who_may_and_to_nobody_else() {
    let scene = Scene::new().await;
    let mut wrong = Vec::new();
    for call in CALLS {
        for ((who, token), expected) in WHO.iter().zip(&scene.tokens).zip(call.3) {
            let answer = scene.asks(call, token.as_deref()).await;
            if answer.status != expected {
                let (method, path, status) = (call.0, call.1, answer.status);
                wrong.push(format!(
                    "{method} {path} by {who}: {status}, not {expected}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_that_is_documented_is_in_the_table() {
    let server = TestApp::start().await;
    let document = server.client.get("/openapi.json", None).await.expect(200);
    let known: BTreeSet<_> = CALLS.iter().map(|call| (call.0, call.1)).collect();
    let mut found = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            if path.starts_with("/emotion/") {
                found += 1;
                let call = (method.as_str(), path.as_str());
                assert!(known.contains(&call), "no row for {call:?}");
            }
        }
    }
    assert_eq!(found, known.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_socket_lets_in_whose_session_it_is() {
    let scene = Scene::new().await;
    for (documented, expected) in SOCKETS {
        for ((who, token), expected) in WHO.iter().zip(&scene.tokens).zip(expected) {
            let mut path = scene.fill(documented);
            if let Some(token) = token {
                path = format!("{path}&token={token}");
            }
            let mut socket = scene.server.client.socket(&path).await;
            let first = socket.next().await;
            match first {
                Ok(frame) => {
                    assert_eq!(*expected, 0, "{documented} by {who}: {frame}");
                    assert!(frame["session_id"].is_string(), "{frame}");
                    socket.close().await;
                }
                Err(code) => assert_eq!(code, *expected, "{documented} by {who}"),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_theirs_looks_like_what_is_not_there() {
    let scene = Scene::new().await;
    let stranger = scene.tokens[2].as_deref();
    let client = &scene.server.client;
    let theirs = client
        .get(&of(&scene.session, ""), stranger)
        .await
        .expect(404);
    for unknown in ["0192f0c1-7a00-7000-8000-000000000000", "x", "7"] {
        let none = client.get(&of(unknown, ""), stranger).await.expect(404);
        assert_eq!(none, theirs);
    }
    let again = json!({"session_id": scene.session, "step_id": scene.step});
    let theirs = client
        .post("/emotion/steps/generate", stranger, again)
        .await;
    assert_eq!(theirs.expect(404)["code"], "unknown_emotion_session");
}
