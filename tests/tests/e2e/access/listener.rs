//! Somebody on a socket, and what they have been told on it, without waiting for what never comes.

use serde_json::Value;
use tests::{Client, Socket, TestApp, eventually};
use tokio_tungstenite::tungstenite::Message;

/// What a frame without text is answered with, on every connection.
const FENCE: &str = "frames are text";

/// One connection, and whose it is.
pub struct Listener {
    pub who: &'static str,
    pub socket: Socket,
}

impl Listener {
    /// Somebody who is let in and is told everything from here on.
    pub async fn at(client: &Client, path: &str, token: Option<&str>, who: &'static str) -> Self {
        Self::on(client, &with_token(path, token), who).await
    }

    /// The same, with the token in the path.
    pub async fn on(client: &Client, path: &str, who: &'static str) -> Self {
        let socket = client.socket(path).await;
        let mut listener = Self { who, socket };
        listener.fence().await;
        listener
    }

    /// The frames told so far, and the close code where they were the last. Everything that is
    /// recorded counts, whether or not it has come yet.
    pub async fn hears(&mut self, server: &TestApp) -> (Vec<Value>, Option<u16>) {
        let app = server.app();
        let head = app.store.head().await.unwrap();
        eventually("everything is told", || async {
            (app.hub.delivered() >= head).then_some(())
        })
        .await;
        self.fence().await
    }

    /// The types of the frames told so far; the close code is one more.
    pub async fn hears_kinds(&mut self, server: &TestApp) -> Vec<String> {
        let (frames, closed) = self.hears(server).await;
        let mut kinds: Vec<_> = frames.iter().map(kind).collect();
        kinds.extend(closed.map(|code| code.to_string()));
        kinds
    }

    /// The answer to something that no connection takes comes after all that was told before.
    async fn fence(&mut self) -> (Vec<Value>, Option<u16>) {
        let nothing = Message::Binary(vec![0].into());
        // Where it is gone already, what it was told is still there.
        self.socket.try_send_raw(nothing).await;
        let mut frames = Vec::new();
        loop {
            match self.socket.next().await {
                Ok(frame) if is_fence(&frame) => return (frames, None),
                Ok(frame) => frames.push(frame),
                Err(code) => return (frames, Some(code)),
            }
        }
    }
}

pub fn with_token(path: &str, token: Option<&str>) -> String {
    match token {
        Some(token) => format!("{path}?token={token}"),
        None => path.to_owned(),
    }
}

fn is_fence(frame: &Value) -> bool {
    frame["type"] == "error" && frame["detail"] == FENCE
}

/// What a frame is: its type, and of an error its code.
pub fn kind(frame: &Value) -> String {
    let word = |field: &str| frame[field].as_str().unwrap_or("nothing");
    match word("type") {
        "error" => format!("error {}", word("code")),
        kind => kind.to_owned(),
    }
}
