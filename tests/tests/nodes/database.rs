//! The database fails under a server: nothing acknowledged is lost, and the answer is "not now".

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::json;
use test_support::{Cluster, Database, Place, execute};
use tests::talks::{Ledger, check, diff, requests, talk, verify};
use tests::{Answer, Client, Counselor, Process, Visitor, admin_token, eventually, long};
use tokio::time::Instant;

const MORE: &str = "limits.requests_per_minute = 0\nlimits.messages_per_minute = 0\n\
                    consultation.max_active = 100";

/// Talks that go on at once.
const TALKS: usize = 8;

/// A server with consultations under way.
struct Busy {
    server: Process,
    visitors: Vec<Visitor>,
    ledger: Arc<Mutex<Ledger>>,
}

impl Busy {
    async fn on(place: &Place) -> Self {
        let server = Process::start(place, MORE).await;
        let admin = admin_token(&server.client).await;
        let counselor = Counselor::new(&server.client, &admin, "견디는").await;
        let bell = counselor.waits().await;
        let mut visitors = Vec::new();
        for index in 0..TALKS {
            visitors.push(Visitor::asks(&server.client, &format!("손님{index}")).await);
        }
        for request in requests(&counselor, TALKS).await {
            counselor.accepts(request).await.expect(200);
        }
        drop(bell);
        Self {
            server,
            visitors,
            ledger: Arc::default(),
        }
    }

    /// Everybody talks until the server ends their connections.
    fn talks(&self) -> Vec<tokio::task::JoinHandle<()>> {
        self.visitors
            .iter()
            .enumerate()
            .map(|(index, visitor)| {
                let ledger = Arc::clone(&self.ledger);
                tokio::spawn(talk(visitor.clone(), ledger, index.to_string()))
            })
            .collect()
    }

    /// More texts are acknowledged than now.
    async fn goes_on(&self) {
        let before = self.ledger.lock().acknowledged();
        eventually("texts are acknowledged again", || async {
            (self.ledger.lock().acknowledged() > before + TALKS).then_some(())
        })
        .await;
    }

    /// Everything acknowledged is there, and the log and the read models are whole.
    async fn ends(self, talking: Vec<tokio::task::JoinHandle<()>>, place: &Place) {
        assert_eq!(self.server.terminate().await, Some(0));
        for task in talking {
            task.await.unwrap();
        }
        let server = Process::start(place, MORE).await;
        let visitors: Vec<_> = self.visitors.iter().map(|one| at(one, &server)).collect();
        let known = std::mem::take(&mut *self.ledger.lock());
        check(&server.client, &visitors, &known).await;
        assert_eq!(server.terminate().await, Some(0));
        verify(place);
        diff(place);
    }
}

fn at(visitor: &Visitor, server: &Process) -> Visitor {
    Visitor {
        client: server.client.clone(),
        ..visitor.clone()
    }
}

/// A request for a consultation, whatever comes of it.
async fn asks(client: &Client) -> Answer {
    let body = json!({"nickname": "누군가"});
    client.post("/api/v1/consultations/start", None, body).await
}

async fn pause(time: Duration) {
    tokio::time::sleep_until(Instant::now() + time).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_connections_are_cut_again_and_again_loses_nothing() {
    let rounds = if long() { 40 } else { 10 };
    let place = Place::on(Database::new().await.server()).await;
    let busy = Busy::on(&place).await;
    let talking = busy.talks();
    for _ in 0..rounds {
        pause(Duration::from_millis(500)).await;
        cut_all(&place).await;
    }
    busy.goes_on().await;
    busy.ends(talking, &place).await;
}

/// Ends all of the server's connections to the log and the read models.
async fn cut_all(place: &Place) {
    let database = place.database().unwrap();
    let cut = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'",
        database.name()
    );
    execute(database.server(), &cut).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_crashes_and_comes_back_under_load_loses_nothing() {
    let rounds = if long() { 8 } else { 2 };
    let cluster = Arc::new(tokio::task::spawn_blocking(Cluster::start).await.unwrap());
    let place = Place::on(cluster.url()).await;
    let busy = Busy::on(&place).await;
    let talking = busy.talks();
    for _ in 0..rounds {
        pause(Duration::from_millis(700)).await;
        let crashing = Arc::clone(&cluster);
        tokio::task::spawn_blocking(move || crashing.restart_at_once())
            .await
            .unwrap();
        busy.goes_on().await;
    }
    busy.ends(talking, &place).await;
}

/// Asks until the answer is 503, which must say when to come again.
async fn is_refused(client: &Client) {
    eventually("writes are refused", || async {
        let answer = asks(client).await;
        if answer.status != 503 {
            return None;
        }
        assert!(answer.headers.contains_key("retry-after"));
        Some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_database_is_down_the_answer_is_503_with_retry_after() {
    let cluster = Arc::new(tokio::task::spawn_blocking(Cluster::start).await.unwrap());
    let place = Place::on(cluster.url()).await;
    let busy = Busy::on(&place).await;
    let down = Arc::clone(&cluster);
    tokio::task::spawn_blocking(move || down.kill())
        .await
        .unwrap();
    let began = Instant::now();
    is_refused(&busy.server.client).await;
    assert!(began.elapsed() < Duration::from_secs(6));
    let up = Arc::clone(&cluster);
    tokio::task::spawn_blocking(move || up.start_again())
        .await
        .unwrap();
    eventually("it is ready again", || async {
        let ready = busy.server.client.get("/health/ready", None).await;
        (ready.status == 200).then_some(())
    })
    .await;
    let talking = busy.talks();
    busy.goes_on().await;
    busy.ends(talking, &place).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_log_refuses_in_time_piles_nothing_up_and_recovers_at_once() {
    let place = Place::on(Database::new().await.server()).await;
    let busy = Busy::on(&place).await;
    let mut locker = place.database().unwrap().connect().await;
    let transaction = locker.transaction().await.unwrap();
    transaction
        .batch_execute("LOCK TABLE events IN ACCESS EXCLUSIVE MODE")
        .await
        .unwrap();
    let memory = busy.server.resident_kib();
    let asking: Vec<_> = (0..200)
        .map(|_| {
            let client = busy.server.client.clone();
            tokio::spawn(async move {
                let began = Instant::now();
                let answer = asks(&client).await;
                (answer.status, began.elapsed())
            })
        })
        .collect();
    for one in asking {
        let (status, took) = one.await.unwrap();
        assert_eq!(status, 503);
        assert!(took < Duration::from_secs(9), "{took:?}");
    }
    let grown = busy.server.resident_kib().saturating_sub(memory);
    assert!(grown < 32 * 1024, "{grown} KiB more");
    transaction.rollback().await.unwrap();
    let freed = Instant::now();
    let talking = busy.talks();
    busy.goes_on().await;
    println!("texts again {:?} after the lock was gone", freed.elapsed());
    busy.ends(talking, &place).await;
}
