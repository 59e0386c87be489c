//! A server that dies or stops in the middle of an answer: the step has failed, with what had come.

use serde_json::{Value, json};
use tests::model_double::ModelDouble;
use tests::{Place, Process, User, eventually};

use super::line::{Line, TOKENS, model, settings};
use super::steps;

async fn settled(user: &User, session: &str) -> Value {
    eventually("the step is not open any more", async || {
        let steps = steps(user, session).await;
        (steps[0]["status"] != "open").then(|| steps[0].clone())
    })
    .await
}

/// The same user at a server that was started anew.
fn at(server: &Process, user: &User) -> User {
    User {
        client: server.client.clone(),
        ..user.clone()
    }
}

async fn is_answered_after_all(user: &User, line: &Line, gate: &tests::model_double::Gate) {
    gate.open(2 * (TOKENS.len() + 1));
    let again = json!({"session_id": line.session, "step_id": line.step});
    let answered = user
        .post("/emotion/steps/generate", again)
        .await
        .expect(201);
    assert_eq!(answered["gpt_response"], TOKENS.concat());
    assert_eq!(answered["status"], "answered");
}

async fn started(place: &Place, model: &ModelDouble) -> (Process, User) {
    let server = Process::start(place, &settings(model)).await;
    let mina = User::new(&server.client, "민아").await;
    (server, mina)
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_a_step_has_failed_with_what_was_noted() {
    let (model, gate) = model().await;
    let place = Place::new().await;
    let (server, mina) = started(&place, &model).await;
    let mut line = Line::new(&mina).await;
    line.says("갑자기 꺼져도").await;
    gate.open(2);
    line.hears(2).await;
    // What came is noted once a second.
    let admin = tests::admin_token(&server.client).await;
    eventually("it is noted", async || {
        let path = "/api/v1/audit/events?type=emotion.step_arrived";
        let page = server.client.get(path, Some(&admin)).await.expect(200);
        (!page["events"].as_array().unwrap().is_empty()).then_some(())
    })
    .await;
    gate.open(1);
    line.hears(1).await;
    server.kill().await;
    let server = Process::start(&place, &settings(&model)).await;
    let mina = at(&server, &mina);
    let kept = settled(&mina, &line.session).await;
    assert_eq!(
        (&kept["status"], &kept["error"]),
        (&json!("failed"), &json!("interrupted"))
    );
    assert_eq!(kept["retryable"], true);
    assert_eq!(kept["user_input"], "갑자기 꺼져도");
    // The third token came within the last second, or was noted in time.
    let kept = kept["gpt_response"].as_str().unwrap();
    assert!(
        [TOKENS[..2].concat(), TOKENS[..3].concat()].contains(&kept.to_owned()),
        "{kept}"
    );
    is_answered_after_all(&mina, &line, &gate).await;
    server.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_says_so_and_keeps_all_that_had_come() {
    let (model, gate) = model().await;
    let place = Place::new().await;
    let (server, mina) = started(&place, &model).await;
    let mut line = Line::new(&mina).await;
    line.says("끝까지 들을래요").await;
    gate.open(3);
    line.hears(3).await;
    assert_eq!(server.terminate().await, Some(0));
    let server = Process::start(&place, &settings(&model)).await;
    let mina = at(&server, &mina);
    let kept = settled(&mina, &line.session).await;
    assert_eq!(
        (&kept["status"], &kept["error"]),
        (&json!("failed"), &json!("going_down"))
    );
    assert_eq!(kept["gpt_response"], TOKENS[..3].concat());
    is_answered_after_all(&mina, &line, &gate).await;
    server.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_ends_soon_is_waited_for_at_a_stop() {
    let (model, gate) = model().await;
    let place = Place::new().await;
    let (server, mina) = started(&place, &model).await;
    let mut line = Line::new(&mina).await;
    line.says("금방 끝나요").await;
    gate.open(1);
    line.hears(1).await;
    let stopping = tokio::spawn(server.terminate());
    gate.open(TOKENS.len());
    let heard = line.hears_all().await;
    assert_eq!(heard.end["done"], true);
    assert_eq!(line.socket.closed().await, 1001);
    assert_eq!(stopping.await.unwrap(), Some(0));
}
