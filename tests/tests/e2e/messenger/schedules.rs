//! Somebody comes, joins, leaves, is killed, or the server is, at random moments while messages are
//! sent: each of them comes, and none twice but after a crash.

use std::collections::BTreeMap;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use tests::{Answer, DEADLINE, Place, Process, User, long, seed};
use tokio::time::{Instant, sleep_until, timeout};

use super::io::{Came, Io};
use super::meets;

/// Of so many schedules the server is killed in one.
const SERVER_KILLS: usize = 10;

/// How a life comes to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Leaves,
    IsKilled,
    ServerDied,
}

/// What one connection heard.
#[derive(Debug)]
struct Life {
    heard: Vec<String>,
    end: End,
}

impl Life {
    fn hears(&mut self, came: &Came) {
        let Came::Event { name, data, .. } = came else {
            return;
        };
        let id = |message: &Value| message["messageId"].as_str().unwrap().to_owned();
        match name.as_str() {
            "message:new" => self.heard.push(id(data)),
            "messages:offline" => self.heard.extend(data.as_array().unwrap().iter().map(id)),
            _ => {}
        }
    }
}

/// Two people, and the rooms that they share.
struct Pair {
    mina: User,
    jun: User,
    rooms: [String; 2],
}

impl Pair {
    async fn new(server: &Process) -> Self {
        let mina = User::new(&server.client, "민아").await;
        let jun = User::new(&server.client, "준").await;
        let direct = meets(&mina, &jun).await;
        let group = mina.gathers("모임", &[&jun]).await;
        let detail = mina.get(&format!("/chat/rooms/{group}")).await.expect(200);
        let group = detail["uuid"].as_str().unwrap().to_owned();
        let rooms = [direct, group];
        Self { mina, jun, rooms }
    }

    /// Sends messages with pauses between; which were acknowledged.
    async fn sends(&self, mut random: StdRng) -> Vec<String> {
        let mut acknowledged = Vec::new();
        for index in 0..random.random_range(4..16) {
            pause(random.random_range(0..3_000)).await;
            let room = &self.rooms[usize::from(random.random_bool(0.4))];
            let path = format!("/api/v1/messages/chats/{room}/messages");
            let body = json!({"content": format!("{index}")});
            let request = self.mina.client.request("POST", &path).json(&body);
            let request = request.bearer_auth(&self.mina.token);
            match self.mina.client.try_send(request).await {
                Ok(Answer {
                    status: 201, body, ..
                }) => acknowledged.push(body["messageId"].as_str().unwrap().to_owned()),
                Ok(answer) => assert_eq!(answer.status, 503, "{}", answer.body),
                Err(_) => break,
            }
        }
        acknowledged
    }

    /// Comes and goes.
    async fn lives(&self, mut random: StdRng) -> Vec<Life> {
        let mut lives = Vec::new();
        for _ in 0..random.random_range(1..5) {
            pause(random.random_range(0..6_000)).await;
            let life = self.lives_once(&mut random).await;
            let is_over = life.end == End::ServerDied;
            lives.push(life);
            if is_over {
                break;
            }
        }
        lives
    }

    async fn lives_once(&self, random: &mut StdRng) -> Life {
        let mut life = Life {
            heard: Vec::new(),
            end: End::ServerDied,
        };
        let Some(mut io) = Io::try_open(&self.jun.client).await else {
            return life;
        };
        let auth = json!({"token": self.jun.token});
        if !io.tries_to_send(&format!("40/chat,{auth}")).await {
            return life;
        }
        let now = Instant::now();
        let ends = now + Duration::from_micros(random.random_range(0..25_000));
        let mut joins = random
            .random_bool(0.6)
            .then(|| now + Duration::from_micros(random.random_range(0..15_000)));
        loop {
            tokio::select! {
                came = io.next() => match came {
                    Came::Gone => return life,
                    Came::Refused(why) => panic!("{why}"),
                    came => life.hears(&came),
                },
                () = until(joins) => {
                    joins = None;
                    if !io.tries_to_send("42/chat,[\"room:join\",{}]").await {
                        return life;
                    }
                }
                () = sleep_until(ends) => break,
            }
        }
        if random.random_bool(0.5) {
            life.end = End::IsKilled;
        } else if io.tries_to_leave().await {
            life.end = End::Leaves;
        }
        life
    }

    /// Comes for the last time, until everything has come.
    async fn comes_home(&self, lives: &[Life], expected: &[String]) -> Life {
        let mut life = Life {
            heard: Vec::new(),
            end: End::Leaves,
        };
        let mut io = Io::of(&self.jun).await;
        let id = io.begins("room:join", json!({})).await;
        let is_here = |life: &Life| {
            let heard = |id| lives.iter().any(|life| life.heard.contains(id));
            expected
                .iter()
                .all(|id| life.heard.contains(id) || heard(id))
        };
        let mut has_joined = false;
        let comes = async {
            while !has_joined || !is_here(&life) {
                let came = io.next().await;
                has_joined |= matches!(came, Came::Answer(answered, _) if answered == id);
                assert_ne!(came, Came::Gone);
                life.hears(&came);
            }
        };
        let in_time = timeout(DEADLINE, comes).await.is_ok();
        let heard = |id: &&String| {
            life.heard.contains(*id) || lives.iter().any(|life| life.heard.contains(*id))
        };
        let lost: Vec<_> = expected.iter().filter(|id| !heard(id)).collect();
        assert!(
            in_time && lost.is_empty(),
            "{lost:?} of {expected:?} never came: {lives:?} {life:?}"
        );
        assert!(io.tries_to_leave().await);
        life
    }
}

async fn pause(micros: u64) {
    sleep_until(Instant::now() + Duration::from_micros(micros)).await;
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// Twice on one connection never; on two only after the first one broke, or where the server died
/// before the last one: what it had not yet noted comes again.
fn nothing_came_twice(lives: &[Life], server_died: bool) {
    let mut heard: BTreeMap<&str, &Life> = BTreeMap::new();
    for (index, life) in lives.iter().enumerate() {
        let is_after_crash = server_died && index == lives.len() - 1;
        for id in &life.heard {
            let is_fine = heard.insert(id, life).is_none_or(|before| {
                !std::ptr::eq(before, life) && (before.end != End::Leaves || is_after_crash)
            });
            assert!(is_fine, "{id} came twice: {lives:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_and_goes_hears_every_message_and_none_twice_but_after_a_crash() {
    let schedules = if long() { 1_000 } else { 30 };
    let seed = seed();
    let mut random = StdRng::seed_from_u64(seed);
    let place = Place::new().await;
    let more = "limits.requests_per_minute = 0\nlimits.messages_per_minute = 0";
    let mut server = Process::start(&place, more).await;
    let mut pair = Pair::new(&server).await;
    let mut expected = 0;
    for schedule in 0..schedules {
        let (sending, living) = (random.random(), random.random());
        let both = async {
            tokio::join!(
                pair.sends(StdRng::seed_from_u64(sending)),
                pair.lives(StdRng::seed_from_u64(living))
            )
        };
        let server_dies = schedule % SERVER_KILLS == SERVER_KILLS - 1;
        let (acknowledged, mut lives) = if server_dies {
            let dies = Duration::from_micros(random.random_range(0..30_000));
            let (both, ()) = tokio::join!(both, async {
                pause(u64::try_from(dies.as_micros()).unwrap()).await;
                server.kill().await;
            });
            server = Process::start(&place, more).await;
            pair.mina.client = server.client.clone();
            pair.jun.client = server.client.clone();
            both
        } else {
            both.await
        };
        expected += acknowledged.len();
        let last = pair.comes_home(&lives, &acknowledged).await;
        lives.push(last);
        nothing_came_twice(&lives, server_dies);
    }
    println!("{expected} messages came in {schedules} schedules");
    assert_eq!(server.terminate().await, Some(0));
}
