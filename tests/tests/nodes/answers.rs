//! An answer is given by one server and heard at another, and whichever dies, it is known what came.

use serde_json::{Value, json};
use test_support::{Database, Place};
use tests::model_double::{Gate, ModelDouble, gated, label};
use tests::{Client, Process, Socket, User, eventually};

const TOKENS: [&str; 4] = ["그러", "셨군", "요. ", "🙂"];

async fn model(gate: &Gate) -> ModelDouble {
    let gate = gate.clone();
    ModelDouble::start(move |asked| {
        if asked.is_streamed() {
            gated(&TOKENS, &gate)
        } else {
            label("sadness", 0.5)
        }
    })
    .await
}

/// The same person at another server.
fn at(user: &User, client: &Client) -> User {
    User {
        client: client.clone(),
        ..user.clone()
    }
}

async fn connects(user: &User, query: &str) -> (Socket, Value) {
    let path = format!("/ws/emotion?token={}{query}", user.token);
    let mut socket = user.client.socket(&path).await;
    let greeting = socket.next().await.expect("let in");
    (socket, greeting)
}

async fn heard(socket: &mut Socket) -> (String, Value) {
    let mut text = String::new();
    loop {
        let frame = socket.next().await.expect("the connection stays");
        match frame["token"].as_str() {
            Some(token) => text.push_str(token),
            None => return (text, frame),
        }
    }
}

async fn first_step(user: &User, session: &str) -> Option<Value> {
    let list = user.get(&format!("/emotion/steps/{session}")).await;
    let steps = list.expect(200);
    steps.get(0).cloned()
}

/// A step that one server answers: its session, and the step.
async fn asks(user: &User, gate: &Gate) -> (Socket, String, String) {
    let (mut socket, greeting) = connects(user, "").await;
    let session = greeting["session_id"].as_str().unwrap().to_owned();
    socket.send(json!({"user_input": "들리나요?"})).await;
    gate.open(2);
    let mut step = String::new();
    for token in &TOKENS[..2] {
        let frame = socket.next().await.expect("a token");
        assert_eq!(frame["token"], *token);
        frame["step_id"].as_str().unwrap().clone_into(&mut step);
    }
    (socket, session, step)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_heard_at_another_server_once_it_is_whole() {
    let gate = Gate::default();
    let model = model(&gate).await;
    let place = Place::on(Database::new().await.server()).await;
    let more = format!("llm.base_url = \"{}\"", model.url());
    let one = Process::start(&place, &more).await;
    let other = Process::start(&place, &more).await;
    let mina = User::new(&one.client, "민아").await;
    let (mut socket, session, step) = asks(&mina, &gate).await;
    let there = at(&mina, &other.client);
    let query = format!("&session_id={session}&step_id={step}&token_index=1");
    let (mut back, _) = connects(&there, &query).await;
    // One input at a time, wherever it is said.
    let (mut third, _) = connects(&there, &format!("&session_id={session}")).await;
    third.send(json!({"user_input": "저도요"})).await;
    assert_eq!(third.expect("error").await["code"], "step_open");
    gate.open(TOKENS.len() - 1);
    let (rest, end) = heard(&mut socket).await;
    assert_eq!(rest, TOKENS[2..].concat());
    assert_eq!(heard(&mut back).await, (TOKENS[1..].concat(), end));
    assert_eq!(one.terminate().await, Some(0));
    assert_eq!(other.terminate().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_lives_says_of_one_that_died_what_had_come() {
    let gate = Gate::default();
    let model = model(&gate).await;
    let place = Place::on(Database::new().await.server()).await;
    let more = format!("llm.base_url = \"{}\"", model.url());
    let one = Process::start(&place, &more).await;
    let other = Process::start(&place, &more).await;
    let mina = User::new(&one.client, "민아").await;
    let (_socket, session, step) = asks(&mina, &gate).await;
    let there = at(&mina, &other.client);
    let query = format!("&session_id={session}&step_id={step}&token_index=0");
    let (mut back, _) = connects(&there, &query).await;
    let admin = tests::admin_token(&other.client).await;
    eventually("it is noted", async || {
        let path = "/api/v1/audit/events?type=emotion.step_arrived";
        let page = other.client.get(path, Some(&admin)).await.expect(200);
        (!page["events"].as_array().unwrap().is_empty()).then_some(())
    })
    .await;
    one.kill().await;
    // Its lease runs out first.
    let (text, end) = heard(&mut back).await;
    assert_eq!(text, TOKENS[..2].concat());
    assert_eq!(
        (&end["error"], &end["retryable"]),
        (&json!("interrupted"), &json!(true))
    );
    let kept = first_step(&there, &session).await.unwrap();
    assert_eq!(
        (&kept["status"], &kept["gpt_response"]),
        (&json!("failed"), &json!(text))
    );
    gate.open(2 * (TOKENS.len() + 1));
    back.send(json!({"step_id": step})).await;
    let (text, end) = heard(&mut back).await;
    assert_eq!((text, &end["done"]), (TOKENS.concat(), &json!(true)));
    assert_eq!(other.terminate().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_cancelled_at_another_server_and_what_had_come_is_kept() {
    let gate = Gate::default();
    let model = model(&gate).await;
    let place = Place::on(Database::new().await.server()).await;
    let more = format!("llm.base_url = \"{}\"", model.url());
    let one = Process::start(&place, &more).await;
    let other = Process::start(&place, &more).await;
    let mina = User::new(&one.client, "민아").await;
    let (mut socket, session, step) = asks(&mina, &gate).await;
    let there = at(&mina, &other.client);
    let query = format!("&session_id={session}");
    let reads_along = format!("{query}&step_id={step}&token_index=0");
    let (mut back, _) = connects(&there, &reads_along).await;
    let (mut third, _) = connects(&there, &query).await;
    third.send(json!({"cancel": true})).await;
    // The model is left alone, and everybody hears of it.
    model.left(1).await;
    let came = TOKENS[..2].concat();
    let (rest, end) = heard(&mut socket).await;
    assert_eq!((&*rest, &end["cancelled"]), ("", &json!(true)));
    assert_eq!(heard(&mut back).await, (came.clone(), end.clone()));
    assert_eq!(heard(&mut third).await, (String::new(), end));
    let kept = first_step(&there, &session).await.unwrap();
    assert_eq!(
        (&kept["status"], &kept["gpt_response"]),
        (&json!("cancelled"), &json!(came))
    );
    // There is nothing left to cancel, wherever that is said; and it can be asked again.
    for socket in [&mut socket, &mut third] {
        socket.send(json!({"cancel": true})).await;
        assert_eq!(socket.expect("error").await["code"], "step_not_open");
    }
    gate.open(2 * (TOKENS.len() + 1));
    third.send(json!({"step_id": step})).await;
    let (text, end) = heard(&mut third).await;
    assert_eq!((text, &end["done"]), (TOKENS.concat(), &json!(true)));
    assert_eq!(end["cancelled"], Value::Null);
    assert_eq!(one.terminate().await, Some(0));
    assert_eq!(other.terminate().await, Some(0));
}
