//! Servers that tell each other over Redis who is online and who types, and what happens to them
//! without it.

use std::process::Stdio;

use serde_json::json;
use test_support::{Database, Place};
use tests::{Counselor, Process, Socket, User, Visitor, admin_token, eventually};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};

use crate::two::signal;

/// A Redis of a test's own.
struct Redis {
    port: u16,
    child: Option<Child>,
}

impl Redis {
    /// A place for one, where none is yet.
    async fn place() -> Self {
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = free.local_addr().unwrap().port();
        Self { port, child: None }
    }

    async fn starts(&mut self) {
        let mut command = Command::new("redis-server");
        command.args(["--save", "", "--bind", "127.0.0.1", "--port"]);
        command.arg(self.port.to_string());
        command.stdout(Stdio::null()).kill_on_drop(true);
        let child = command.spawn();
        self.child = Some(child.expect("redis-server is missing (Debian package redis-server)"));
        eventually("Redis answers", || async {
            let connected = TcpStream::connect(("127.0.0.1", self.port)).await;
            connected.ok()
        })
        .await;
    }

    async fn is_killed(&mut self) {
        self.child.take().unwrap().kill().await.unwrap();
    }

    /// Settings of a server that uses it, and gives others up quickly.
    fn settings(&self) -> String {
        format!(
            "cluster.redis_url = \"redis://127.0.0.1:{}\"\nlive.presence_ttl = \"5s\"\n\
             limits.requests_per_minute = 0",
            self.port
        )
    }
}

/// Two servers, and two people with a room, each at one of them.
struct Scene {
    redis: Redis,
    one: Process,
    other: Process,
    mina: User,
    jun: User,
    room: u64,
}

impl Scene {
    async fn of(place: &Place, redis: Redis) -> Self {
        let (one, other) = (
            Process::start(place, &redis.settings()).await,
            Process::start(place, &redis.settings()).await,
        );
        let mina = User::new(&one.client, "민아").await;
        let jun = User {
            client: other.client.clone(),
            ..User::new(&one.client, "준").await
        };
        let room = mina.meets(&jun).await;
        Self {
            redis,
            one,
            other,
            mina,
            jun,
            room,
        }
    }
}

/// Until one is shown as the other has them.
async fn shows(room: u64, asking: &User, asked: &User, is_online: bool) {
    let path = format!("/chat/rooms/{room}/online-status/");
    eventually("their presence is known", || async {
        let rows = asking.get(&path).await.expect(200);
        let mut rows = rows.as_array().unwrap().iter();
        let row = rows.find(|row| row["user_id"] == asked.id).unwrap();
        (row["is_online"] == is_online).then_some(())
    })
    .await;
}

async fn is_told(socket: &mut Socket, of: &User, status: &str) {
    loop {
        let told = socket.expect("user_status").await;
        if told["user_id"] == of.id && told["status"] == status {
            return;
        }
    }
}

async fn types(socket: &mut Socket) {
    socket
        .send(json!({"type": "typing", "is_typing": true}))
        .await;
}

async fn shared_place() -> Place {
    Place::on(Database::new().await.server()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_online_and_who_types_is_told_at_every_server() {
    let place = shared_place().await;
    let mut redis = Redis::place().await;
    redis.starts().await;
    let scene = Scene::of(&place, redis).await;
    let (mina, jun) = (&scene.mina, &scene.jun);
    let mut juns = jun.enters(scene.room).await;
    shows(scene.room, mina, jun, true).await;
    let mut minas = mina.enters(scene.room).await;
    is_told(&mut juns, mina, "online").await;
    types(&mut minas).await;
    assert_eq!(juns.expect("typing").await["user_id"], mina.id);
    // Who comes later finds who is there.
    let late = Process::start(&place, &scene.redis.settings()).await;
    let asking = User {
        client: late.client.clone(),
        ..jun.clone()
    };
    shows(scene.room, &asking, mina, true).await;
    minas.close().await;
    is_told(&mut juns, mina, "offline").await;
    shows(scene.room, &asking, mina, false).await;
    // A server that goes takes its people with it, one that is killed a little later.
    let mut minas = mina.enters(scene.room).await;
    is_told(&mut juns, mina, "online").await;
    assert_eq!(scene.one.terminate().await, Some(0));
    is_told(&mut juns, mina, "offline").await;
    minas.closed().await;
    scene.other.kill().await;
    shows(scene.room, &asking, jun, false).await;
    assert_eq!(late.terminate().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_redis_only_presence_suffers_and_it_comes_back() {
    let place = shared_place().await;
    // There is none when they start.
    let mut scene = Scene::of(&place, Redis::place().await).await;
    let mut juns = scene.jun.enters(scene.room).await;
    let mut minas = scene.mina.enters(scene.room).await;
    for round in 0..2 {
        // Messages are heard, requests ring, and each knows its own.
        scene.mina.says(&format!("{round}"), scene.room).await;
        juns.expect("message").await;
        shows(scene.room, &scene.mina, &scene.mina, true).await;
        shows(scene.room, &scene.mina, &scene.jun, false).await;
        rings(&scene, &format!("벨 {round}")).await;
        scene.redis.starts().await;
        shows(scene.room, &scene.mina, &scene.jun, true).await;
        shows(scene.room, &scene.jun, &scene.mina, true).await;
        types(&mut minas).await;
        assert_eq!(juns.expect("typing").await["user_id"], scene.mina.id);
        // One that stands still is given up as well, and heard again.
        let still = scene.redis.child.as_ref().unwrap().id().unwrap();
        signal(still, "STOP").await;
        shows(scene.room, &scene.mina, &scene.jun, false).await;
        signal(still, "CONT").await;
        shows(scene.room, &scene.mina, &scene.jun, true).await;
        scene.redis.is_killed().await;
        shows(scene.room, &scene.mina, &scene.jun, false).await;
    }
    for server in [scene.one, scene.other] {
        assert_eq!(server.terminate().await, Some(0));
    }
}

/// A request that is made at one server rings at the other.
async fn rings(scene: &Scene, name: &str) {
    let admin = admin_token(&scene.one.client).await;
    let counselor = Counselor::new(&scene.other.client, &admin, name).await;
    let mut bell = counselor.waits().await;
    let visitor = Visitor::asks(&scene.one.client, name).await;
    let rung = bell.expect("new_request").await;
    let request = rung["request"]["id"].as_u64().unwrap();
    counselor.accepts(request).await.expect(200);
    visitor.ends().await.expect(200);
}
