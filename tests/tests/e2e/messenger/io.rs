//! A Socket.IO client that a test leads packet by packet, over a WebSocket.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tests::{Client, DEADLINE, User};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// A client in the namespace, or on its way there.
pub struct Io {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    next_ack: i64,
    /// Answers heartbeats.
    pub is_alive: bool,
    /// The greatest position seen in an event.
    pub position: u64,
}

/// What came.
#[derive(Debug, Clone, PartialEq)]
pub enum Came {
    Connected,
    Refused(Value),
    Event {
        name: String,
        data: Value,
        ack: Option<i64>,
    },
    Answer(i64, Value),
    Disconnected,
    Gone,
}

impl Io {
    /// Opens the transport, and asks nothing yet.
    pub async fn open(client: &Client) -> Self {
        Self::try_open(client).await.expect("the server listens")
    }

    /// The same where there may be no server.
    pub async fn try_open(client: &Client) -> Option<Self> {
        let path = "/socket.io/?EIO=4&transport=websocket";
        let url = format!("ws://{}{path}", client.address);
        let (stream, _) = connect_async(url).await.ok()?;
        let mut io = Self {
            stream,
            next_ack: 0,
            is_alive: true,
            position: 0,
        };
        let first = io.text().await?;
        assert!(first.starts_with("0{"), "{first}");
        Some(io)
    }

    /// Asks to be let in.
    pub async fn knocks(client: &Client, auth: Value) -> (Self, Came) {
        let mut io = Self::open(client).await;
        io.send(&format!("40/chat,{auth}")).await;
        let came = io.next().await;
        (io, came)
    }

    /// Somebody who is let in.
    pub async fn of(user: &User) -> Self {
        Self::with(user, json!({"token": user.token})).await
    }

    /// With what came after a position first.
    pub async fn after(user: &User, position: u64) -> Self {
        Self::with(user, json!({"token": user.token, "after": position})).await
    }

    async fn with(user: &User, auth: Value) -> Self {
        let (io, came) = Self::knocks(&user.client, auth).await;
        assert_eq!(came, Came::Connected);
        io
    }

    pub async fn send(&mut self, text: &str) {
        let message = Message::Text(text.into());
        self.stream.send(message).await.expect("the client is open");
    }

    pub async fn send_raw(&mut self, message: Message) -> bool {
        self.stream.send(message).await.is_ok()
    }

    /// The next packet of the transport but heartbeats; none at its end.
    async fn text(&mut self) -> Option<String> {
        loop {
            let next = timeout(DEADLINE, self.stream.next()).await;
            match next.expect("a packet in time") {
                Some(Ok(Message::Text(text))) if text == "2" => {
                    // It may have been closed meanwhile.
                    if self.is_alive && !self.send_raw(Message::Text("3".into())).await {
                        return None;
                    }
                }
                Some(Ok(Message::Text(text))) if text == "1" => return None,
                Some(Ok(Message::Text(text))) => return Some(text.to_string()),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    /// What comes next.
    pub async fn next(&mut self) -> Came {
        let Some(text) = self.text().await else {
            return Came::Gone;
        };
        let kind = text.get(..2).unwrap_or_default();
        let rest = text.get(2..).unwrap_or_default();
        let rest = rest.strip_prefix("/chat").unwrap_or(rest);
        let rest = rest.strip_prefix(',').unwrap_or(rest);
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (id, content) = rest.split_at(digits);
        let id = id.parse().ok();
        let content: Value = serde_json::from_str(content).unwrap_or_default();
        match kind {
            "40" => Came::Connected,
            "41" => Came::Disconnected,
            "42" => {
                let data = content[1].clone();
                self.position = data["position"].as_u64().unwrap_or(0).max(self.position);
                let name = content[0].as_str().unwrap().to_owned();
                Came::Event {
                    name,
                    data,
                    ack: id,
                }
            }
            "43" => Came::Answer(id.unwrap(), content[0].clone()),
            "44" => Came::Refused(content),
            _ => panic!("{text}"),
        }
    }

    /// The next event of this name; others in between are passed over.
    pub async fn expect(&mut self, wanted: &str) -> Value {
        loop {
            match self.next().await {
                Came::Event { name, data, .. } if name == wanted => return data,
                Came::Event { .. } | Came::Answer(..) => {}
                other => panic!("{other:?} before {wanted}"),
            }
        }
    }

    /// The same; none where it does not come in time.
    pub async fn hears(&mut self, wanted: &str) -> Option<Value> {
        timeout(DEADLINE / 2, self.expect(wanted)).await.ok()
    }

    /// The next event, whichever it is.
    pub async fn event(&mut self) -> (String, Value) {
        match self.next().await {
            Came::Event { name, data, .. } => (name, data),
            other => panic!("{other:?}"),
        }
    }

    /// Sends an event and waits for its acknowledgement; what comes before it is passed over.
    pub async fn asks(&mut self, event: &str, data: Value) -> Value {
        let id = self.begins(event, data).await;
        loop {
            match self.next().await {
                Came::Answer(answered, answer) if answered == id => return answer,
                Came::Event { .. } | Came::Answer(..) => {}
                other => panic!("{other:?} before the answer"),
            }
        }
    }

    /// Sends an event that is to be acknowledged.
    pub async fn begins(&mut self, event: &str, data: Value) -> i64 {
        self.next_ack += 1;
        let id = self.next_ack;
        let content = json!([event, data]);
        self.send(&format!("42/chat,{id}{content}")).await;
        id
    }

    /// Sends an event.
    pub async fn emits(&mut self, event: &str, data: Value) {
        let content = json!([event, data]);
        self.send(&format!("42/chat,{content}")).await;
    }

    /// Acknowledges something.
    pub async fn acknowledges(&mut self, id: i64) {
        self.send(&format!("43/chat,{id}[]")).await;
    }

    /// Goes, and says so.
    pub async fn leaves(self) {
        assert!(self.tries_to_leave().await, "the server is there");
    }

    /// Goes, and says so; whether the server heard it. What comes meanwhile counts no more.
    pub async fn tries_to_leave(mut self) -> bool {
        self.is_alive = false;
        let is_said = self.tries_to_send("41/chat,").await && self.tries_to_send("1").await;
        while let Some(Ok(next)) = self.stream.next().await {
            if let Message::Close(_) = next {
                return is_said;
            }
        }
        false
    }

    /// Sends a packet; whether there is a server.
    pub async fn tries_to_send(&mut self, text: &str) -> bool {
        self.send_raw(Message::Text(text.into())).await
    }

    /// The code with which the server ends the WebSocket; none where it just breaks.
    pub async fn close_code(&mut self) -> Option<u16> {
        loop {
            let next = timeout(DEADLINE, self.stream.next()).await;
            match next.expect("the end in time") {
                Some(Ok(Message::Close(frame))) => return frame.map(|frame| frame.code.into()),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return None,
            }
        }
    }

    /// The end, before which anything may come.
    pub async fn gone_by_itself(&mut self) {
        self.is_alive = false;
        self.close_code().await;
    }

    /// The end, whatever came before it.
    pub async fn gone(&mut self) {
        while !matches!(self.next().await, Came::Gone) {}
    }
}
