//! People who talk, change what they said, read, come and go while others lose their connections.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::json;
use tests::{Client, Counselor, Dialect, Meeting, Seat, User, Visitor, admin_token};
use tokio::task::JoinHandle;
use uuid::Uuid;

/// A counsellor who is asked all the time and never accepts.
pub async fn somebody_waiting(client: &Client) -> Counselor {
    let admin = admin_token(client).await;
    let counselor = Counselor::new(client, &admin, "기다림").await;
    counselor.becomes("waiting").await.expect(200);
    counselor
}

/// See above.
pub struct Load {
    is_over: Arc<AtomicBool>,
    tasks: Vec<JoinHandle<()>>,
    guest: User,
}

impl Load {
    pub async fn begin(client: &Client, meetings: &[Meeting], seed: u64) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let guest = User::new(client, "최하늘").await;
        let is_over = Arc::new(AtomicBool::new(false));
        let mut tasks = Vec::new();
        for meeting in meetings {
            for person in 0..meeting.people.len() {
                let talker = Talker {
                    meeting: meeting.clone(),
                    person,
                    random: StdRng::seed_from_u64(random.random()),
                    own: Vec::new(),
                };
                tasks.push(tokio::spawn(talker.talks(Arc::clone(&is_over))));
            }
            if meeting.kind == "group" {
                let (host, guest) = (meeting.seat(0, Dialect::Feed), guest.clone());
                tasks.push(tokio::spawn(visits(host, guest, Arc::clone(&is_over))));
            }
        }
        tasks.push(tokio::spawn(rings(client.clone(), Arc::clone(&is_over))));
        Self {
            is_over,
            tasks,
            guest,
        }
    }

    /// Stops it, has one more thing happen that every socket is told, and gives the integers of
    /// everybody who was heard of.
    pub async fn ends(self, meetings: &[Meeting]) -> HashMap<Uuid, u64> {
        self.is_over.store(true, Ordering::SeqCst);
        for task in join_all(self.tasks).await {
            task.unwrap();
        }
        for meeting in meetings {
            meeting.people[0].says("끝", meeting.room).await;
        }
        Visitor::asks(&self.guest.client, "끝").await;
        let people = meetings.iter().flat_map(|meeting| &meeting.people);
        let people = people.chain([&self.guest]);
        people
            .map(|user| (user.uuid.parse().unwrap(), user.id))
            .collect()
    }
}

/// Somebody in a room.
struct Talker {
    meeting: Meeting,
    person: usize,
    random: StdRng,
    /// Messages of theirs that they may change.
    own: Vec<u64>,
}

impl Talker {
    async fn talks(mut self, is_over: Arc<AtomicBool>) {
        for count in 0.. {
            if is_over.load(Ordering::SeqCst) {
                return;
            }
            let text = format!("{}-{count}", self.person);
            match self.random.random_range(0..8) {
                0 if !self.own.is_empty() => self.edits(&text).await,
                1 if !self.own.is_empty() => self.deletes().await,
                2 => self.reads().await,
                3 | 4 => self.comes_by(&text).await,
                _ => self.says(&text).await,
            }
        }
    }

    fn seat(&self, dialect: Dialect) -> Seat {
        self.meeting.seat(self.person, dialect)
    }

    /// By a call.
    async fn says(&mut self, text: &str) {
        let by = [Dialect::Chat, Dialect::Feed][self.random.random_range(0..2)];
        let said = self.seat(by).calls_to_say(text).await.expect(201);
        let row = match by {
            Dialect::Feed => &said["data"],
            Dialect::Consultation | Dialect::Chat => &said,
        };
        let number = row[self.seat(by).number_field()].as_u64().unwrap();
        self.own.push(number);
    }

    /// On a socket, typing first: those who are there are told of things that are no events.
    async fn comes_by(&mut self, text: &str) {
        let by = if self.meeting.code.is_some() && self.random.random_bool(0.5) {
            Dialect::Consultation
        } else {
            Dialect::Chat
        };
        let seat = self.seat(by);
        let mut socket = seat.enters().await;
        socket
            .send(json!({"type": "typing", "is_typing": true}))
            .await;
        socket.send(seat.saying(text)).await;
        while seat.told_text(&socket.expect("message").await) != text {}
    }

    async fn edits(&mut self, text: &str) {
        let number = self.own[self.random.random_range(0..self.own.len())];
        let seat = self.seat(Dialect::Chat);
        let path = seat.path(&format!("/messages/{number}"));
        let body = json!({"message_content": format!("{text}, 고침")});
        seat.user.put(&path, body).await.expect(200);
    }

    async fn deletes(&mut self) {
        let index = self.random.random_range(0..self.own.len());
        let number = self.own.swap_remove(index);
        let seat = self.seat(Dialect::Chat);
        let path = seat.path(&format!("/messages/{number}"));
        seat.user.delete(&path).await.expect(200);
    }

    async fn reads(&mut self) {
        let by = [Dialect::Chat, Dialect::Feed][self.random.random_range(0..2)];
        let seat = self.seat(by);
        let read = seat.user.post(&seat.path("/read"), json!({})).await;
        read.expect(200);
    }
}

/// A guest is added and removed again and again.
async fn visits(host: Seat, guest: User, is_over: Arc<AtomicBool>) {
    let members = host.path("/members");
    while !is_over.load(Ordering::SeqCst) {
        let body = json!({"user_id": guest.id});
        host.user.post(&members, body).await.expect(201);
        let one = format!("{members}/{}", guest.id);
        host.user.delete(&one).await.expect(200);
    }
}

/// Somebody asks for a consultation and thinks better of it, again and again.
async fn rings(client: Client, is_over: Arc<AtomicBool>) {
    while !is_over.load(Ordering::SeqCst) {
        let visitor = Visitor::asks(&client, "바람").await;
        visitor.ends().await.expect(200);
    }
}
