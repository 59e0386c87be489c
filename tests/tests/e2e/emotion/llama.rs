//! A session with llama.cpp's own server, which is no double: a tiny model that says nothing sensible.

use std::path::Path;
use std::process::Stdio;

use serde_json::json;
use tests::{DEADLINE, TestApp, User};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::clients::python;
use super::line::Line;
use super::steps;

/// Tokens of an answer: the model never ends by itself.
const ANSWER_TOKENS: usize = 40;

/// The server, until it is dropped, and its address.
async fn llama() -> (Child, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/tiny_model.py");
    let mut command = Command::new(python());
    command
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = command.kill_on_drop(true).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let address = timeout(DEADLINE, lines.next_line()).await;
    let address = address.expect("it serves in time").unwrap();
    (child, address.expect("it says where it serves"))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_llama_cpp_says_is_heard_as_it_comes_and_kept() {
    let (_llama, address) = llama().await;
    let server = TestApp::with(&format!(
        "llm.base_url = \"{address}/v1\"\nllm.answer_tokens = {ANSWER_TOKENS}"
    ))
    .await;
    let mina = User::new(&server.client, "민아").await;
    let mut line = Line::new(&mina).await;
    for (number, words) in ["요즘 기분이 별로예요.", "I feel sad today."]
        .iter()
        .enumerate()
    {
        line.says(words).await;
        let heard = line.hears_all().await;
        assert_eq!(heard.end["done"], json!(true), "{}", heard.end);
        assert_eq!(heard.end["truncated"], json!(true), "{}", heard.end);
        assert!(
            heard.tokens.len() >= ANSWER_TOKENS / 2,
            "{:?}",
            heard.tokens
        );
        let kept = &steps(&mina, &line.session).await[number];
        assert_eq!(kept["gpt_response"], heard.text());
        assert_eq!(
            (&kept["status"], &kept["responder"]),
            (&json!("answered"), &json!("language_model"))
        );
        assert_eq!(kept["token_count"], heard.tokens.len());
        // By a grammar that the server makes of the schema, or by the lexicon: a label there is.
        assert!(kept["emotion"]["label"].is_string(), "{kept}");
    }
    // What the server counted is recorded.
    let app = server.app();
    let step = domain::StepId(line.step.parse().unwrap());
    let row = projections::emotions::by_step_id(&*app.reader, step).await;
    let usage = row.unwrap().unwrap().settled.unwrap().usage.unwrap();
    assert!(usage.answer_tokens >= ANSWER_TOKENS as u64, "{usage:?}");
    assert!(usage.prompt_tokens > 100, "{usage:?}");
}
