//! Two servers on one log: what is written on one is heard on the other, whichever of them dies.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use test_support::{Database, Place};
use tests::talks::{Ledger, check, diff, requests, talk, verify};
use tests::{Client, Counselor, Process, Socket, Visitor, admin_token, eventually, long, seed};
use tokio::process::Command;
use tokio::time::Instant;

const MORE: &str = "limits.requests_per_minute = 0\nlimits.messages_per_minute = 0\n\
                    consultation.max_active = 100\nconsultation.counselor_grace = \"2s\"";

/// Talks that go on at once.
const TALKS: usize = 6;

async fn shared_place() -> Place {
    Place::on(Database::new().await.server()).await
}

/// The same person at another server.
fn at(visitor: &Visitor, client: &Client) -> Visitor {
    Visitor {
        client: client.clone(),
        ..visitor.clone()
    }
}

async fn says(socket: &mut Socket, text: &str) {
    socket
        .send(json!({"type": "message", "message": text, "client_message_id": text}))
        .await;
}

/// The next messages of people, with their positions.
async fn hears(socket: &mut Socket, count: usize) -> Vec<(String, u64)> {
    let mut heard = Vec::new();
    while heard.len() < count {
        let frame = socket.expect("message").await;
        let text = frame["message"].as_str().unwrap().to_owned();
        if text.contains("쪽 ") {
            heard.push((text, frame["position"].as_u64().unwrap()));
        }
    }
    heard
}

async fn is_told(socket: &mut Socket, status: &str) {
    while socket.expect("status").await["status"] != status {}
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_on_one_server_is_heard_on_the_other() {
    let place = shared_place().await;
    let (one, other) = (
        Process::start(&place, MORE).await,
        Process::start(&place, MORE).await,
    );
    let admin = admin_token(&one.client).await;
    let counselor = Counselor::new(&other.client, &admin, "저쪽").await;
    let mut bell = counselor.waits().await;
    let visitor = Visitor::asks(&one.client, "이쪽").await;
    let rung = bell.expect("new_request").await;
    let request = rung["request"]["id"].as_u64().unwrap();
    let mut user = visitor.enters().await;
    counselor.accepts(request).await.expect(200);
    is_told(&mut user, "active").await;
    let mut desk = counselor.enters(&visitor.code).await;
    for round in 0..20 {
        says(&mut user, &format!("이쪽 {round}")).await;
        says(&mut desk, &format!("저쪽 {round}")).await;
    }
    let (here, there) = (hears(&mut user, 40).await, hears(&mut desk, 40).await);
    assert_eq!(here, there, "both hear all in the same order");
    assert!(here.is_sorted_by_key(|(_, position)| *position));
    // Who reacts to a frame finds what it told of, wherever they ask.
    for client in [&one.client, &other.client] {
        let history = at(&visitor, client).history().await;
        let texts: Vec<_> = history
            .iter()
            .filter_map(|row| row["message"].as_str())
            .filter(|text| here.iter().any(|(heard, _)| heard == text))
            .collect();
        assert_eq!(texts.len(), 40);
    }
    at(&visitor, &other.client).ends().await.expect(200);
    is_told(&mut user, "completed").await;
    assert_eq!(one.terminate().await, Some(0));
    assert_eq!(other.terminate().await, Some(0));
    verify(&place);
    diff(&place);
}

/// Listens on one server after the other, from where it was, until `texts` were heard.
async fn follow(visitor: Visitor, clients: Arc<Mutex<[Client; 2]>>, mut side: usize) -> Vec<Value> {
    let mut heard: Vec<Value> = Vec::new();
    let mut position = 0;
    loop {
        side = 1 - side;
        let client = clients.lock()[side].clone();
        let path = format!(
            "ws://{}/ws/consultation/{}?after={position}",
            client.address, visitor.code
        );
        let Ok((stream, _)) = tokio_tungstenite::connect_async(path).await else {
            tokio::task::yield_now().await;
            continue;
        };
        let mut socket = Socket::from(stream);
        while let Ok(frame) = socket.next().await {
            if frame["type"] == "message" {
                if frame["message"] == "끝" {
                    return heard;
                }
                heard.push(frame);
            }
        }
        position = position.max(socket.position);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_when_either_server_is_killed_at_random() {
    let rounds = if long() { 20 } else { 4 };
    let seed = seed();
    let mut random = StdRng::seed_from_u64(seed);
    let place = shared_place().await;
    let mut servers = [
        Process::start(&place, MORE).await,
        Process::start(&place, MORE).await,
    ];
    let admin = admin_token(&servers[0].client).await;
    let counselor = Counselor::new(&servers[0].client, &admin, "둘").await;
    let bell = counselor.waits().await;
    let mut visitors = Vec::new();
    for index in 0..TALKS {
        let client = &servers[index % 2].client;
        visitors.push(Visitor::asks(client, &format!("손님{index}")).await);
    }
    for request in requests(&counselor, TALKS).await {
        counselor.accepts(request).await.expect(200);
    }
    drop(bell);
    let clients = Arc::new(Mutex::new([
        servers[0].client.clone(),
        servers[1].client.clone(),
    ]));
    let listening: Vec<_> = visitors
        .iter()
        .map(|visitor| tokio::spawn(follow(visitor.clone(), Arc::clone(&clients), 0)))
        .collect();
    let ledger = Arc::new(Mutex::new(Ledger::default()));
    for round in 0..rounds {
        let talking: Vec<_> = visitors
            .iter()
            .enumerate()
            .map(|(index, visitor)| {
                let visitor = at(visitor, &servers[index % 2].client);
                let name = format!("{round}-{index}");
                tokio::spawn(talk(visitor, Arc::clone(&ledger), name))
            })
            .collect();
        let life = Duration::from_millis(random.random_range(50..1_500));
        tokio::time::sleep_until(Instant::now() + life).await;
        let [one, other] = servers;
        // Both at once, or one and a little later the other.
        if random.random_bool(0.3) {
            tokio::join!(one.kill(), other.kill());
        } else {
            let (first, second) = if random.random_bool(0.5) {
                (one, other)
            } else {
                (other, one)
            };
            first.kill().await;
            let later = Duration::from_millis(random.random_range(0..1_000));
            tokio::time::sleep_until(Instant::now() + later).await;
            second.kill().await;
        }
        for task in talking {
            task.await.unwrap();
        }
        verify(&place);
        servers = [
            Process::start(&place, MORE).await,
            Process::start(&place, MORE).await,
        ];
        let now = [servers[0].client.clone(), servers[1].client.clone()];
        clients.lock().clone_from(&now);
        let known = std::mem::take(&mut *ledger.lock());
        for client in &now {
            let here: Vec<_> = visitors.iter().map(|one| at(one, client)).collect();
            check(client, &here, &known).await;
        }
        *ledger.lock() = known;
    }
    assert!(ledger.lock().acknowledged() > 0);
    for visitor in &visitors {
        let visitor = at(visitor, &servers[0].client);
        let mut socket = visitor.enters().await;
        says(&mut socket, "끝").await;
        socket.expect("message").await;
    }
    for (visitor, heard) in visitors.iter().zip(listening) {
        let heard: Vec<u64> = tokio::time::timeout(Duration::from_secs(30), heard)
            .await
            .expect("the end is heard")
            .unwrap()
            .iter()
            .map(|frame| frame["id"].as_u64().unwrap())
            .collect();
        let visitor = at(visitor, &servers[1].client);
        let stored = numbers(&visitor).await;
        assert_eq!(heard, stored, "each message once, in the order of the log");
    }
    for server in servers {
        assert_eq!(server.terminate().await, Some(0));
    }
    verify(&place);
    diff(&place);
}

/// The numbers of all messages but the last one.
async fn numbers(visitor: &Visitor) -> Vec<u64> {
    let mut numbers = Vec::new();
    for page in 1.. {
        let path = visitor.path(&format!("/messages?page={page}&page_size=200"));
        let answer = visitor.client.get(&path, None).await.expect(200);
        let rows = answer["messages"].as_array().unwrap();
        if rows.is_empty() {
            break;
        }
        let said = rows.iter().filter(|row| row["message"] != "끝");
        numbers.extend(said.map(|row| row["id"].as_u64().unwrap()));
    }
    numbers
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_rings_at_a_server_that_died_and_another_takes_over() {
    let place = shared_place().await;
    // The first leads the process managers, and holds the counsellor's only socket.
    let one = Process::start(&place, MORE).await;
    let other = Process::start(&place, MORE).await;
    let admin = admin_token(&one.client).await;
    let gone = Counselor::new(&one.client, &admin, "끊긴").await;
    let _bell = gone.waits().await;
    let mut here = Counselor::new(&other.client, &admin, "남은").await;
    let mut bell = here.waits().await;
    one.kill().await;
    let killed = Instant::now();
    let visitor = Visitor::asks(&other.client, "누군가").await;
    let rung = tokio::time::timeout(Duration::from_secs(10), bell.expect("new_request"))
        .await
        .expect("the other takes over within ten seconds");
    println!("taken over after {:?}", killed.elapsed());
    here.client = other.client.clone();
    let request = rung["request"]["id"].as_u64().unwrap();
    here.accepts(request).await.expect(200);
    assert_eq!(visitor_status(&visitor).await, "active");
    let status = format!("/api/v1/counselors/{}/dashboard/summary", gone.id);
    eventually("who cannot be reached is away", || async {
        let summary = other.client.get(&status, Some(&gone.token)).await;
        let body = summary.expect(200);
        (body["status"] != "waiting").then_some(())
    })
    .await;
    assert_eq!(other.terminate().await, Some(0));
}

async fn visitor_status(visitor: &Visitor) -> String {
    let seen = visitor.sees().await;
    seen["status"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_was_taken_for_dead_lets_its_counsellors_come_again() {
    let place = shared_place().await;
    let paused = Process::start(&place, MORE).await;
    let other = Process::start(&place, MORE).await;
    let admin = admin_token(&paused.client).await;
    let counselor = Counselor::new(&paused.client, &admin, "잠든").await;
    let mut bell = counselor.waits().await;
    signal(paused.id(), "STOP").await;
    let path = format!(
        "/ws/counselor/{}/notifications?token={}",
        counselor.id, counselor.token
    );
    // Somebody who looks at the log sees the socket closed for them.
    let log = place.database().unwrap().connect().await;
    eventually("the socket counts as closed", || async {
        let closed = log
            .query_one(
                "SELECT count(*) FROM events WHERE event_type = 'counselor.socket_closed'",
                &[],
            )
            .await
            .unwrap();
        (closed.get::<_, i64>(0) == 1).then_some(())
    })
    .await;
    signal(paused.id(), "CONT").await;
    assert_eq!(bell.closed().await, 1013);
    let mut bell = other.client.socket(&path).await;
    Counselor {
        client: other.client.clone(),
        ..counselor
    }
    .becomes("waiting")
    .await
    .expect(200);
    Visitor::asks(&paused.client, "다시").await;
    bell.expect("new_request").await;
    for server in [paused, other] {
        assert_eq!(server.terminate().await, Some(0));
    }
}

pub async fn signal(process: u32, signal: &str) {
    let sent = Command::new("kill")
        .args([format!("-{signal}"), process.to_string()])
        .status()
        .await
        .unwrap();
    assert!(sent.success());
}
