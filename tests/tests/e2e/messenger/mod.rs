//! The messenger dialect: people, rooms of two and messages over HTTP and Socket.IO.

mod attachments;
mod clients;
mod engine;
pub mod io;
mod live;
mod people;
mod protocol;
mod rooms;
mod schedules;
mod slow;
mod states;

use serde_json::{Value, json};
use tests::{Answer, User};

/// The room of the two.
async fn meets(user: &User, other: &User) -> String {
    let room = opens(user, &other.uuid, None).await;
    assert!([200, 201].contains(&room.status), "{}", room.body);
    room.body["id"].as_str().unwrap().to_owned()
}

async fn opens(user: &User, other: &str, booking: Option<&str>) -> Answer {
    let mut body = json!({"otherUserId": other});
    if let Some(booking) = booking {
        body["bookingId"] = booking.into();
    }
    user.post("/api/v1/messages/chat-rooms", body).await
}

async fn sends(user: &User, room: &str, body: Value) -> Answer {
    let path = format!("/api/v1/messages/chats/{room}/messages");
    user.post(&path, body).await
}

async fn says(user: &User, room: &str, text: &str) -> Value {
    let body = json!({"content": text, "type": "TEXT"});
    sends(user, room, body).await.expect(201)
}

/// The first page, newest first.
async fn history(user: &User, room: &str) -> Vec<Value> {
    let path = format!("/api/v1/messages/chats/{room}/messages");
    let page = user.get(&path).await.expect(200);
    page["messages"].as_array().unwrap().clone()
}

async fn chats(user: &User) -> Vec<Value> {
    let list = user.get("/api/v1/messages/chats").await.expect(200);
    list["chats"].as_array().unwrap().clone()
}

/// What of a profile is to change.
async fn changes(user: &User, body: Value) -> Answer {
    let client = &user.client;
    let path = "/api/v1/users/me";
    client.patch(path, Some(&user.token), body).await
}
