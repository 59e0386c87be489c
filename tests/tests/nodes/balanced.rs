//! Three servers behind a balancer that knows nothing of what passes it; every few seconds one of
//! them is killed, or stands still for longer than it takes to be given up.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::json;
use test_support::{Database, Place};
use tests::room_talks::history;
use tests::talks::{diff, verify};
use tests::{Client, Dialect, Process, Seat, Socket, User, long, seed};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep_until, timeout};

use crate::io::{Came, Io};
use crate::two::signal;

const SERVERS: usize = 3;

const MORE: &str = "limits.requests_per_minute = 0\nlimits.messages_per_minute = 0";

/// How long a client waits before it tries another connection.
const PATIENCE: Duration = Duration::from_secs(3);

/// What tells listeners that they have heard all.
const LAST: &str = "끝";

/// Passes each connection on to the next server that takes it.
struct Balancer {
    address: SocketAddr,
    servers: Arc<Mutex<Vec<SocketAddr>>>,
}

impl Balancer {
    async fn start(servers: Vec<SocketAddr>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let servers = Arc::new(Mutex::new(servers));
        let known = Arc::clone(&servers);
        tokio::spawn(async move {
            for turn in 0.. {
                let (mut client, _) = listener.accept().await.unwrap();
                let servers = known.lock().clone();
                tokio::spawn(async move {
                    for step in 0..servers.len() {
                        let server = servers[(turn + step) % servers.len()];
                        if let Ok(mut server) = TcpStream::connect(server).await {
                            // It ends when either side does, however that may be.
                            copy_bidirectional(&mut client, &mut server).await.ok();
                            return;
                        }
                    }
                });
            }
        });
        Self { address, servers }
    }
}

/// By room: texts with the numbers under which they were acknowledged.
type Acknowledged = Arc<Mutex<BTreeMap<u64, BTreeMap<String, u64>>>>;

/// Says one thing after the other until told to stop; each until it is acknowledged, always under
/// the same id, at whichever server answers.
async fn talks(seat: Seat, name: String, acknowledged: Acknowledged, over: Arc<Mutex<bool>>) {
    let mut count = 0;
    while !*over.lock() {
        let text = format!("{name} {count}");
        let number = says(&seat, &text).await;
        let mut rooms = acknowledged.lock();
        rooms.entry(seat.room).or_default().insert(text, number);
        count += 1;
    }
}

async fn says(seat: &Seat, text: &str) -> u64 {
    let body = match seat.dialect {
        Dialect::Feed => json!({"message": text, "client_message_id": text}),
        _ => json!({"message_content": text, "client_message_id": text}),
    };
    loop {
        let request = seat.user.client.request("POST", &seat.path("/messages"));
        let request = request.bearer_auth(&seat.user.token).timeout(PATIENCE);
        let Ok(answer) = seat.user.client.try_send(request.json(&body)).await else {
            continue;
        };
        if [200, 201].contains(&answer.status) {
            let row = answer.body.get("data").unwrap_or(&answer.body);
            return row[seat.number_field()].as_u64().unwrap();
        }
        assert_eq!(answer.status, 503, "{}", answer.body);
    }
}

/// Listens on one connection after the other, each from where the one before was.
async fn listens(seat: Seat) -> Vec<u64> {
    let mut heard = Vec::new();
    let mut position = 0;
    loop {
        let address = seat.user.client.address;
        let url = format!("ws://{address}{}&after={position}", seat.socket_path());
        let opened = timeout(PATIENCE, tokio_tungstenite::connect_async(url)).await;
        let Ok(Ok((stream, _))) = opened else {
            continue;
        };
        let mut socket = Socket::from(stream);
        while let Ok(Ok(frame)) = timeout(PATIENCE, socket.next()).await {
            let is_message = frame["type"] == "message" || frame["type"] == "new_message";
            if is_message && seat.told_text(&frame) == LAST {
                return heard;
            }
            if is_message {
                heard.push(seat.told_number(&frame));
            }
        }
        position = position.max(socket.position);
    }
}

/// The same over Socket.IO.
async fn listens_by_socket_io(user: User) -> Vec<u64> {
    let mut heard = Vec::new();
    let mut position = 0;
    loop {
        let Ok(Some(mut io)) = timeout(PATIENCE, Io::try_open(&user.client)).await else {
            continue;
        };
        let auth = json!({"token": user.token, "after": position});
        if !io.tries_to_send(&format!("40/chat,{auth}")).await {
            continue;
        }
        while let Ok(came) = timeout(PATIENCE, io.next()).await {
            match came {
                Came::Event { name, data, .. } if name == "message:new" => {
                    if data["content"] == LAST {
                        return heard;
                    }
                    heard.push(data["number"].as_u64().unwrap());
                }
                Came::Connected | Came::Event { .. } | Came::Answer(..) => {}
                Came::Refused(_) | Came::Disconnected | Came::Gone => break,
            }
        }
        position = position.max(io.position);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_balancer_nothing_is_lost_or_comes_twice_whichever_server_dies() {
    let rounds = if long() { 40 } else { 5 };
    let mut random = StdRng::seed_from_u64(seed());
    let place = Place::on(Database::new().await.server()).await;
    let mut servers = Vec::new();
    for _ in 0..SERVERS {
        servers.push(Process::start(&place, MORE).await);
    }
    let addresses = |servers: &[Process]| {
        let all = servers.iter().map(|server| server.client.address);
        all.collect::<Vec<_>>()
    };
    let balancer = Balancer::start(addresses(&servers)).await;
    let client = Client::new(balancer.address);
    let (mina, jun) = (
        User::new(&client, "민아").await,
        User::new(&client, "준").await,
    );
    let group = mina.gathers("모임", &[&jun]).await;
    let two = mina.meets(&jun).await;
    let seat = |dialect, user: &User, room| Seat {
        dialect,
        user: user.clone(),
        room,
        code: None,
        counsels: false,
    };
    let mut listening = Vec::new();
    for room in [group, two] {
        for dialect in [Dialect::Chat, Dialect::Feed] {
            let seat = seat(dialect, &mina, room);
            listening.push((room, tokio::spawn(listens(seat))));
        }
    }
    let by_socket_io = tokio::spawn(listens_by_socket_io(jun.clone()));
    let (acknowledged, over) = (Acknowledged::default(), Arc::new(Mutex::new(false)));
    let mut talking = Vec::new();
    for (dialect, user, room, name) in [
        (Dialect::Chat, &mina, group, "모임에서 민아"),
        (Dialect::Feed, &jun, group, "모임에서 준"),
        (Dialect::Chat, &mina, two, "둘이서 민아"),
    ] {
        let talks = talks(
            seat(dialect, user, room),
            name.to_owned(),
            Arc::clone(&acknowledged),
            Arc::clone(&over),
        );
        talking.push(tokio::spawn(talks));
    }
    for round in 0..rounds {
        lasts(Duration::from_millis(random.random_range(200..2_500))).await;
        let victim = random.random_range(0..SERVERS);
        // Longer than its lease.
        if round % 5 == 2 {
            signal(servers[victim].id(), "STOP").await;
            let pause = if long() && round == 2 { 60 } else { 7 };
            lasts(Duration::from_secs(pause)).await;
            signal(servers[victim].id(), "CONT").await;
        } else {
            servers.remove(victim).kill().await;
            servers.push(Process::start(&place, MORE).await);
            *balancer.servers.lock() = addresses(&servers);
        }
    }
    *over.lock() = true;
    for task in talking {
        task.await.unwrap();
    }
    for room in [group, two] {
        says(&seat(Dialect::Chat, &mina, room), LAST).await;
    }
    let mut stored = BTreeMap::new();
    for room in [group, two] {
        let known = acknowledged.lock().remove(&room).unwrap_or_default();
        println!("{} messages in room {room}", known.len());
        assert!(known.len() > 10, "{} in {room}", known.len());
        for server in &servers {
            let asked = User {
                client: server.client.clone(),
                ..jun.clone()
            };
            let rows = shown(&asked, room).await;
            let texts: BTreeMap<String, u64> = rows.iter().cloned().collect();
            assert_eq!(texts, known, "what was acknowledged, and nothing else");
            assert_eq!(texts.len(), rows.len(), "nothing is there twice");
            let numbers: Vec<u64> = rows.into_iter().map(|(_, number)| number).collect();
            stored.insert(room, numbers);
        }
    }
    for (room, heard) in listening {
        let heard = ended(heard).await;
        assert_eq!(heard, stored[&room], "each once, in the order of the log");
    }
    let heard = ended(by_socket_io).await;
    assert_eq!(heard, stored[&two], "the other's messages, each once");
    for server in servers {
        assert_eq!(server.terminate().await, Some(0));
    }
    verify(&place);
    diff(&place);
}

/// What somebody is shown of a room but its last message: texts and numbers, oldest first.
async fn shown(user: &User, room: u64) -> Vec<(String, u64)> {
    let mut shown = Vec::new();
    for row in history(user, room).await {
        let text = row["message_content"].as_str().unwrap();
        if text != LAST {
            shown.push((text.to_owned(), row["message_id"].as_u64().unwrap()));
        }
    }
    shown
}

async fn lasts(time: Duration) {
    sleep_until(Instant::now() + time).await;
}

async fn ended(listening: tokio::task::JoinHandle<Vec<u64>>) -> Vec<u64> {
    let heard = timeout(Duration::from_secs(30), listening).await;
    heard.expect("the end is heard").unwrap()
}
