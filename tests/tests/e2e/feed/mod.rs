//! The feed dialect: messages, readings and members over HTTP, and the socket that tells of them.

mod access;
mod across;
mod clients;
mod files;
mod listening;
mod rows;
mod trust;

use api::commands::rooms::{DeleteMessage, EditMessage, OpenGroup};
use api::commands::{Actor, Command, Done, Request};
use domain::{MessageId, PersonId, RoomId, RoomText};
use serde_json::{Value, json};
use tests::{Answer, Socket, TestApp, User};

/// Two people who know nothing of each other yet.
async fn two(server: &TestApp) -> (User, User) {
    let client = &server.client;
    (
        User::new(client, "민아").await,
        User::new(client, "준").await,
    )
}

fn person(user: &User) -> PersonId {
    PersonId(user.uuid.parse().unwrap())
}

async fn executes(server: &TestApp, command: &impl Command) -> Done {
    let app = server.app();
    let request = Request::new(Actor::system(), app.ids.next());
    let settled = app.execute(&request, command).await.unwrap();
    assert!(!settled.lagging);
    settled.done
}

/// A group, by its id and its number.
async fn gathers(server: &TestApp, creator: &User, others: &[&User]) -> (RoomId, u64) {
    let room = RoomId(server.app().ids.next());
    let command = OpenGroup {
        room,
        creator: person(creator),
        members: others.iter().map(|user| person(user)).collect(),
        max_participants: 100,
        text: RoomText::default(),
    };
    let done = executes(server, &command).await;
    let opened = done.event("room.opened").unwrap();
    (room, opened.number())
}

fn path(room: u64, rest: &str) -> String {
    format!("/api/v1/chat/rooms/{room}{rest}")
}

async fn says(user: &User, room: u64, text: &str) -> Value {
    let body =
        json!({"user_id": user.id, "message": text, "message_type": "text", "file_url": null});
    let answer = user.post(&path(room, "/messages"), body).await;
    answer.expect(201)["data"].clone()
}

async fn reads(user: &User, room: u64) -> Answer {
    let body = json!({"user_id": user.id});
    user.post(&path(room, "/read"), body).await
}

async fn adds(user: &User, room: u64, other: &User) -> Answer {
    let body = json!({"user_id": other.id});
    user.post(&path(room, "/members"), body).await
}

async fn removes(user: &User, room: u64, other: &User) -> Answer {
    user.delete(&path(room, &format!("/members/{}", other.id)))
        .await
}

/// The first page of messages.
async fn history(user: &User, room: u64) -> Vec<Value> {
    let page = user.get(&path(room, "/messages")).await.expect(200);
    page["data"].as_array().unwrap().clone()
}

async fn members(user: &User, room: u64) -> Vec<Value> {
    let page = user.get(&path(room, "/members")).await.expect(200);
    page["data"].as_array().unwrap().clone()
}

/// A connection that is let in or not.
async fn knocks(user: &User, room: u64) -> Socket {
    let (id, token) = (user.id, &user.token);
    let path = format!("/ws/chat/{room}?user_id={id}&token={token}");
    user.client.socket(&path).await
}

/// A connection that is told everything from here on, presence too: it has answered something.
async fn listens(user: &User, room: u64) -> Socket {
    let mut socket = knocks(user, room).await;
    socket.send_text("?").await;
    socket.expect("error").await;
    socket
}

async fn edits(server: &TestApp, by: &User, room: RoomId, row: &Value, text: &str) {
    let command = EditMessage {
        room,
        message: message_id(row),
        by: person(by),
        text: text.to_owned(),
    };
    executes(server, &command).await;
}

async fn deletes(server: &TestApp, by: &User, room: RoomId, row: &Value) {
    let command = DeleteMessage {
        room,
        message: message_id(row),
        by: person(by),
    };
    executes(server, &command).await;
}

fn message_id(row: &Value) -> MessageId {
    MessageId(row["uuid"].as_str().unwrap().parse().unwrap())
}

/// Somebody of a role that only an administrator gives.
async fn with_role(server: &TestApp, role: &str) -> User {
    let admin = tests::admin_token(&server.client).await;
    let email = format!("{}@example.com", uuid::Uuid::from_u128(rand::random()));
    let body = json!({"role": role, "name": role, "email": email, "password": "eight-or-more"});
    let client = &server.client;
    client
        .post("/admin/users", Some(&admin), body)
        .await
        .expect(201);
    let body = json!({"email": email, "password": "eight-or-more"});
    let session = client.post("/login", None, body).await.expect(200);
    User {
        client: client.clone(),
        id: session["user"]["user_id"].as_u64().unwrap(),
        uuid: session["user"]["id"].as_str().unwrap().to_owned(),
        name: role.to_owned(),
        email,
        token: session["access_token"].as_str().unwrap().to_owned(),
    }
}
