//! Sessions, steps, flow, card and prompt over HTTP.

use serde_json::{Value, json};
use tests::{TestApp, User};

use super::{of, opens, says, steps};

async fn mina() -> (TestApp, User) {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    (server, mina)
}

fn code(body: &Value) -> &str {
    body["code"].as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_opened_shown_listed_and_ended() {
    let (_server, mina) = mina().await;
    let body = json!({"user_id": mina.uuid, "emotion_label": "불안", "topic": "시험"});
    let opened = mina.post("/emotion/sessions", body).await.expect(201);
    assert_eq!(opened["user_id"], *mina.uuid);
    assert_eq!(
        (&opened["emotion_label"], &opened["topic"]),
        (&json!("불안"), &json!("시험"))
    );
    assert_eq!(opened["ended_at"], Value::Null);
    let started = opened["started_at"].as_str().unwrap();
    assert!(started.ends_with('Z') && started.len() == 24, "{started}");
    let session = opened["session_id"].as_str().unwrap();
    assert_eq!(mina.get(&of(session, "")).await.expect(200), opened);

    let second = opens(&mina).await;
    let list = format!("/emotion/sessions/user/{}", mina.uuid);
    let list = mina.get(&list).await.expect(200);
    let ids: Vec<&str> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["session_id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, [&*second, session]);

    let ended = mina.post(&of(session, "/end"), json!({})).await.expect(200);
    assert!(ended["ended_at"].is_string());
    let again = mina.post(&of(session, "/end"), json!({})).await.expect(200);
    assert_eq!(again, ended);
    let refused = says(&mina, session, "아직 있어요").await.expect(409);
    assert_eq!(code(&refused), "emotion_session_ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_is_answered_and_kept_in_its_order() {
    let (_server, mina) = mina().await;
    let session = opens(&mina).await;
    let first = says(&mina, &session, "요즘 너무 슬퍼요.").await;
    let position = first.position();
    let first = first.expect(201);
    assert_eq!(
        (&first["step_order"], &first["step_type"]),
        (&json!(1), &json!("normal"))
    );
    assert_eq!(first["user_input"], "요즘 너무 슬퍼요.");
    assert!(!first["gpt_response"].as_str().unwrap().is_empty());
    assert_eq!(
        (&first["status"], &first["responder"]),
        (&json!("answered"), &json!("built_in"))
    );
    assert!(first["emotion"]["label"].is_string());
    let intensity = first["emotion"]["intensity"].as_f64().unwrap();
    assert!((0.0..=1.0).contains(&intensity));
    assert_eq!(first["risk"], Value::Null);
    assert!(position > first["number"].as_u64().unwrap());

    let body = json!({
        "session_id": session, "user_input": "그래도 괜찮아요.", "step_order": 7,
        "step_type": "follow-up", "system_prompt": "짧게 답해 주세요.",
    });
    let second = mina.post("/emotion/steps/generate", body.clone()).await;
    let second = second.expect(201);
    assert_eq!(
        (&second["step_order"], &second["step_type"]),
        (&json!(7), &json!("follow-up"))
    );
    let taken = mina.post("/emotion/steps/generate", body).await.expect(409);
    assert_eq!(code(&taken), "step_order_taken");
    let third = says(&mina, &session, "고마워요.").await.expect(201);
    assert_eq!(third["step_order"], 8);
    assert_eq!(steps(&mina, &session).await, [first, second, third]);
    let page = format!("/emotion/steps/{session}?page=2&size=2");
    let page = mina.get(&page).await.expect(200);
    assert_eq!(page[0]["step_order"], 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_speaks_of_suicide_is_flagged_and_answered_with_where_help_is() {
    let (_server, mina) = mina().await;
    let session = opens(&mina).await;
    let step = says(&mina, &session, "더는 살고 싶지 않아요. 죽고 싶어요.")
        .await
        .expect(201);
    assert_eq!(step["risk"], "high");
    let answer = step["gpt_response"].as_str().unwrap();
    assert!(
        answer.contains("109") && answer.contains("1577-0199"),
        "{answer}"
    );
    let harmless = says(&mina, &session, "배고파 죽겠다").await.expect(201);
    assert_eq!(harmless["risk"], Value::Null);
    assert!(
        !harmless["gpt_response"]
            .as_str()
            .unwrap()
            .contains("1577-0199")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_named_and_leaves_nothing() {
    let (_server, mina) = mina().await;
    let session = opens(&mina).await;
    let long = |count: usize| "가".repeat(count);
    for (body, field) in [
        (json!({}), "user_input"),
        (json!({"user_input": ""}), "user_input"),
        (json!({"user_input": " \n"}), "user_input"),
        (json!({"user_input": "a\u{0}b"}), "user_input"),
        (json!({"user_input": long(10_001)}), "user_input"),
        (json!({"user_input": 7}), "user_input"),
        (json!({"user_input": "네", "step_order": 0}), "step_order"),
        (
            json!({"user_input": "네", "step_order": 1_000_001}),
            "step_order",
        ),
        (json!({"user_input": "네", "step_order": "x"}), "step_order"),
        (
            json!({"user_input": "네", "step_type": "두 번째"}),
            "step_type",
        ),
        (json!({"user_input": "네", "step_type": ""}), "step_type"),
        (
            json!({"user_input": "네", "system_prompt": long(4_001)}),
            "system_prompt",
        ),
        (
            json!({"user_input": "네", "step_id": session}),
            "user_input",
        ),
    ] {
        let mut sent = body.clone();
        sent["session_id"] = json!(session);
        let refused = mina.post("/emotion/steps/generate", sent).await.expect(422);
        let place = &refused["detail"][0]["loc"];
        assert_eq!(*place, json!(["body", field]), "{body}: {refused}");
    }
    let huge = json!({"session_id": session, "user_input": "a".repeat(1_000_000)});
    let refused = mina.post("/emotion/steps/generate", huge).await;
    assert!([413, 422].contains(&refused.status), "{}", refused.body);
    for (body, field) in [
        (json!({"topic": long(501)}), "topic"),
        (json!({"emotion_label": long(51)}), "emotion_label"),
        (json!({"user_id": "mina"}), "user_id"),
    ] {
        let refused = mina.post("/emotion/sessions", body).await.expect(422);
        assert_eq!(refused["detail"][0]["loc"], json!(["body", field]));
    }
    assert_eq!(steps(&mina, &session).await, [] as [Value; 0]);
    // The longest there may be.
    let body = json!({
        "session_id": session, "user_input": long(10_000), "system_prompt": long(4_000),
    });
    mina.post("/emotion/steps/generate", body).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_again_is_the_same_step() {
    let (_server, mina) = mina().await;
    let session = opens(&mina).await;
    let key = uuid::Uuid::from_u128(rand::random()).to_string();
    let say = async |text: &str| {
        let body = json!({"session_id": session, "user_input": text});
        let request = mina
            .client
            .request("POST", "/emotion/steps/generate")
            .bearer_auth(&mina.token)
            .header("idempotency-key", &key)
            .body(body.to_string());
        mina.client.send(request).await
    };
    let first = say("한 번만").await.expect(201);
    assert_eq!(say("한 번만").await.expect(201), first);
    say("다른 말").await.expect(409);
    assert_eq!(steps(&mina, &session).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_was_answered_is_not_asked_again() {
    let (_server, mina) = mina().await;
    let session = opens(&mina).await;
    let step = says(&mina, &session, "안녕하세요.").await.expect(201);
    let again = json!({"session_id": session, "step_id": step["step_id"]});
    let refused = mina
        .post("/emotion/steps/generate", again)
        .await
        .expect(409);
    assert_eq!(code(&refused), "step_answered");
    let other = opens(&mina).await;
    for (session, step) in [(&other, &step["step_id"]), (&session, &json!(session))] {
        let again = json!({"session_id": session, "step_id": step});
        let refused = mina
            .post("/emotion/steps/generate", again)
            .await
            .expect(404);
        assert_eq!(code(&refused), "unknown_step");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_flow_has_a_node_for_each_step_and_edges_between_them() {
    let (_server, mina) = mina().await;
    let session = opens(&mina).await;
    let empty = mina.get(&of(&session, "/flow")).await.expect(200);
    assert_eq!((&empty["nodes"], &empty["edges"]), (&json!([]), &json!([])));
    let mut said = Vec::new();
    for text in ["너무 슬퍼요.", "화가 나요.", "이제 조금 기뻐요."] {
        said.push(says(&mina, &session, text).await.expect(201));
    }
    let flow = mina.get(&of(&session, "/flow")).await.expect(200);
    for (node, step) in flow["nodes"].as_array().unwrap().iter().zip(&said) {
        for field in ["step_id", "step_order", "created_at"] {
            assert_eq!(node[field], step[field]);
        }
        assert_eq!(node["label"], step["emotion"]["label"]);
        assert_eq!(node["intensity"], step["emotion"]["intensity"]);
    }
    let ids: Vec<_> = said.iter().map(|step| &step["step_id"]).collect();
    let edges = json!([{"from": ids[0], "to": ids[1]}, {"from": ids[1], "to": ids[2]}]);
    assert_eq!(
        (flow["nodes"].as_array().unwrap().len(), &flow["edges"]),
        (3, &edges)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_says_what_was_felt_and_is_written_anew_when_more_was_said() {
    let (_server, mina) = mina().await;
    let session = opens(&mina).await;
    let path = of(&session, "/card");
    let none = mina.get(&path).await.expect(404);
    assert_eq!(code(&none), "no_card");
    let early = mina.post(&path, json!({})).await.expect(409);
    assert_eq!(code(&early), "nothing_answered");
    says(&mina, &session, "시험에 떨어져서 너무 슬퍼요.")
        .await
        .expect(201);
    let card = mina.post(&path, json!({})).await.expect(201);
    assert_eq!(card["session_id"], *session);
    assert!(card["summary"].as_str().unwrap().contains("시험"), "{card}");
    let weights: f64 = card["key_emotions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| key["weight"].as_f64().unwrap())
        .sum();
    assert!(weights > 0.9 && weights < 1.1, "{card}");
    assert_eq!(mina.post(&path, json!({})).await.expect(200), card);
    assert_eq!(mina.get(&path).await.expect(200), card);
    says(&mina, &session, "친구에게도 화가 났어요.")
        .await
        .expect(201);
    let next = mina.post(&path, json!({})).await.expect(201);
    assert_ne!(next, card);
    assert_eq!(mina.get(&path).await.expect(200), next);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prompt_is_ones_own_and_can_be_taken_back() {
    let (server, mina) = mina().await;
    let jun = User::new(&server.client, "준").await;
    let path = "/emotion/prompt";
    let none = json!({"system_prompt": null});
    assert_eq!(mina.get(path).await.expect(200), none);
    let prompt = json!({"system_prompt": "따뜻하게 답해 주세요."});
    assert_eq!(mina.put(path, prompt.clone()).await.expect(200), prompt);
    assert_eq!(mina.get(path).await.expect(200), prompt);
    assert_eq!(jun.get(path).await.expect(200), none);
    let long = json!({"system_prompt": "가".repeat(4_001)});
    mina.put(path, long).await.expect(422);
    let longest = json!({"system_prompt": "가".repeat(4_000)});
    mina.put(path, longest).await.expect(200);
    for back in [json!({"system_prompt": ""}), none.clone()] {
        assert_eq!(mina.put(path, back).await.expect(200), none);
        assert_eq!(mina.get(path).await.expect(200), none);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_says_what_answers() {
    let (server, _mina) = mina().await;
    let health = server.client.get("/health", None).await.expect(200);
    assert_eq!(health["language_model"], false);
    assert!(health["responder"].is_string());
}
