//! The emotion dialect: sessions and steps over HTTP, and answers token by token on a socket.

mod access;
mod clients;
mod going_on;
mod handover;
mod line;
mod live;
mod llama;
mod model;
mod rest;
mod resume;
mod trust;
mod unfinished;

use serde_json::{Value, json};
use tests::{Answer, User};

/// A new session, by its id.
async fn opens(user: &User) -> String {
    let session = user.post("/emotion/sessions", json!({})).await.expect(201);
    session["session_id"].as_str().unwrap().to_owned()
}

async fn says(user: &User, session: &str, text: &str) -> Answer {
    let body = json!({"session_id": session, "user_input": text});
    user.post("/emotion/steps/generate", body).await
}

/// All steps of a session.
async fn steps(user: &User, session: &str) -> Vec<Value> {
    let list = user.get(&format!("/emotion/steps/{session}")).await;
    list.expect(200).as_array().unwrap().clone()
}

fn of(session: &str, rest: &str) -> String {
    format!("/emotion/sessions/{session}{rest}")
}
