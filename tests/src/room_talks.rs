//! Talks in chat rooms that go on while something breaks, with edits and deletions, and what must
//! be true of them afterwards.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use crate::talks::is_try_again;
use crate::{Answer, User};

/// How a message stands.
#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Says(String),
    Deleted,
}

/// What the clients know of one room.
#[derive(Default)]
struct Known {
    /// Texts sent, acknowledged or not.
    sent: Vec<String>,
    /// By number: how each message stands that was acknowledged.
    acknowledged: BTreeMap<u64, State>,
    /// Changes whose answer was lost: they may have happened.
    in_doubt: BTreeMap<u64, Vec<State>>,
}

/// What the clients know to be durable, and what they do not know; by room.
#[derive(Default)]
pub struct RoomLedger(BTreeMap<u64, Known>);

impl RoomLedger {
    /// How many messages were acknowledged.
    pub fn acknowledged(&self) -> usize {
        self.0.values().map(|known| known.acknowledged.len()).sum()
    }
}

/// One member who says, edits and deletes by calls until the server is gone.
pub struct Talker {
    pub user: User,
    pub room: u64,
    pub ledger: Arc<Mutex<RoomLedger>>,
    random: StdRng,
    /// Messages of theirs that they may change.
    own: Vec<u64>,
}

impl Talker {
    pub fn new(user: User, room: u64, ledger: Arc<Mutex<RoomLedger>>, seed: u64) -> Self {
        Self {
            user,
            room,
            ledger,
            random: StdRng::seed_from_u64(seed),
            own: Vec::new(),
        }
    }

    /// Goes on until the server is gone; what is said begins with `name`.
    pub async fn talks(mut self, name: String) {
        for count in 0.. {
            let text = format!("{name}-{count}");
            let goes_on = match self.random.random_range(0..4) {
                0 if !self.own.is_empty() => self.edits(format!("{text} 고침")).await,
                1 if !self.own.is_empty() => self.deletes().await,
                _ => self.says(text).await,
            };
            if goes_on.is_none() {
                return;
            }
        }
    }

    fn with_known<T>(&self, change: impl FnOnce(&mut Known) -> T) -> T {
        change(self.ledger.lock().0.entry(self.room).or_default())
    }

    /// None once the server is gone. What is answered by "not now" is asked again.
    async fn asks(&self, method: &str, rest: &str, body: &Value) -> Option<Answer> {
        let path = format!("/chat/rooms/{}/messages/{rest}", self.room);
        loop {
            let request = self.user.client.request(method, &path);
            let request = request.bearer_auth(&self.user.token).json(body);
            let answer = self.user.client.try_send(request).await.ok()?;
            if [200, 201].contains(&answer.status) {
                return Some(answer);
            }
            assert!(
                is_try_again(&answer.body),
                "{} {}",
                answer.status,
                answer.body
            );
        }
    }

    async fn says(&mut self, text: String) -> Option<()> {
        self.with_known(|known| known.sent.push(text.clone()));
        let body = json!({"message_content": text, "client_message_id": text});
        let answer = self.asks("POST", "", &body).await?;
        let number = answer.body["message_id"].as_u64().unwrap();
        self.own.push(number);
        self.becomes(number, State::Says(text));
        Some(())
    }

    fn becomes(&self, number: u64, state: State) {
        self.with_known(|known| {
            known.in_doubt.remove(&number);
            known.acknowledged.insert(number, state);
        });
    }

    fn may_become(&self, number: u64, state: State) {
        self.with_known(|known| known.in_doubt.entry(number).or_default().push(state));
    }

    async fn edits(&mut self, text: String) -> Option<()> {
        let number = self.own[self.random.random_range(0..self.own.len())];
        self.may_become(number, State::Says(text.clone()));
        let body = json!({"message_content": text});
        self.asks("PUT", &number.to_string(), &body).await?;
        self.becomes(number, State::Says(text));
        Some(())
    }

    async fn deletes(&mut self) -> Option<()> {
        let index = self.random.random_range(0..self.own.len());
        let number = self.own.swap_remove(index);
        self.may_become(number, State::Deleted);
        self.asks("DELETE", &number.to_string(), &Value::Null)
            .await?;
        self.becomes(number, State::Deleted);
        Some(())
    }
}

/// All of a room's messages as somebody sees them, oldest first.
pub async fn history(user: &User, room: u64) -> Vec<Value> {
    let mut pages = Vec::new();
    for page in 1.. {
        let path = format!("/chat/rooms/{room}/messages?page={page}&size=100");
        let mut answer = user.get(&path).await.expect(200);
        pages.push(answer["messages"].take().as_array().unwrap().clone());
        if answer["has_more"] == false {
            break;
        }
    }
    pages.into_iter().rev().flatten().collect()
}

/// Each acknowledged message is there once and as it was left, or as it may have become; nothing
/// is there that nobody sent; all members see the same in the same order. From now on the room is
/// known to be as it was found.
pub async fn check_rooms(rooms: &[(u64, Vec<User>)], ledger: &mut RoomLedger) {
    for (room, members) in rooms {
        let rows = history(&members[0], *room).await;
        for member in &members[1..] {
            assert_eq!(history(member, *room).await, rows, "all see the same");
        }
        let known = ledger.0.entry(*room).or_default();
        let mut found = BTreeMap::new();
        let mut last = 0;
        for row in &rows {
            let number = row["message_id"].as_u64().unwrap();
            assert!(number > last, "{number} after {last}");
            last = number;
            let text = row["message_content"].as_str().unwrap().to_owned();
            let state = if row["is_deleted"] == true {
                State::Deleted
            } else {
                State::Says(text.clone())
            };
            let before = known.acknowledged.get(&number);
            let mut possible = known.in_doubt.get(&number).into_iter().flatten();
            let is_known = match before {
                Some(before) => *before == state || possible.any(|maybe| *maybe == state),
                None => known.sent.contains(&text),
            };
            assert!(is_known, "{row} was {before:?}");
            found.insert(number, state);
        }
        for (number, state) in &known.acknowledged {
            let is_there = found.contains_key(number);
            assert!(is_there, "{number} was acknowledged, {state:?}");
        }
        known.acknowledged = found;
        known.in_doubt.clear();
    }
}
