//! One member at a socket, in the language of either server.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::json;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::packet::{self, Packet};
use crate::failure::Failure;
use crate::socket::Socket;
use crate::stamp;

/// What a socket is opened with.
#[derive(Debug, Clone)]
pub struct Entry {
    pub room: String,
    pub token: String,
}

/// How messages are wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Frames of the chat dialect, whose sender hears its own as the acknowledgement; each with a
    /// `client_message_id` or without.
    Chat { repeatable: bool },
    /// Socket.IO as the baseline speaks it; acknowledgements are packets of their own.
    SocketIo,
    /// Socket.IO with the messenger's events, whose sender hears its own as well.
    Messenger { repeatable: bool },
}

pub struct Client {
    /// Its place among the clients, by which its own messages are known.
    pub number: usize,
    language: Language,
    room: String,
    socket: Socket,
    /// Messages that it sent since it was opened.
    sent: u64,
}

/// What a frame tells; times as they were stamped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// What this client sent then is kept for good.
    Acknowledged(Duration),
    /// Another's message.
    Message(Duration),
    /// Wants [`Client::pong`].
    Ping,
    Nothing,
}

impl Client {
    /// Opens a socket that hears everything from then on.
    pub async fn enter(
        language: Language,
        address: SocketAddr,
        entry: &Entry,
        number: usize,
    ) -> Result<Self, Failure> {
        let Entry { room, token } = entry;
        let socket = match language {
            Language::Chat { .. } => {
                let path = format!("/chat/ws/{room}?token={token}");
                let mut socket = Socket::connect(address, &path).await?;
                socket.answers().await?;
                socket
            }
            Language::SocketIo => {
                join(
                    address,
                    "",
                    "join",
                    &format!(r#"{{"room_id":{room}}}"#),
                    token,
                )
                .await?
            }
            Language::Messenger { .. } => {
                let asked = format!(r#"{{"roomId":"{room}"}}"#);
                join(address, packet::NAMESPACE, "room:join", &asked, token).await?
            }
        };
        Ok(Self {
            number,
            language,
            room: room.clone(),
            socket,
            sent: 0,
        })
    }

    /// Sends a message stamped with this time.
    pub async fn say(&mut self, now: Duration) -> Result<(), Failure> {
        let (number, room, count) = (self.number, &self.room, self.sent);
        self.sent += 1;
        let text = stamp::text(number, now);
        let frame = match self.language {
            Language::Chat { repeatable: false } => {
                format!(r#"{{"type":"message","content":"{text}","message_type":"text"}}"#)
            }
            Language::Chat { repeatable: true } => format!(
                r#"{{"type":"message","content":"{text}","message_type":"text","client_message_id":"{number}-{count}"}}"#
            ),
            Language::SocketIo => {
                let id = now.as_micros();
                format!(r#"42{id}["message",{{"room_id":{room},"content":"{text}"}}]"#)
            }
            Language::Messenger { repeatable } => {
                let id = now.as_micros();
                let own = if repeatable {
                    format!(r#","clientMessageId":"{number}-{count}""#)
                } else {
                    String::new()
                };
                format!(
                    r#"42/chat,{id}["message:send",{{"roomId":"{room}","content":"{text}"{own}}}]"#
                )
            }
        };
        self.socket.send(frame).await
    }

    /// What comes next. May be dropped while it waits without losing anything.
    pub async fn hear(&mut self) -> Result<Heard, Failure> {
        let frame = self.socket.next().await?;
        match self.language {
            Language::Chat { .. } => Ok(match stamp::stamp(&frame)? {
                Some((sender, sent)) if sender == self.number => Heard::Acknowledged(sent),
                Some((_, sent)) => Heard::Message(sent),
                None => Heard::Nothing,
            }),
            Language::SocketIo | Language::Messenger { .. } => heard(&frame, self.number),
        }
    }

    pub async fn pong(&mut self) -> Result<(), Failure> {
        self.socket.send(packet::PONG.to_owned()).await
    }
}

/// Engine.IO's handshake, the token, and the room.
async fn join(
    address: SocketAddr,
    namespace: &str,
    event: &str,
    asked: &str,
    token: &str,
) -> Result<Socket, Failure> {
    let path = "/socket.io/?EIO=4&transport=websocket";
    let mut socket = Socket::connect(address, path).await?;
    answered(&mut socket, |packet| matches!(packet, Packet::Open)).await?;
    let connect = format!("40{namespace}{}", json!({"token": token}));
    socket.send(connect).await?;
    answered(&mut socket, |packet| matches!(packet, Packet::Connected)).await?;
    let ask = format!(r#"42{namespace}0["{event}",{asked}]"#);
    socket.send(ask).await?;
    answered(&mut socket, |packet| {
        matches!(packet, Packet::Answer { id: 0, .. })
    })
    .await?;
    Ok(socket)
}

/// Passes over what comes before.
async fn answered(socket: &mut Socket, wanted: fn(&Packet<'_>) -> bool) -> Result<(), Failure> {
    loop {
        let frame: Utf8Bytes = socket.next_in_time().await?;
        if wanted(&packet::read(&frame)?) {
            return Ok(());
        }
    }
}

/// What a packet tells `own`, whose own messages come back beside their acknowledgements.
fn heard(frame: &str, own: usize) -> Result<Heard, Failure> {
    Ok(match packet::read(frame)? {
        Packet::Answer { id, .. } => Heard::Acknowledged(Duration::from_micros(id)),
        Packet::Event(content) => match stamp::stamp(content)? {
            Some((sender, sent)) if sender != own => Heard::Message(sent),
            Some(_) | None => Heard::Nothing,
        },
        Packet::Ping => Heard::Ping,
        Packet::Open | Packet::Connected => Heard::Nothing,
    })
}
