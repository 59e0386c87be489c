//! One person in one room by one dialect: what they do there, and where they are shown it.

use serde_json::{Value, json};

use crate::server::Answer;
use crate::socket::Socket;
use crate::users::User;

/// What a client speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    Consultation,
    Chat,
    Feed,
}

/// See above.
#[derive(Clone)]
pub struct Seat {
    pub dialect: Dialect,
    pub user: User,
    pub room: u64,
    /// Of a consultation.
    pub code: Option<String>,
    /// Whether they are the counsellor of it.
    pub counsels: bool,
}

impl Seat {
    /// Where the room's calls are.
    pub fn path(&self, rest: &str) -> String {
        let room = self.room;
        match self.dialect {
            Dialect::Consultation => format!("/api/v1/consultations/{}{rest}", self.code()),
            Dialect::Chat => format!("/chat/rooms/{room}{rest}"),
            Dialect::Feed => format!("/api/v1/chat/rooms/{room}{rest}"),
        }
    }

    fn code(&self) -> &str {
        self.code.as_deref().expect("a consultation has a code")
    }

    /// Where its socket is.
    pub fn socket_path(&self) -> String {
        let (room, token) = (self.room, &self.user.token);
        match self.dialect {
            Dialect::Consultation => format!("/ws/consultation/{}?token={token}", self.code()),
            Dialect::Chat => format!("/chat/ws/{room}?token={token}"),
            Dialect::Feed => format!("/ws/chat/{room}?token={token}"),
        }
    }

    pub async fn enters(&self) -> Socket {
        self.user.client.socket(&self.socket_path()).await
    }

    /// With what came after a position first.
    pub async fn returns(&self, after: u64) -> Socket {
        let path = format!("{}&after={after}", self.socket_path());
        let mut socket = self.user.client.socket(&path).await;
        socket.position = after;
        socket
    }

    /// Says something by a call; the consultation dialect has none.
    pub async fn calls_to_say(&self, text: &str) -> Answer {
        let body = match self.dialect {
            Dialect::Chat => json!({"message_content": text}),
            Dialect::Feed => json!({"message": text}),
            Dialect::Consultation => panic!("it is said on the socket"),
        };
        self.user.post(&self.path("/messages"), body).await
    }

    /// What says something on a socket; the feed's takes nothing.
    pub fn saying(&self, text: &str) -> Value {
        match self.dialect {
            Dialect::Consultation => json!({"type": "message", "message": text}),
            Dialect::Chat => json!({"type": "message", "content": text}),
            Dialect::Feed => panic!("it is said by a call"),
        }
    }

    /// The newest messages, and that they are shown at all.
    pub async fn messages(&self) -> Result<Vec<Value>, Answer> {
        let (newest, rows) = match self.dialect {
            Dialect::Consultation => return self.last_pages().await,
            Dialect::Chat => ("/messages?size=100", "messages"),
            Dialect::Feed => ("/messages?limit=100", "data"),
        };
        let answer = self.asks(newest).await?;
        Ok(answer[rows].as_array().unwrap().clone())
    }

    /// A consultation's first page is its oldest: the last two of them.
    async fn last_pages(&self) -> Result<Vec<Value>, Answer> {
        const SIZE: u64 = 200;
        let first = self.asks("/messages?page_size=1").await?;
        let last = first["total"].as_u64().unwrap().div_ceil(SIZE).max(1);
        let mut rows = Vec::new();
        for page in last.saturating_sub(1).max(1)..=last {
            let path = format!("/messages?page_size={SIZE}&page={page}");
            let answer = self.asks(&path).await?;
            rows.extend(answer["messages"].as_array().unwrap().clone());
        }
        Ok(rows)
    }

    async fn asks(&self, path: &str) -> Result<Value, Answer> {
        let answer = self.user.get(&self.path(path)).await;
        if answer.status == 200 {
            Ok(answer.body)
        } else {
            Err(answer)
        }
    }

    /// One of the newest messages, by its number.
    pub async fn row(&self, number: u64) -> Option<Value> {
        let rows = self.messages().await;
        let rows = rows.unwrap_or_else(|answer| panic!("{} {}", answer.status, answer.body));
        rows.into_iter()
            .find(|row| row[self.number_field()] == number)
    }

    /// What a row's number is called.
    pub fn number_field(&self) -> &'static str {
        match self.dialect {
            Dialect::Consultation | Dialect::Feed => "id",
            Dialect::Chat => "message_id",
        }
    }

    /// What a row's text is called.
    pub fn text_field(&self) -> &'static str {
        match self.dialect {
            Dialect::Consultation | Dialect::Feed => "message",
            Dialect::Chat => "message_content",
        }
    }

    /// Which message a `message` frame tells of.
    pub fn told_number(&self, frame: &Value) -> u64 {
        let number = match self.dialect {
            Dialect::Consultation => &frame["id"],
            Dialect::Chat => &frame["message_id"],
            Dialect::Feed => &frame["data"]["id"],
        };
        number.as_u64().unwrap()
    }

    /// What it says.
    pub fn told_text<'a>(&self, frame: &'a Value) -> &'a str {
        let text = match self.dialect {
            Dialect::Consultation => &frame["message"],
            Dialect::Chat => &frame["content"],
            Dialect::Feed => &frame["data"]["message"],
        };
        text.as_str().unwrap()
    }
}
