//! Talks that go on while something breaks, and what must be true of them afterwards.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::{Value, json};
use test_support::Place;

use crate::process::binary;
use crate::{Client, Counselor, Visitor, eventually};

/// Answers that say: not now, send it again.
const TRY_AGAIN: [&str; 4] = [
    "store_unavailable",
    "outcome_unknown",
    "key_unavailable",
    "reads_unavailable",
];

/// Whether an answer or an error frame says so.
pub(crate) fn is_try_again(said: &Value) -> bool {
    TRY_AGAIN.contains(&said["code"].as_str().unwrap_or_default())
}

/// What the clients know to be durable, and what they do not know.
#[derive(Default)]
pub struct Ledger {
    /// By consultation: the texts acknowledged, with their numbers.
    acknowledged: BTreeMap<String, Vec<(String, u64)>>,
    /// Texts sent, acknowledged or not.
    sent: BTreeMap<String, Vec<String>>,
}

impl Ledger {
    /// How many texts were acknowledged.
    pub fn acknowledged(&self) -> usize {
        self.acknowledged.values().map(Vec::len).sum()
    }
}

/// A counsellor's pending requests, as soon as there are so many.
pub async fn requests(counselor: &Counselor, count: usize) -> Vec<u64> {
    eventually("the requests", || async {
        let rows = counselor.requests().await;
        (rows.len() == count).then(|| rows.iter().map(|row| row["id"].as_u64().unwrap()).collect())
    })
    .await
}

/// Sends one text after the other until the connection ends; the sender's own frame is the
/// acknowledgement. What is answered by "not now" is sent again under the same id.
pub async fn talk(visitor: Visitor, ledger: Arc<Mutex<Ledger>>, name: String) {
    let Some(mut socket) = visitor.tries_to_enter().await else {
        return;
    };
    for count in 0.. {
        let text = format!("{name}-{count}");
        ledger
            .lock()
            .sent
            .entry(visitor.code.clone())
            .or_default()
            .push(text.clone());
        let message = json!({"type": "message", "message": text, "client_message_id": text});
        if !socket.try_send(&message).await {
            return;
        }
        loop {
            let Ok(frame) = socket.next().await else {
                return;
            };
            if frame["type"] == "error" {
                assert!(is_try_again(&frame), "{frame}");
                if !socket.try_send(&message).await {
                    return;
                }
            }
            if frame["type"] == "message" && frame["message"] == text {
                let number = frame["id"].as_u64().unwrap();
                let mut ledger = ledger.lock();
                ledger
                    .acknowledged
                    .entry(visitor.code.clone())
                    .or_default()
                    .push((text, number));
                break;
            }
        }
    }
}

/// Each acknowledged message is there once, under its number; nothing is there that nobody sent.
pub async fn check(client: &Client, visitors: &[Visitor], ledger: &Ledger) {
    let none = Vec::new();
    for visitor in visitors {
        let mut rows: Vec<Value> = Vec::new();
        for page in 1.. {
            let path = visitor.path(&format!("/messages?page={page}&page_size=200"));
            let answer = client.get(&path, None).await.expect(200);
            let more = answer["messages"].as_array().unwrap().clone();
            if more.is_empty() {
                break;
            }
            rows.extend(more);
        }
        let found: Vec<(String, u64)> = rows
            .iter()
            .map(|row| {
                (
                    row["message"].as_str().unwrap().to_owned(),
                    row["id"].as_u64().unwrap(),
                )
            })
            .collect();
        let sent = ledger.sent.get(&visitor.code).unwrap_or(&none);
        let mut numbers: Vec<_> = found.iter().map(|(_, number)| *number).collect();
        assert!(numbers.is_sorted(), "history is in order");
        numbers.dedup();
        assert_eq!(numbers.len(), found.len(), "nothing is there twice");
        for acknowledged in ledger.acknowledged.get(&visitor.code).into_iter().flatten() {
            let times = found.iter().filter(|row| *row == acknowledged).count();
            assert_eq!(times, 1, "{acknowledged:?} was acknowledged");
        }
        for (text, _) in &found {
            assert!(sent.contains(text), "nobody sent {text}");
        }
    }
}

/// The auditors' tool finds nothing wrong with the log.
pub fn verify(place: &Place) {
    replay("verify", place);
}

/// The read models are those that the log makes anew.
pub fn diff(place: &Place) {
    replay("diff", place);
}

fn replay(what: &str, place: &Place) {
    let output = Command::new(binary("maeum-replay"))
        .args([what, "--json"])
        .args(place.flags())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
