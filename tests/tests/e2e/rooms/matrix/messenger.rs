//! The messenger's part of the matrix: one connection hears of all rooms, by names that are UUIDs.

use serde_json::{Value, json};
use tests::{Meeting, User};

use super::deed::Deed;
use super::holds;
use crate::messenger::io::Io;

/// Somebody who listens over Socket.IO.
pub struct Listener {
    pub user: User,
    /// The room's UUID.
    room: String,
    io: Io,
}

impl Listener {
    pub async fn of(meeting: &Meeting, person: usize) -> Self {
        let user = meeting.people[person].clone();
        let room = room(meeting, person).await;
        let mut io = Io::of(&user).await;
        let joined = io.asks("room:join", json!({"roomId": room})).await;
        assert_eq!(joined["ok"], true, "{joined}");
        Self { user, room, io }
    }

    /// What of a deed is not heard or not shown here.
    pub async fn misses(&mut self, deed: &Deed) -> Vec<String> {
        let pair = format!("Messenger of {}", self.user.name);
        let mut misses = Vec::new();
        if let Some((event, expected)) = self.live(deed).await {
            let miss = match self.io.hears(event).await {
                Some(frame) => holds(&frame, &expected),
                None => Err(format!("no {event} in time")),
            };
            misses.extend(miss.err().map(|why| format!("{pair}, live: {why}")));
        }
        let miss = self.shown(deed).await;
        misses.extend(miss.err().map(|why| format!("{pair}, later: {why}")));
        misses
    }

    async fn live(&self, deed: &Deed) -> Option<(&'static str, Value)> {
        let room = &self.room;
        match deed {
            Deed::Sent { by, number, text } => Some((
                "message:new",
                json!({
                    "number": number, "roomId": room, "senderId": by.uuid, "content": text,
                    "messageType": "TEXT",
                }),
            )),
            Deed::Edited { number, text } => Some((
                "message:edited",
                json!({"number": number, "roomId": room, "content": text}),
            )),
            Deed::Deleted { number } => {
                Some(("message:deleted", json!({"number": number, "roomId": room})))
            }
            Deed::Read { by, number } => {
                let row = self.row(*number).await.ok();
                let message = row.map(|row| row["messageId"].clone());
                Some((
                    "message:read",
                    json!({"roomId": room, "messageId": message, "userId": by.uuid}),
                ))
            }
            Deed::Joined(_) | Deed::Left(_) => None,
        }
    }

    async fn row(&self, number: u64) -> Result<Value, String> {
        row(&self.user, &self.room, number).await
    }

    async fn shown(&self, deed: &Deed) -> Result<(), String> {
        let (number, expected) = match deed {
            Deed::Sent { by, number, text } => {
                (number, json!({"content": text, "senderId": by.uuid}))
            }
            Deed::Edited { number, text } => (number, json!({"content": text})),
            Deed::Deleted { number } => (number, json!({"content": "", "isDeleted": true})),
            Deed::Read { number, .. } => (number, json!({"isRead": true})),
            Deed::Joined(_) | Deed::Left(_) => return Ok(()),
        };
        holds(&self.row(*number).await?, &expected)
    }
}

async fn room(meeting: &Meeting, person: usize) -> String {
    let path = format!("/chat/rooms/{}", meeting.room);
    let detail = meeting.people[person].get(&path).await.expect(200);
    detail["uuid"].as_str().unwrap().to_owned()
}

async fn row(user: &User, room: &str, number: u64) -> Result<Value, String> {
    let path = format!("/api/v1/messages/chats/{room}/messages?limit=100");
    let page = user.get(&path).await;
    let rows = page.body["messages"].as_array();
    let mut rows = rows.ok_or_else(|| page.body.to_string())?.iter();
    let row = rows.find(|row| row["number"] == number);
    row.cloned().ok_or_else(|| format!("no row {number}"))
}

/// Says something over Socket.IO; the number of the message.
pub async fn says_on(meeting: &Meeting, person: usize, words: &str) -> Result<u64, String> {
    let room = room(meeting, person).await;
    let mut io = Io::of(&meeting.people[person]).await;
    let message = json!({"roomId": room, "content": words, "messageType": "TEXT"});
    let answer = io.asks("message:send", message).await;
    answer["number"].as_u64().ok_or_else(|| answer.to_string())
}

/// Says something by a call.
pub async fn says(meeting: &Meeting, person: usize, words: &str) -> Result<u64, String> {
    let room = room(meeting, person).await;
    let path = format!("/api/v1/messages/chats/{room}/messages");
    let body = json!({"content": words, "type": "TEXT"});
    let answer = meeting.people[person].post(&path, body).await;
    let number = answer.body["number"].as_u64();
    number.ok_or_else(|| format!("{} {}", answer.status, answer.body))
}

/// Reads up to a message.
pub async fn reads(meeting: &Meeting, person: usize, number: u64) -> Result<(), String> {
    let user = &meeting.people[person];
    let room = room(meeting, person).await;
    let message = row(user, &room, number).await?["messageId"].clone();
    let mut io = Io::of(user).await;
    let answer = io.asks("message:read", json!({"messageId": message})).await;
    holds(&answer, &json!({"ok": true}))
}
