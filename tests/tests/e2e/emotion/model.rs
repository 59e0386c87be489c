//! A session with a language model: what it is told, how it fails, and what it may cost.

use serde_json::{Value, json};
use tests::model_double::{Asked, Gate, ModelDouble, Part, Reply, gated, stream};
use tests::{TestApp, User};

use super::line::{Line, TOKENS, says as to, server, settings};
use super::{opens, says, steps};

#[tokio::test(flavor = "multi_thread")]
async fn the_model_is_told_this_session_and_no_other() {
    let model = ModelDouble::start(|asked| to(asked, stream(&TOKENS))).await;
    let server = server(&model).await;
    let mina = User::new(&server.client, "민아").await;
    let jun = User::new(&server.client, "준").await;
    let (first, second, other) = (opens(&mina).await, opens(&mina).await, opens(&jun).await);
    let prompt = json!({"system_prompt": "민아의 말투"});
    mina.put("/emotion/prompt", prompt).await.expect(200);
    says(&jun, &other, "준의 비밀").await.expect(201);
    says(&mina, &second, "다른 날 이야기").await.expect(201);
    says(&mina, &first, "처음 한 말").await.expect(201);
    let body = json!({
        "session_id": first, "user_input": "이어서 한 말", "system_prompt": "이번만의 말투",
    });
    mina.post("/emotion/steps/generate", body).await.expect(201);
    let asked = model.streams().await;
    let told: Vec<String> = asked.iter().map(Asked::text).collect();
    assert!(told[2].contains("민아의 말투") && told[2].contains("처음 한 말"));
    assert!(told[3].contains("처음 한 말") && told[3].contains(&TOKENS.concat()));
    assert!(told[3].contains("이번만의 말투") && !told[3].contains("민아의 말투"));
    assert!(!told[0].contains("민아의 말투"));
    for (index, told) in told.iter().enumerate() {
        assert_eq!(told.contains("준의 비밀"), index == 0);
        assert_eq!(told.contains("다른 날 이야기"), index == 1);
    }
    // Requests for labels are no other's business either.
    for asked in model
        .asked()
        .await
        .iter()
        .filter(|asked| !asked.is_streamed())
    {
        let text = asked.text();
        let whose = ["준의 비밀", "다른 날 이야기", "처음 한 말", "이어서 한 말"];
        let told = whose.iter().filter(|said| text.contains(**said)).count();
        assert!(told <= 1, "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_to_the_model_has_the_words_of_one_person_and_of_one_session() {
    const PEOPLE: usize = 6;
    const INPUTS: usize = 4;
    let model = ModelDouble::start(|asked| to(asked, stream(&TOKENS))).await;
    let server = server(&model).await;
    // Each says a word of their own in all that they write, and each session has another one.
    let talking = (0..PEOPLE).map(async |person| {
        let name = format!("이름{person}이");
        let user = User::new(&server.client, &name).await;
        let prompt = json!({"system_prompt": format!("사람{person}이 부탁한 말투")});
        user.put("/emotion/prompt", prompt).await.expect(200);
        let topic = json!({"topic": format!("주제 사람{person}이 세션{person}a")});
        let first = user.post("/emotion/sessions", topic).await.expect(201);
        let first = first["session_id"].as_str().unwrap().to_owned();
        let second = opens(&user).await;
        for input in 0..INPUTS {
            for (session, letter) in [(&first, 'a'), (&second, 'b')] {
                let words = format!("사람{person}이 세션{person}{letter} {input}번째");
                says(&user, session, &words).await.expect(201);
            }
        }
    });
    futures_util::future::join_all(talking).await;
    let asked = model.asked().await;
    // An answer and a label for each input.
    assert_eq!(asked.len(), 2 * PEOPLE * 2 * INPUTS);
    for asked in asked {
        let body = asked.body.to_string();
        let people = (0..PEOPLE).filter(|person| body.contains(&format!("사람{person}이")));
        assert_eq!(people.count(), 1, "{body}");
        let sessions = (0..PEOPLE).flat_map(|person| ['a', 'b'].map(|letter| (person, letter)));
        let sessions =
            sessions.filter(|(person, letter)| body.contains(&format!("세션{person}{letter}")));
        assert_eq!(sessions.count(), 1, "{body}");
        // Nor who asks.
        for word in ["이름", "주제", "@example.com", "session_id", "user_id"] {
            assert!(!body.contains(word), "{word} in {body}");
        }
        for name in asked
            .headers
            .lines()
            .filter_map(|line| line.split(':').next())
        {
            assert!(!name.starts_with("x-") && name != "cookie", "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_breaks_off_leaves_what_came_and_can_be_asked_again() {
    let model = ModelDouble::start(|asked| {
        let broken = Reply::Stream(vec![
            Part::Token(TOKENS[0].to_owned()),
            Part::Token(TOKENS[1].to_owned()),
        ]);
        let whole = stream(&TOKENS);
        to(asked, if asked.before % 2 == 0 { broken } else { whole })
    })
    .await;
    let server = server(&model).await;
    let mina = User::new(&server.client, "민아").await;
    let mut line = Line::new(&mina).await;
    line.says("끊기지 마세요").await;
    let broken = line.hears_all().await;
    assert_eq!(
        (&broken.end["type"], &broken.end["retryable"]),
        (&json!("error"), &json!(true))
    );
    assert_eq!(broken.end["step_id"].as_str(), Some(&*line.step));
    assert!(broken.end["error"].is_string() && broken.end["detail"].is_string());
    let kept = &steps(&mina, &line.session).await[0];
    assert_eq!(
        (&kept["status"], &kept["retryable"]),
        (&json!("failed"), &json!(true))
    );
    assert_eq!(kept["user_input"], "끊기지 마세요");
    assert_eq!(kept["gpt_response"], broken.text());
    assert_eq!(kept["error"], broken.end["error"]);
    line.socket.send(json!({"step_id": line.step})).await;
    let whole = line.hears_all().await;
    assert_eq!(
        (whole.text(), &whole.end["done"]),
        (TOKENS.concat(), &json!(true))
    );
    // The same over HTTP.
    let failed = says(&mina, &line.session, "한 번 더").await;
    assert_eq!(failed.headers["retry-after"], "5");
    let failed = failed.expect(503);
    let kept = &steps(&mina, &line.session).await[1];
    assert_eq!(failed["code"], kept["error"]);
    let again = json!({"session_id": line.session, "step_id": kept["step_id"]});
    let answered = mina
        .post("/emotion/steps/generate", again)
        .await
        .expect(201);
    assert_eq!(answered["step_id"], kept["step_id"]);
    assert_eq!(answered["gpt_response"], TOKENS.concat());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_is_asked_again_by_the_same_request() {
    let model = ModelDouble::start(|asked| {
        let broken = Reply::Stream(vec![Part::Token("그".to_owned())]);
        to(
            asked,
            if asked.before == 0 {
                broken
            } else {
                stream(&TOKENS)
            },
        )
    })
    .await;
    let server = server(&model).await;
    let mina = User::new(&server.client, "민아").await;
    let session = opens(&mina).await;
    let key = uuid::Uuid::from_u128(rand::random()).to_string();
    let ask = async || {
        let body = json!({"session_id": session, "user_input": "꼭 답해 주세요"});
        let request = mina.client.request("POST", "/emotion/steps/generate");
        let request = request
            .bearer_auth(&mina.token)
            .header("idempotency-key", &key);
        mina.client.send(request.body(body.to_string())).await
    };
    ask().await.expect(503);
    let answered = ask().await.expect(201);
    assert_eq!(answered["gpt_response"], TOKENS.concat());
    assert_eq!(ask().await.expect(201), answered);
    assert_eq!(steps(&mina, &session).await, [answered]);
    assert_eq!(model.streams().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_refuses_is_not_asked_again_and_again() {
    let model = ModelDouble::start(|_| Reply::Whole(401, "", "{}".to_owned())).await;
    let server = server(&model).await;
    let mina = User::new(&server.client, "민아").await;
    let mut line = Line::new(&mina).await;
    line.says("들리나요").await;
    let refused = line.hears_all().await;
    assert_eq!(
        (&refused.end["error"], &refused.end["retryable"]),
        (&json!("model_refused"), &json!(false))
    );
    let refused = says(&mina, &line.session, "들리나요").await.expect(500);
    assert_eq!(refused["code"], "model_refused");
    let kept = steps(&mina, &line.session).await;
    assert_eq!((kept.len(), &kept[0]["status"]), (2, &json!("failed")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_days_tokens_are_bounded_for_each_user() {
    let model = ModelDouble::start(|asked| to(asked, stream(&TOKENS))).await;
    let more = format!("{}\nllm.daily_tokens = 30", settings(&model));
    let server = TestApp::with(&more).await;
    let mina = User::new(&server.client, "민아").await;
    let jun = User::new(&server.client, "준").await;
    let session = opens(&mina).await;
    // 25 or more tokens each.
    let mut answered = 0;
    let refused = loop {
        let answer = says(&mina, &session, "또 이야기해요").await;
        if answer.status != 201 {
            break answer;
        }
        answered += 1;
    };
    assert!((1..=2).contains(&answered), "{answered}");
    let wait: u64 = refused.headers["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=86_400).contains(&wait), "{wait}");
    assert_eq!(refused.expect(429)["code"], "too_many_tokens");
    let mut line = Line::to(&mina, &session).await;
    line.says("또 이야기해요").await;
    assert_eq!(line.is_refused(429).await["code"], "too_many_tokens");
    let other = opens(&jun).await;
    says(&jun, &other, "저도 이야기해요").await.expect(201);
    server.clock.forward(std::time::Duration::from_secs(wait));
    let body = json!({"email": mina.email, "password": "eight-or-more"});
    let login = mina.client.post("/login", None, body).await.expect(200);
    let mina = User {
        token: login["access_token"].as_str().unwrap().to_owned(),
        ..mina
    };
    says(&mina, &session, "새 날이에요").await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_store_holds_is_left_out_and_long_tokens_go_out_in_parts() {
    let long = "가나다라마바사".repeat(200);
    let said = format!("a\u{0}b{long}");
    let model = ModelDouble::start({
        let said = said.clone();
        move |asked| {
            let parts = vec![Part::Token(said.clone()), Part::Reason("stop"), Part::Done];
            to(asked, Reply::Stream(parts))
        }
    })
    .await;
    let server = server(&model).await;
    let mina = User::new(&server.client, "민아").await;
    let mut line = Line::new(&mina).await;
    line.says("길게").await;
    let heard = line.hears_all().await;
    assert!(heard.tokens.len() > 10, "{}", heard.tokens.len());
    assert!(
        heard.text() == format!("ab{long}"),
        "{:?}",
        &heard.tokens[0]
    );
    let kept = &steps(&mina, &line.session).await[0];
    assert_eq!(kept["gpt_response"], heard.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_erased_while_they_are_answered_leaves_no_word() {
    let gate = Gate::default();
    let held = gate.clone();
    let model = ModelDouble::start(move |asked| to(asked, gated(&TOKENS, &held))).await;
    let server = server(&model).await;
    let mina = User::new(&server.client, "민아").await;
    let mut line = Line::new(&mina).await;
    line.says("지워 주세요").await;
    gate.open(2);
    line.hears(2).await;
    let receipt = mina.delete("/api/v1/users/me").await.expect(200);
    assert_eq!(receipt["status"], "completed");
    assert_eq!(line.socket.closed().await, 4401);
    gate.open(TOKENS.len());
    let app = server.app();
    let step = domain::StepId(line.step.parse().unwrap());
    let row = tests::eventually("the step has ended", async || {
        let row = projections::emotions::by_step_id(&*app.reader, step)
            .await
            .unwrap();
        row.filter(|row| row.settled.is_some())
    })
    .await;
    let settled = row.settled.clone().unwrap();
    assert_eq!(
        (settled.reason.as_deref(), settled.answer),
        (Some("erased"), None)
    );
    let input: Option<Value> = row.input.open(&*app.keys).unwrap();
    assert_eq!(input, None);
}

/// How much later than the model says it the first token may be heard here, at worst.
const FIRST_TOKEN: std::time::Duration = std::time::Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_sessions_are_answered_at_once() {
    const SESSIONS: usize = 200;
    let gate = Gate::default();
    let held = gate.clone();
    let model = ModelDouble::start(move |asked| to(asked, gated(&TOKENS, &held))).await;
    let more = format!("{}\nllm.max_concurrent = {SESSIONS}", settings(&model));
    let server = TestApp::with(&more).await;
    let mina = User::new(&server.client, "민아").await;
    let mut lines = Vec::new();
    for number in 0..SESSIONS {
        let mut line = Line::new(&mina).await;
        line.says(&format!("{number}번째 이야기")).await;
        lines.push(line);
    }
    tests::eventually("all are being answered", async || {
        (model.streams().await.len() == SESSIONS).then_some(())
    })
    .await;
    let begin = tokio::time::Instant::now();
    gate.open(SESSIONS * (TOKENS.len() + 1));
    let listening = lines.into_iter().map(async |mut line| {
        let first = line.hears(1).await;
        let after = begin.elapsed();
        let rest = line.hears_all().await;
        (first.concat() + &rest.text(), after, line.session)
    });
    let mut times = Vec::new();
    for (text, after, session) in futures_util::future::join_all(listening).await {
        assert_eq!(text, TOKENS.concat());
        assert_eq!(steps(&mina, &session).await[0]["gpt_response"], text);
        times.push(after);
    }
    times.sort_unstable();
    let (median, worst) = (times[SESSIONS / 2], times[SESSIONS - 1]);
    println!("first token of {SESSIONS} at once: median {median:?}, worst {worst:?}");
    assert!(worst < FIRST_TOKEN, "{worst:?}");
}
