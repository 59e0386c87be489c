//! An answer belongs to nobody's connection: whoever loses theirs finds all of it, and goes on from
//! any token.

use std::time::Duration;

use serde_json::json;
use tests::model_double::{ModelDouble, Part, Reply};
use tests::{Socket, User, eventually};
use tokio::time::{Instant, timeout};

use super::line::{Line, TOKENS, model, says, server};
use super::{opens, steps};

/// How long a slow reader may stay: it may take nothing for ten seconds, and the close frame is
/// tried for ten more.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn the_connection_is_cut_at_every_token_and_the_whole_is_heard() {
    let (model, gate) = model().await;
    let server = server(&model).await;
    let mina = User::new(&server.client, "민아").await;
    for cut in 0..=TOKENS.len() {
        let mut line = Line::new(&mina).await;
        line.says(&format!("{cut}번째에서 끊겨요")).await;
        gate.open(cut);
        let mut heard = line.hears(cut).await;
        let session = line.session.clone();
        let step = open_step(&mina, &session).await;
        drop(line);
        // While it is given, and again once it is stored.
        let mut back = Line::back(&mina, &session, &step, cut).await;
        assert_eq!(
            back.greeting["open_step"],
            json!({"step_id": step, "token_count": cut})
        );
        gate.open(TOKENS.len() + 1 - cut);
        let rest = back.hears_all().await;
        heard.extend(rest.tokens.iter().cloned());
        let kept = &steps(&mina, &session).await[0];
        assert_eq!(heard.concat(), TOKENS.concat(), "cut at {cut}");
        assert_eq!(kept["gpt_response"], heard.concat(), "cut at {cut}");
        assert_eq!(kept["status"], "answered");
        for from in 0..=TOKENS.len() + 1 {
            let mut stored = Line::back(&mina, &session, &step, from).await;
            let again = stored.hears_all().await;
            let expected = TOKENS.get(from..).unwrap_or_default();
            assert_eq!(again.tokens, expected);
            assert_eq!(again.end, rest.end);
        }
    }
}

/// The step that is being answered in a session.
async fn open_step(user: &User, session: &str) -> String {
    eventually("a step is open", async || {
        let steps = steps(user, session).await;
        let open = steps.iter().find(|step| step["status"] == "open");
        open.map(|step| step["step_id"].as_str().unwrap().to_owned())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_leaves_finds_the_whole_answer_in_the_history() {
    let (model, gate) = model().await;
    let server = server(&model).await;
    let mina = User::new(&server.client, "민아").await;
    let mut line = Line::new(&mina).await;
    line.says("나중에 볼게요").await;
    gate.open(1);
    line.hears(1).await;
    let session = line.session.clone();
    line.socket.close().await;
    gate.open(TOKENS.len());
    let kept = eventually("it is answered", async || {
        let steps = steps(&mina, &session).await;
        (steps[0]["status"] == "answered").then(|| steps[0].clone())
    })
    .await;
    assert_eq!(kept["gpt_response"], TOKENS.concat());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_over_http_and_leaves_finds_it_as_well() {
    let (model, gate) = model().await;
    let server = server(&model).await;
    let mina = User::new(&server.client, "민아").await;
    let session = opens(&mina).await;
    let body = json!({"session_id": session, "user_input": "기다리지 않을게요"});
    let request = mina
        .client
        .request("POST", "/emotion/steps/generate")
        .bearer_auth(&mina.token)
        .body(body.to_string());
    let asking = tokio::spawn(request.send());
    let step = open_step(&mina, &session).await;
    asking.abort();
    gate.open(TOKENS.len() + 1);
    let mut back = Line::back(&mina, &session, &step, 0).await;
    let heard = back.hears_all().await;
    assert_eq!(
        (heard.text(), &heard.end["done"]),
        (TOKENS.concat(), &json!(true))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_read_is_cut_off_and_misses_nothing() {
    const COUNT: usize = 40_000;
    let model = ModelDouble::start(|asked| {
        let mut parts = vec![Part::Token("a".to_owned()); COUNT];
        parts.extend([Part::Reason("stop"), Part::Done]);
        says(asked, Reply::Stream(parts))
    })
    .await;
    let more = format!(
        "{}\nllm.answer_tokens = 32000\nllm.context_tokens = 1000000",
        super::line::settings(&model)
    );
    let server = tests::TestApp::with(&more).await;
    let mina = User::new(&server.client, "민아").await;
    let address = mina.client.address;
    let url = format!("ws://{address}/ws/emotion?token={}", mina.token);
    let mut line = Line::on(Socket::narrow(&url).await).await;
    line.says("길게 말해 주세요").await;
    let kept = eventually("it is answered without its reader", async || {
        let steps = steps(&mina, &line.session).await;
        let answered = steps.first().filter(|step| step["status"] == "answered");
        answered.cloned()
    })
    .await;
    let lost = Instant::now();
    let metrics = async || {
        let metrics = server.client.get("/metrics", None).await.body;
        let metrics = metrics.as_str().unwrap().to_owned();
        metrics.contains("maeum_connections_too_slow_total 1")
    };
    timeout(PATIENCE, async {
        while !metrics().await {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("it is given up");
    assert!(lost.elapsed() < PATIENCE);
    let mut heard = Vec::new();
    let code = loop {
        match line.socket.next().await {
            Ok(frame) => {
                assert_eq!(frame["index"], heard.len(), "none is left out: {frame}");
                heard.push(frame["token"].as_str().unwrap().to_owned());
            }
            Err(code) => break code,
        }
    };
    assert!([4408, 1006].contains(&code), "{code}");
    let step = kept["step_id"].as_str().unwrap();
    let mut back = Line::back(&mina, &line.session, step, heard.len()).await;
    heard.extend(back.hears_all().await.tokens);
    assert_eq!(heard.concat(), kept["gpt_response"].as_str().unwrap());
}
