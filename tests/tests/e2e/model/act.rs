//! Operations as calls of one dialect or another.

use serde_json::{Value, json};
use tests::{Answer, User};

use super::world::Op;

/// How somebody says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    Chat,
    Feed,
    Socket,
}

/// What came of an operation.
#[derive(Debug)]
pub struct Outcome {
    pub status: u16,
    /// The position of what it recorded; none where nothing was.
    pub position: Option<u64>,
    /// The room opened, the message sent, or the message up to which was read.
    pub number: Option<u64>,
}

impl Outcome {
    fn of(answer: &Answer, number: impl FnOnce(&Value) -> Option<u64>) -> Self {
        let is_fine = answer.status < 300;
        assert!(answer.status < 500, "{}", answer.body);
        assert!(!answer.headers.contains_key("x-read-lag"));
        let position = answer.headers.contains_key("x-position");
        Self {
            status: answer.status,
            position: position.then(|| answer.position()),
            number: is_fine.then(|| number(&answer.body)).flatten(),
        }
    }
}

/// Carries an operation out. `people` are all there are; `key` is the sender's own id of a message.
pub async fn act(people: &[User], by: usize, op: &Op, via: Via, key: &str) -> Outcome {
    let user = &people[by];
    let nothing = |_: &Value| None;
    let opened = |body: &Value| body["room_id"].as_u64();
    match op {
        Op::OpenDirect { other } => {
            let body = json!({"room_type": "direct", "participant_ids": [people[*other].id]});
            Outcome::of(&user.post("/chat/rooms/", body).await, opened)
        }
        Op::OpenGroup { name, others } => {
            let ids: Vec<u64> = others.iter().map(|other| people[*other].id).collect();
            let body = json!({"room_type": "group", "room_name": name, "participant_ids": ids});
            Outcome::of(&user.post("/chat/rooms", body).await, opened)
        }
        Op::Send {
            room,
            text,
            reply_to,
        } => say(user, *room, text, *reply_to, via, key).await,
        Op::Edit {
            room,
            message,
            text,
        } => {
            let path = format!("/chat/rooms/{room}/messages/{message}/");
            let answer = user.put(&path, json!({"message_content": text})).await;
            Outcome::of(&answer, nothing)
        }
        Op::Delete { room, message } => {
            let path = format!("/chat/rooms/{room}/messages/{message}/");
            Outcome::of(&user.delete(&path).await, nothing)
        }
        Op::Read { room, up_to } => match via {
            Via::Feed => {
                let path = format!("/api/v1/chat/rooms/{room}/read");
                Outcome::of(
                    &user.post(&path, json!({"user_id": user.id})).await,
                    nothing,
                )
            }
            Via::Chat | Via::Socket => {
                let path = format!("/chat/rooms/{room}/read/");
                let answer = user.post(&path, json!({"message_id": up_to})).await;
                Outcome::of(&answer, |body| body["last_read_message_id"].as_u64())
            }
        },
        Op::Add { room, who } => {
            let path = format!("/api/v1/chat/rooms/{room}/members");
            let body = json!({"user_id": people[*who].id});
            Outcome::of(&user.post(&path, body).await, nothing)
        }
        Op::Remove { room, who } => {
            let path = format!("/api/v1/chat/rooms/{room}/members/{}", people[*who].id);
            Outcome::of(&user.delete(&path).await, nothing)
        }
        Op::Set { room, own, shared } => {
            let mut body = json!({});
            if let Some(own) = own {
                body["notification_enabled"] = json!(own.notification);
                body["read_receipt_enabled"] = json!(own.receipts);
            }
            if let Some(shared) = shared {
                body["message_retention_days"] = json!(shared.days);
                body["auto_delete_enabled"] = json!(shared.auto_delete);
            }
            let path = format!("/chat/rooms/{room}/settings/");
            Outcome::of(&user.put(&path, body).await, nothing)
        }
    }
}

async fn say(
    user: &User,
    room: u64,
    text: &str,
    reply_to: Option<u64>,
    via: Via,
    key: &str,
) -> Outcome {
    match via {
        Via::Chat => {
            let body = json!({
                "message_content": text, "reply_to_message_id": reply_to, "client_message_id": key,
            });
            let path = format!("/chat/rooms/{room}/messages/");
            let answer = user.post(&path, body).await;
            Outcome::of(&answer, |body| body["message_id"].as_u64())
        }
        Via::Feed => {
            let body = json!({
                "user_id": user.id, "message": text, "message_type": "text", "file_url": null,
                "client_message_id": key,
            });
            let path = format!("/api/v1/chat/rooms/{room}/messages");
            let answer = user.post(&path, body).await;
            Outcome::of(&answer, |body| body["data"]["id"].as_u64())
        }
        Via::Socket => {
            let mut socket = user.enters(room).await;
            let frame = json!({
                "type": "message", "content": text, "message_type": "text",
                "reply_to_message_id": reply_to, "client_message_id": key,
            });
            // One that is closed at once may be so before this is sent.
            socket.try_send(frame).await;
            loop {
                match socket.next().await {
                    Ok(frame) if frame["type"] == "error" => {
                        return refused(frame["status"].as_u64().unwrap());
                    }
                    Ok(frame) if frame["client_message_id"] == key => {
                        return Outcome {
                            status: 201,
                            position: frame["position"].as_u64(),
                            number: frame["message_id"].as_u64(),
                        };
                    }
                    Ok(_) => {}
                    Err(code) => return refused(u64::from(code)),
                }
            }
        }
    }
}

/// A connection that ends says 44xx where an answer says 4xx: unknown (4404), and no longer
/// allowed (4403), which looks like unknown to whoever asks again.
fn refused(status: u64) -> Outcome {
    let status = match status {
        4403 | 4404 => 404,
        status => u16::try_from(status).unwrap(),
    };
    Outcome {
        status,
        position: None,
        number: None,
    }
}
