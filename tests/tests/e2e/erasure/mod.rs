//! The right to be forgotten: what is erased is gone from every answer, file and table for good,
//! counts stay, and nobody else loses anything.

mod account;
mod consultation;
mod export;
mod found;
mod holds;
mod killed;
mod killed_inside;
pub mod planted;
mod steps;

use event_store::log_seal::is_signed;
use serde_json::{Value, json};
use tests::{Answer, Client, User};

/// Shown in place of a name.
const NOBODY: &str = "(탈퇴한 사용자)";

/// Asks for something to be deleted.
async fn deletes(client: &Client, path: &str, token: Option<&str>) -> Answer {
    let mut request = client.request("DELETE", path);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    client.send(request).await
}

/// The receipt, which is signed.
#[track_caller]
fn receipt(answer: Answer) -> Value {
    let receipt = answer.expect(200);
    assert_eq!(receipt["status"], "completed", "{receipt}");
    let said = |name: &str| receipt[name].as_str().unwrap();
    assert!(
        is_signed(said("key"), said("statement"), said("signature")),
        "{receipt}"
    );
    let forged = said("statement").replace("files", "flies");
    assert!(!is_signed(said("key"), &forged, said("signature")));
    receipt
}

async fn logs_in(client: &Client, user: &User) -> Answer {
    let body = json!({"email": user.email, "password": "eight-or-more"});
    client.post("/login", None, body).await
}
