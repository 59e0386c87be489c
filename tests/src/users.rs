//! People with accounts, who talk in rooms; in verbs.

use serde_json::{Value, json};

use crate::server::{Answer, Client};
use crate::socket::Socket;

/// Somebody who has registered and logged in.
#[derive(Clone)]
pub struct User {
    pub client: Client,
    /// Their integer.
    pub id: u64,
    pub uuid: String,
    pub name: String,
    pub email: String,
    pub token: String,
}

impl User {
    pub async fn new(client: &Client, name: &str) -> Self {
        let email = format!("{}@example.com", uuid::Uuid::from_u128(rand::random()));
        let body = json!({"name": name, "email": email, "password": "eight-or-more"});
        client.post("/register", None, body).await.expect(201);
        let body = json!({"email": email, "password": "eight-or-more"});
        let session = client.post("/login", None, body).await.expect(200);
        let user = &session["user"];
        Self {
            client: client.clone(),
            id: user["user_id"].as_u64().unwrap(),
            uuid: user["id"].as_str().unwrap().to_owned(),
            name: name.to_owned(),
            email,
            token: session["access_token"].as_str().unwrap().to_owned(),
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.client.get(path, Some(&self.token)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.client.post(path, Some(&self.token), body).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.client.put(path, Some(&self.token), body).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        let request = self.client.request("DELETE", path).bearer_auth(&self.token);
        self.client.send(request).await
    }

    /// The room of the two, by its number.
    pub async fn meets(&self, other: &User) -> u64 {
        let body = json!({"room_type": "direct", "participant_ids": [other.id]});
        let answer = self.post("/chat/rooms/", body).await;
        assert!([200, 201].contains(&answer.status), "{}", answer.body);
        answer.body["room_id"].as_u64().unwrap()
    }

    /// A group with them in it, by its number.
    pub async fn gathers(&self, name: &str, others: &[&User]) -> u64 {
        let ids: Vec<u64> = others.iter().map(|user| user.id).collect();
        let body = json!({"room_name": name, "room_type": "group", "participant_ids": ids});
        let room = self.post("/chat/rooms/", body).await.expect(201);
        room["room_id"].as_u64().unwrap()
    }

    /// Sends a text and gives the number of the message.
    pub async fn says(&self, text: &str, room: u64) -> u64 {
        let path = format!("/chat/rooms/{room}/messages/");
        let row = self.post(&path, json!({"message_content": text})).await;
        row.expect(201)["message_id"].as_u64().unwrap()
    }

    /// The first page of a room.
    pub async fn reads(&self, room: u64) -> Vec<Value> {
        let page = self.get(&format!("/chat/rooms/{room}/messages/")).await;
        page.expect(200)["messages"].as_array().unwrap().clone()
    }

    /// The room as the list shows it.
    pub async fn lists(&self, room: u64) -> Option<Value> {
        let list = self.get("/chat/rooms/").await.expect(200);
        let rooms = list["rooms"].as_array().unwrap();
        rooms.iter().find(|row| row["room_id"] == room).cloned()
    }

    /// On the chat dialect's socket.
    pub async fn enters(&self, room: u64) -> Socket {
        let path = format!("/chat/ws/{room}?token={}", self.token);
        self.client.socket(&path).await
    }

    /// The same, with what came after a position first.
    pub async fn returns(&self, room: u64, after: u64) -> Socket {
        let path = format!("/chat/ws/{room}?token={}&after={after}", self.token);
        self.client.socket(&path).await
    }
}
