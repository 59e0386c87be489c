//! The real binary is killed at random moments; what was acknowledged is there afterwards.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use tests::{
    Client, Counselor, Process, Socket, Visitor, admin_token, binary, eventually, long, seed,
};

/// Consultations that talk at once.
const TALKS: usize = 8;

/// What the clients know to be durable, and what they do not know.
#[derive(Default)]
struct Ledger {
    /// By consultation: the texts acknowledged, with their numbers.
    acknowledged: BTreeMap<String, Vec<(String, u64)>>,
    /// Texts sent, acknowledged or not.
    sent: BTreeMap<String, Vec<String>>,
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_when_the_server_is_killed() {
    let rounds = if long() { 20 } else { 5 };
    let seed = seed();
    let mut random = StdRng::seed_from_u64(seed);
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let more = "limits.requests_per_minute = 0\nlimits.messages_per_minute = 0\n\
                consultation.max_active = 100\nconsultation.counselor_grace = \"10m\"";
    let mut server = Process::start(&data, more).await;
    let admin = admin_token(&server.client).await;
    let mut counselor = Counselor::new(&server.client, &admin, "상담사").await;
    let bell = counselor.waits().await;
    let mut visitors = Vec::new();
    for index in 0..TALKS {
        visitors.push(Visitor::asks(&server.client, &format!("손님{index}")).await);
    }
    for request in requests(&counselor, TALKS).await {
        counselor.accepts(request).await.expect(200);
    }
    drop(bell);
    let ledger = Arc::new(Mutex::new(Ledger::default()));
    for round in 0..rounds {
        // One more asks and is not answered: its offer must be open after the crash.
        let open = Visitor::asks(&server.client, "기다림").await;
        let before = requests(&counselor, 1).await;
        let talking: Vec<_> = visitors
            .iter()
            .enumerate()
            .map(|(index, visitor)| {
                tokio::spawn(talk(
                    visitor.clone(),
                    Arc::clone(&ledger),
                    format!("{round}-{index}"),
                ))
            })
            .collect();
        let life = Duration::from_millis(random.random_range(50..2_000));
        tokio::time::sleep_until(tokio::time::Instant::now() + life).await;
        server.kill().await;
        for task in talking {
            task.await.unwrap();
        }
        verify(&data);
        server = Process::start(&data, more).await;
        counselor.client = server.client.clone();
        for visitor in &mut visitors {
            visitor.client = server.client.clone();
        }
        let known = std::mem::take(&mut *ledger.lock());
        check(&server.client, &visitors, &known).await;
        *ledger.lock() = known;
        assert_eq!(requests(&counselor, 1).await, before, "open offers go on");
        counselor.accepts(before[0]).await.expect(200);
        let path = format!("/api/v1/consultations/{}/end", open.code);
        server.client.post(&path, None, json!({})).await.expect(200);
    }
    assert_eq!(server.terminate().await, Some(0));
    verify(&data);
    assert_rebuilt_the_same(&data);
}

async fn requests(counselor: &Counselor, count: usize) -> Vec<u64> {
    eventually("the requests", || async {
        let rows = counselor.requests().await;
        (rows.len() == count).then(|| rows.iter().map(|row| row["id"].as_u64().unwrap()).collect())
    })
    .await
}

/// Sends until the server is gone; its own frame is the acknowledgement.
async fn talk(visitor: Visitor, ledger: Arc<Mutex<Ledger>>, name: String) {
    let mut socket: Socket = visitor.enters().await;
    for count in 0.. {
        let text = format!("{name}-{count}");
        ledger
            .lock()
            .sent
            .entry(visitor.code.clone())
            .or_default()
            .push(text.clone());
        let frame = json!({"type": "message", "message": text, "client_message_id": text});
        if !socket.try_send(&frame).await {
            return;
        }
        loop {
            let Ok(frame) = socket.next().await else {
                return;
            };
            assert_ne!(frame["type"], "error", "{frame}");
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
async fn check(client: &Client, visitors: &[Visitor], ledger: &Ledger) {
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
fn verify(data: &Path) {
    let output = Command::new(binary("maeum-replay"))
        .args(["verify", "--json", "--data"])
        .arg(data)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// The read models that lived through every kill are those that the log makes anew.
fn assert_rebuilt_the_same(data: &Path) {
    let scratch = data.with_extension("rebuilt.db");
    let output = Command::new(binary("maeum-replay"))
        .args(["rebuild", "--json", "--data"])
        .arg(data)
        .arg("--into")
        .arg(&scratch)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let rebuilt = projections::sqlite::digest(&scratch).unwrap();
    let lived = projections::sqlite::digest(&data.join("read.db")).unwrap();
    assert!(rebuilt["messages"].rows > 0);
    assert_eq!(lived, rebuilt);
}
