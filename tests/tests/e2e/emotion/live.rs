//! `/ws/emotion`: the session first, tokens as they come, one input at a time, cancel, bad input.

use serde_json::{Value, json};
use tests::{TestApp, User, admin_token};
use tokio_tungstenite::tungstenite::Message;

use super::line::{Line, TOKENS, model, server};
use super::{opens, says, steps};

#[tokio::test(flavor = "multi_thread")]
async fn the_session_comes_first_then_tokens_then_the_end() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    let mut line = Line::new(&mina).await;
    line.says("요즘 기분이 별로야.").await;
    let heard = line.hears_all().await;
    assert!(heard.tokens.len() > 1, "{heard:?}");
    assert_eq!(heard.end["done"], true);
    let kept = steps(&mina, &line.session).await;
    assert_eq!(kept[0]["gpt_response"], heard.text());
    assert_eq!(kept[0]["token_count"], heard.tokens.len());
    for field in ["step_id", "created_at", "emotion"] {
        assert_eq!(heard.end[field], kept[0][field], "{field}");
    }
    // The connection is there for the next one, and the session too.
    let input = json!({"user_input": "고마워", "step_type": "closing", "step_order": 5});
    line.socket.send(input).await;
    assert_eq!(line.hears_all().await.end["done"], true);
    let kept = steps(&mina, &line.session).await;
    assert_eq!(
        (&kept[1]["step_order"], &kept[1]["step_type"]),
        (&json!(5), &json!("closing"))
    );
    let session = opens(&mina).await;
    let mut known = Line::to(&mina, &session).await;
    assert_eq!(known.session, session);
    known.says("안녕하세요.").await;
    assert_eq!(known.hears_all().await.end["done"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_heard_as_the_model_says_them() {
    let (model, gate) = model().await;
    let server = server(&model).await;
    let mina = User::new(&server.client, "민아").await;
    let mut line = Line::new(&mina).await;
    line.says("요즘 기분이 별로야.").await;
    for token in TOKENS {
        gate.open(1);
        assert_eq!(line.hears(1).await, [token]);
    }
    gate.open(1);
    let heard = line.hears_all().await;
    assert_eq!(
        heard.end["emotion"],
        json!({"label": "sadness", "intensity": 0.75})
    );
    let kept = steps(&mina, &line.session).await;
    assert_eq!(kept[0]["gpt_response"], TOKENS.concat());
    assert_eq!(kept[0]["responder"], "language_model");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_takes_one_input_at_a_time_on_every_way() {
    let (model, gate) = model().await;
    let server = server(&model).await;
    let mina = User::new(&server.client, "민아").await;
    let mut line = Line::new(&mina).await;
    line.says("첫 번째").await;
    gate.open(1);
    line.hears(1).await;
    line.says("두 번째").await;
    assert_eq!(line.is_refused(409).await["code"], "step_open");
    let mut other = Line::to(&mina, &line.session).await;
    assert_eq!(other.greeting["open_step"]["step_id"], *line.step);
    other.says("세 번째").await;
    assert_eq!(other.is_refused(409).await["code"], "step_open");
    let refused = says(&mina, &line.session, "네 번째").await.expect(409);
    assert_eq!(refused["code"], "step_open");
    // Another session of hers is another talk.
    let mut elsewhere = Line::new(&mina).await;
    elsewhere.says("다른 이야기").await;
    gate.open(2 * TOKENS.len() + 1);
    assert_eq!(line.hears_all().await.end["done"], true);
    assert_eq!(elsewhere.hears_all().await.text(), TOKENS.concat());
    assert_eq!(steps(&mina, &line.session).await.len(), 1);
    line.says("이제 두 번째").await;
    gate.open(TOKENS.len() + 1);
    assert_eq!(line.hears_all().await.text(), TOKENS.concat());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_cancelled_keeps_what_had_come_and_is_asked_again() {
    let (model, gate) = model().await;
    let server = server(&model).await;
    let mina = User::new(&server.client, "민아").await;
    let mut line = Line::new(&mina).await;
    line.socket.send(json!({"cancel": true})).await;
    line.is_refused(409).await;
    line.says("그만 들을래").await;
    gate.open(2);
    line.hears(2).await;
    line.socket.send(json!({"cancel": true})).await;
    let cancelled = line.hears_all().await;
    assert_eq!(
        (&cancelled.end["done"], &cancelled.end["cancelled"]),
        (&json!(true), &json!(true))
    );
    model.left(1).await;
    let kept = &steps(&mina, &line.session).await[0];
    assert_eq!(kept["status"], "cancelled");
    assert_eq!(kept["gpt_response"], TOKENS[..2].concat());
    assert_eq!(cancelled.end["created_at"], kept["created_at"]);
    // The same step again, whole this time.
    gate.open(TOKENS.len() + 1);
    line.socket.send(json!({"step_id": line.step})).await;
    let heard = line.hears_all().await;
    assert_eq!(
        (heard.text(), &heard.end["done"]),
        (TOKENS.concat(), &json!(true))
    );
    let after = steps(&mina, &line.session).await;
    assert_eq!(after.len(), 1);
    assert_eq!(
        (&after[0]["step_id"], &after[0]["status"]),
        (&kept["step_id"], &json!("answered"))
    );
    assert_eq!(after[0]["gpt_response"], TOKENS.concat());
    line.socket.send(json!({"step_id": line.step})).await;
    assert_eq!(line.is_refused(409).await["code"], "step_answered");
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_answered_and_the_connection_stays() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    let mut line = Line::new(&mina).await;
    for (text, status) in [
        ("", 400),
        ("{", 400),
        ("[]", 400),
        ("7", 400),
        (r#"{"user_input": 7}"#, 400),
        ("{}", 422),
        (r#"{"user_input": " "}"#, 422),
        (r#"{"user_input": "a\u0000"}"#, 422),
        (r#"{"user_input": "a", "step_type": "두 번째"}"#, 422),
        (r#"{"user_input": "a", "step_order": 0}"#, 422),
        (
            r#"{"step_id": "0192f0c1-7a00-7000-8000-000000000000"}"#,
            404,
        ),
    ] {
        line.socket.send_text(text).await;
        line.is_refused(status).await;
    }
    let prompt = json!({"user_input": "a", "system_prompt": "가".repeat(4_001)});
    line.socket.send(prompt).await;
    let refused = line.is_refused(422).await;
    assert_eq!(
        refused["detail"][0]["loc"],
        json!(["body", "system_prompt"])
    );
    line.socket
        .send_raw(Message::Binary(vec![1, 2].into()))
        .await;
    line.is_refused(400).await;
    line.says("아직 있어요").await;
    assert_eq!(line.hears_all().await.end["done"], true);
    assert_eq!(steps(&mina, &line.session).await.len(), 1);
    // A megabyte is no frame.
    line.says(&"a".repeat(1_000_000)).await;
    assert_eq!(line.socket.closed().await, 1009);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_session_is_read_and_takes_nothing() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    let mut line = Line::new(&mina).await;
    let end = format!("/emotion/sessions/{}/end", line.session);
    mina.post(&end, json!({})).await.expect(200);
    line.says("아직 있어요").await;
    assert_eq!(line.is_refused(409).await["code"], "emotion_session_ended");
    let mut again = Line::to(&mina, &line.session).await;
    again.says("아직 있어요").await;
    again.is_refused(409).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_log_in_any_more_is_sent_away_and_the_answer_is_kept() {
    let (model, gate) = model().await;
    let server = server(&model).await;
    let mina = User::new(&server.client, "민아").await;
    let mut line = Line::new(&mina).await;
    line.says("갑자기 나가게 돼도").await;
    gate.open(1);
    line.hears(1).await;
    let admin = admin_token(&server.client).await;
    let user = format!("/admin/users/{}", mina.uuid);
    let client = &server.client;
    client
        .patch(&user, Some(&admin), json!({"active": false}))
        .await
        .expect(200);
    assert_eq!(line.socket.closed().await, 4401);
    gate.open(TOKENS.len());
    client
        .patch(&user, Some(&admin), json!({"active": true}))
        .await
        .expect(200);
    let body = json!({"email": mina.email, "password": "eight-or-more"});
    let session = client.post("/login", None, body).await.expect(200);
    let mina = User {
        token: session["access_token"].as_str().unwrap().to_owned(),
        ..mina
    };
    let mut back = Line::back(&mina, &line.session, &line.step, 0).await;
    assert_eq!(back.hears_all().await.text(), TOKENS.concat());
}

#[tokio::test(flavor = "multi_thread")]
async fn where_help_is_comes_first_even_while_the_model_is_silent() {
    let (model, gate) = model().await;
    let server = server(&model).await;
    let mina = User::new(&server.client, "민아").await;
    let mut line = Line::new(&mina).await;
    line.says("죽고 싶어요.").await;
    let mut notice = String::new();
    while !notice.contains("109") || !notice.contains("1577-0199") {
        notice.push_str(&line.hears(1).await.concat());
    }
    gate.open(TOKENS.len() + 1);
    let heard = line.hears_all().await;
    let kept = &steps(&mina, &line.session).await[0];
    assert_eq!(kept["risk"], "high");
    assert_eq!(kept["gpt_response"], notice + &heard.text());
    assert!(heard.text().ends_with(&TOKENS.concat()));
    // What was said before is told to the model without them.
    line.says("조금 나아졌어요.").await;
    gate.open(TOKENS.len() + 1);
    line.hears_all().await;
    let asked = model.streams().await;
    let turns = asked[1].text();
    assert!(
        turns.contains(&TOKENS.concat()) && turns.contains("죽고 싶어요."),
        "{turns}"
    );
    let said = |role: &str| {
        let messages = asked[1].body["messages"].as_array().unwrap();
        let mut own = messages.iter().filter(|message| message["role"] == role);
        own.any(|message| message["content"].to_string().contains("1577-0199"))
    };
    assert!(!said("assistant") && !said("user"), "{turns}");
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_is_told_of_who_is_online_while_they_talk() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    let jun = User::new(&server.client, "준").await;
    let room = mina.meets(&jun).await;
    let online = async || -> Value {
        let path = format!("/chat/rooms/{room}/online-status");
        let answer = jun.get(&path).await.expect(200);
        let all = answer.as_array().unwrap();
        let mina = all.iter().find(|row| row["user_id"] == mina.id).unwrap();
        mina["is_online"].clone()
    };
    assert_eq!(online().await, false);
    let line = Line::new(&mina).await;
    tests::eventually("she is online", async || {
        (online().await == true).then_some(())
    })
    .await;
    line.socket.close().await;
    tests::eventually("she is gone", async || {
        (online().await == false).then_some(())
    })
    .await;
}
