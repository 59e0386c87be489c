//! Coming back by a position: all answers that ended meanwhile, in order, and then what is said live.

use serde_json::{Value, json};
use tests::User;

use super::line::{Line, TOKENS, model, server};
use super::{opens, says, steps};

impl Line {
    /// Comes back with what came after a position.
    async fn after(user: &User, session: &str, after: impl ToString, more: &str) -> Self {
        let after = after.to_string();
        let path = format!(
            "/ws/emotion?session_id={session}&token={}&after={after}{more}",
            user.token
        );
        Self::on(user.client.socket(&path).await).await
    }
}

fn position(frame: &Value) -> u64 {
    frame["position"].as_u64().expect("it has a position")
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_back_by_a_position_hears_all_that_was_missed_once_and_in_order() {
    let server = tests::TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    let mut line = Line::new(&mina).await;
    let session = line.session.clone();
    let opened = position(&line.greeting);
    line.says("첫 번째 이야기").await;
    let first = line.hears_all().await;
    let heard = position(&first.end);
    line.socket.close().await;
    for words in ["두 번째 이야기", "세 번째 이야기"] {
        says(&mina, &session, words).await.expect(201);
    }
    let other = opens(&mina).await;
    says(&mina, &other, "다른 이야기").await.expect(201);
    let kept = steps(&mina, &session).await;
    for (after, missed) in [(opened, &kept[..]), (heard, &kept[1..])] {
        let mut line = Line::after(&mina, &session, after, "").await;
        assert_eq!(position(&line.greeting), after);
        let mut told = after;
        for step in missed {
            let heard = line.hears_all().await;
            assert_eq!(heard.text(), step["gpt_response"].as_str().unwrap());
            assert_eq!(heard.end["step_id"], step["step_id"]);
            assert!(position(&heard.end) > told, "{}", heard.end);
            told = position(&heard.end);
        }
        // Nothing comes twice, and it goes on live.
        let mut none = Line::after(&mina, &session, told, "").await;
        for line in [&mut line, &mut none] {
            let closes = line.socket.send(json!({"cancel": true}));
            closes.await;
            assert_eq!(line.is_refused(409).await["code"], "step_not_open");
        }
    }
    // Of one of them the beginning was heard.
    let step = kept[1]["step_id"].as_str().unwrap();
    let more = format!("&step_id={step}&token_index=2");
    let mut line = Line::after(&mina, &session, heard, &more).await;
    let rest = line.hears_all().await;
    let whole = kept[1]["gpt_response"].as_str().unwrap();
    assert!(whole.ends_with(&rest.text()) && whole.len() > rest.text().len());
    assert_eq!(
        line.hears_all().await.text(),
        kept[2]["gpt_response"].as_str().unwrap()
    );
    line.says("네 번째 이야기").await;
    assert_eq!(line.hears_all().await.end["done"], true);
    for (after, code) in [("x", 4400), ("-1", 4400), ("99999999", 4410)] {
        let path = format!(
            "/ws/emotion?session_id={session}&token={}&after={after}",
            mina.token
        );
        let mut socket = mina.client.socket(&path).await;
        assert_eq!(socket.closed().await, code, "{after}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_being_answered_is_heard_behind_what_was_missed() {
    let (model, gate) = model().await;
    let server = server(&model).await;
    let mina = User::new(&server.client, "민아").await;
    let mut line = Line::new(&mina).await;
    let opened = position(&line.greeting);
    gate.open(TOKENS.len() + 1);
    line.says("하나").await;
    line.hears_all().await;
    line.says("둘").await;
    gate.open(2);
    line.hears(2).await;
    let mut back = Line::after(&mina, &line.session, opened, "").await;
    assert_eq!(back.greeting["open_step"]["token_count"], 2);
    let missed = back.hears_all().await;
    assert_eq!(
        (missed.text(), &missed.end["done"]),
        (TOKENS.concat(), &json!(true))
    );
    assert_eq!(back.hears(2).await, TOKENS[..2]);
    // Both end it, and hear that it has ended.
    back.socket.send(json!({"cancel": true})).await;
    let (there, here) = (back.hears_all().await, line.hears_all().await);
    assert_eq!(
        (there.text(), &there.end["cancelled"]),
        (String::new(), &json!(true))
    );
    assert_eq!(there.end, here.end);
}
