//! A WebSocket client that waits for what must come, and no longer than a deadline.

use futures_util::{SinkExt, StreamExt};
use serde::Serialize;
use serde_json::Value;
use socket2::SockRef;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, client_async, connect_async};

use crate::DEADLINE;

/// What a narrow client's kernel holds of what it has not read.
const NARROW_BYTES: u32 = 4 * 1024;

/// The largest segment that a narrow client takes. The server's kernel holds some dozens of them,
/// which are 64 KiB each where both are on one machine.
const NARROW_SEGMENT_BYTES: u32 = 536;

/// A connected client.
pub struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// The greatest position seen in a frame.
    pub position: u64,
}

impl From<WebSocketStream<MaybeTlsStream<TcpStream>>> for Socket {
    fn from(stream: WebSocketStream<MaybeTlsStream<TcpStream>>) -> Self {
        Self {
            stream,
            position: 0,
        }
    }
}

impl Socket {
    pub async fn connect(url: &str) -> Self {
        Self::open(url.into_client_request().unwrap())
            .await
            .expect("the upgrade is accepted")
    }

    /// Connects with headers of the test's own; the status where it is refused.
    pub async fn open(request: Request) -> Result<Self, u16> {
        match connect_async(request).await {
            Ok((stream, _)) => Ok(stream.into()),
            Err(tokio_tungstenite::tungstenite::Error::Http(response)) => {
                Err(response.status().as_u16())
            }
            Err(error) => panic!("the server is not there: {error}"),
        }
    }

    /// Connects with a buffer for what comes in that holds hardly anything, and takes small bites:
    /// what is not read stays with the server, and hardly any of it with its kernel.
    pub async fn narrow(url: &str) -> Self {
        let request = url.into_client_request().unwrap();
        let address = request.uri().authority().unwrap().as_str().parse().unwrap();
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(NARROW_BYTES).unwrap();
        let options = SockRef::from(&socket);
        options.set_tcp_mss(NARROW_SEGMENT_BYTES).unwrap();
        let stream = socket.connect(address).await.expect("the server is there");
        let opened = client_async(request, MaybeTlsStream::Plain(stream)).await;
        opened.expect("the upgrade is accepted").0.into()
    }

    pub async fn send(&mut self, frame: impl Serialize) {
        self.send_text(&serde_json::to_string(&frame).unwrap())
            .await;
    }

    /// False once the server is gone.
    pub async fn try_send(&mut self, frame: impl Serialize) -> bool {
        let text = serde_json::to_string(&frame).unwrap();
        self.try_send_text(&text).await
    }

    /// False once the server is gone.
    pub async fn try_send_text(&mut self, text: &str) -> bool {
        self.try_send_raw(Message::Text(text.into())).await
    }

    /// False once the server is gone.
    pub async fn try_send_raw(&mut self, message: Message) -> bool {
        self.stream.send(message).await.is_ok()
    }

    pub async fn send_text(&mut self, text: &str) {
        self.send_raw(Message::Text(text.into())).await;
    }

    pub async fn send_raw(&mut self, message: Message) {
        self.stream.send(message).await.expect("the socket is open");
    }

    /// The next JSON frame, or the close code.
    pub async fn next(&mut self) -> Result<Value, u16> {
        self.next_in_time().await.expect("a frame in time")
    }

    /// The next JSON frame, or the close code; none if neither comes in time.
    pub async fn next_in_time(&mut self) -> Option<Result<Value, u16>> {
        timeout(DEADLINE, self.read()).await.ok()
    }

    async fn read(&mut self) -> Result<Value, u16> {
        loop {
            match self.stream.next().await {
                Some(Ok(Message::Text(text))) => {
                    let frame: Value = serde_json::from_str(&text).expect("frames are JSON");
                    if let Some(position) = frame["position"].as_u64() {
                        self.position = self.position.max(position);
                    }
                    return Ok(frame);
                }
                Some(Ok(Message::Close(frame))) => {
                    return Err(frame.map_or(1005, |frame| frame.code.into()));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(1006),
            }
        }
    }

    /// The next frame of this type; others in between are passed over.
    pub async fn expect(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.next().await;
            let frame = frame.unwrap_or_else(|code| panic!("closed {code} before {kind}"));
            if frame["type"] == kind {
                return frame;
            }
        }
    }

    /// The next frame of this type, or why there is none.
    pub async fn hears(&mut self, kind: &str) -> Result<Value, String> {
        loop {
            match self.next_in_time().await {
                Some(Ok(frame)) if frame["type"] == kind => return Ok(frame),
                Some(Ok(_)) => {}
                Some(Err(code)) => return Err(format!("closed {code} before {kind}")),
                None => return Err(format!("no {kind} in time")),
            }
        }
    }

    /// Waits for the end; frames before it are passed over.
    pub async fn closed(&mut self) -> u16 {
        loop {
            if let Err(code) = self.next().await {
                return code;
            }
        }
    }

    pub async fn close(mut self) {
        self.stream.close(None).await.expect("the socket closes");
        while let Some(Ok(_)) = self.stream.next().await {}
    }
}
