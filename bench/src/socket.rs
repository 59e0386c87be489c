//! One WebSocket of a client.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::failure::Failure;

/// How long anything that must come is waited for.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The client shares the machine with the server: small buffers here too.
const BUFFER_BYTES: usize = 4 * 1024;

pub struct Socket(WebSocketStream<TcpStream>);

impl Socket {
    pub async fn connect(address: SocketAddr, path: &str) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let config = WebSocketConfig::default()
            .read_buffer_size(BUFFER_BYTES)
            .write_buffer_size(0);
        let url = format!("ws://{address}{path}");
        let (socket, _) = client_async_with_config(url, stream, Some(config)).await?;
        Ok(Self(socket))
    }

    pub async fn send(&mut self, frame: String) -> Result<(), Failure> {
        Ok(self.0.send(Message::Text(frame.into())).await?)
    }

    /// The next text frame. May be dropped while it waits without losing one.
    pub async fn next(&mut self) -> Result<Utf8Bytes, Failure> {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(frame))) => return Ok(frame),
                Some(Ok(Message::Close(frame))) => {
                    return Err(Failure::Wrong(format!("a socket was closed: {frame:?}")));
                }
                Some(Ok(_)) => {}
                Some(Err(cause)) => return Err(cause.into()),
                None => return Err(Failure::Wrong("a socket ended".to_owned())),
            }
        }
    }

    /// The next text frame, which must come.
    pub async fn next_in_time(&mut self) -> Result<Utf8Bytes, Failure> {
        timeout(PATIENCE, self.next())
            .await
            .map_err(|_| Failure::Wrong("no frame came".to_owned()))?
    }

    /// Waits until the server answers a ping: from then on it is at work on this connection. Text
    /// frames before that are passed over.
    pub async fn answers(&mut self) -> Result<(), Failure> {
        self.0.send(Message::Ping(Bytes::new())).await?;
        let wait = async {
            loop {
                match self.0.next().await {
                    Some(Ok(Message::Pong(_))) => return Ok(()),
                    Some(Ok(Message::Close(frame))) => {
                        return Err(Failure::Wrong(format!("a socket was closed: {frame:?}")));
                    }
                    Some(Ok(_)) => {}
                    Some(Err(cause)) => return Err(cause.into()),
                    None => return Err(Failure::Wrong("a socket ended".to_owned())),
                }
            }
        };
        timeout(PATIENCE, wait)
            .await
            .map_err(|_| Failure::Wrong("a ping is not answered".to_owned()))?
    }

    /// The next frame of this type; others before it are passed over.
    pub async fn expect(&mut self, kind: &str) -> Result<Value, Failure> {
        let wait = async {
            loop {
                let frame: Value = serde_json::from_str(&self.next().await?)
                    .map_err(|cause| Failure::Wrong(format!("a frame is no JSON: {cause}")))?;
                if frame["type"] == kind {
                    return Ok(frame);
                }
            }
        };
        timeout(PATIENCE, wait)
            .await
            .map_err(|_| Failure::Wrong(format!("no {kind} came")))?
    }
}
