//! One client, whichever transport it has: what waits for it, its heartbeats, and its end.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use parking_lot::Mutex;
use tokio::sync::futures::Notified;
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::{sleep, timeout};

use super::packet::Packet;
use super::{Engine, Left};
use crate::layers::ClientAddress;
use crate::server::Cut;

use super::super::intake::Wire;

/// Packets that wait for the transport; what waits for those stands in the outbox.
const MAX_WAITING: usize = 64;

/// Pings without an answer that are sent to learn what was received, heartbeats among them.
const MAX_PROBES: u64 = 8;

/// Random bytes of an id.
const ID_BYTES: usize = 15;

/// By what it is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transport {
    Polling,
    /// It polls, and has asked for a WebSocket.
    Upgrading,
    WebSocket,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct State {
    pub transport: Transport,
    pub left: Option<Left>,
}

/// How many pings it was sent and has answered. They are answered in order, after whatever was sent
/// before them was received.
#[derive(Debug, Default, Clone, Copy)]
struct Beats {
    sent: u64,
    answered: u64,
    /// The last that was a heartbeat, and was answered.
    heartbeat: u64,
}

/// The answer to which ping says that something was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// It went out right behind this one.
    Before(u64),
    /// It went out before this one, which is to be sent yet.
    After(u64),
}

impl Proof {
    pub fn ping(self) -> u64 {
        match self {
            Self::Before(ping) | Self::After(ping) => ping,
        }
    }
}

/// One client.
pub struct Client {
    pub id: Arc<str>,
    pub headers: HeaderMap,
    pub query: Option<String>,
    pub address: Option<ClientAddress>,
    /// What Socket.IO knows of it.
    pub wire: Wire,
    pub(super) state: watch::Sender<State>,
    /// Held by whoever sends.
    pub(super) waiting: tokio::sync::Mutex<mpsc::Receiver<Packet>>,
    outgoing: mpsc::Sender<Packet>,
    beats: Mutex<Beats>,
    answered: Notify,
    /// Ends the stream that it is reached by; requests of others may come on one that it polls by.
    cut: Mutex<Option<Cut>>,
}

impl Client {
    pub(super) fn new(
        (headers, query): (HeaderMap, Option<String>),
        address: Option<ClientAddress>,
        websocket: Option<Cut>,
    ) -> Result<Self, getrandom::Error> {
        let mut id = [0; ID_BYTES];
        getrandom::fill(&mut id)?;
        let (outgoing, waiting) = mpsc::channel(MAX_WAITING);
        let transport = if websocket.is_some() {
            Transport::WebSocket
        } else {
            Transport::Polling
        };
        let left = None;
        Ok(Self {
            id: URL_SAFE_NO_PAD.encode(id).into(),
            headers,
            query,
            address,
            wire: Wire::default(),
            state: watch::Sender::new(State { transport, left }),
            waiting: waiting.into(),
            outgoing,
            beats: Mutex::default(),
            answered: Notify::new(),
            cut: Mutex::new(websocket),
        })
    }

    /// Sends a message once there is room for it. False where the client has left.
    pub async fn send(&self, packet: Packet) -> bool {
        tokio::select! {
            biased;
            () = self.ended() => false,
            sent = self.outgoing.send(packet) => sent.is_ok(),
        }
    }

    /// Sends a message if there is room for it.
    pub fn try_send(&self, packet: Packet) -> bool {
        self.state.borrow().left.is_none() && self.outgoing.try_send(packet).is_ok()
    }

    /// Sends a ping, whose number is returned; none where the client has left.
    pub async fn ping(&self) -> Option<u64> {
        let permit = tokio::select! {
            biased;
            () = self.ended() => return None,
            permit = self.outgoing.reserve() => permit.ok()?,
        };
        let mut beats = self.beats.lock();
        beats.sent += 1;
        permit.send(Packet::Ping);
        Some(beats.sent)
    }

    /// Sends a message, and right before it a ping if the client has answered others: whoever
    /// answers that has the message, unless it came to its end between the two. `behind` is the
    /// ping after which others were just sent, and this one is with them.
    ///
    /// None where the client has left.
    pub async fn bring(&self, text: Utf8Bytes, behind: Option<u64>) -> Option<Proof> {
        let (permit, behind) = if let Ok(permit) = self.outgoing.try_reserve() {
            (permit, behind)
        } else {
            // It goes out some time after the others.
            tokio::select! {
                biased;
                () = self.ended() => return None,
                permit = self.outgoing.reserve() => (permit.ok()?, None),
            }
        };
        let mut beats = self.beats.lock();
        if let Some(ping) = behind {
            permit.send(Packet::Message(text));
            Some(Proof::Before(ping))
        } else if beats.sent - beats.answered < MAX_PROBES {
            beats.sent += 1;
            permit.send(Packet::Probed(text));
            Some(Proof::Before(beats.sent))
        } else {
            permit.send(Packet::Message(text));
            Some(Proof::After(beats.sent + 1))
        }
    }

    /// Sends a ping if there is room for it and the client has answered others; whether it did.
    pub fn try_probe(&self) -> bool {
        let Ok(permit) = self.outgoing.try_reserve() else {
            return false;
        };
        let mut beats = self.beats.lock();
        let may = beats.sent - beats.answered < MAX_PROBES;
        if may {
            beats.sent += 1;
            permit.send(Packet::Ping);
        }
        may
    }

    /// The last ping that was answered.
    pub fn answered(&self) -> u64 {
        self.beats.lock().answered
    }

    /// The last heartbeat that was answered.
    pub fn heartbeat(&self) -> u64 {
        self.beats.lock().heartbeat
    }

    /// Waits for an answer to any ping.
    pub fn some_answer(&self) -> Notified<'_> {
        self.answered.notified()
    }

    /// A ping was answered.
    pub fn pong(&self) {
        let mut beats = self.beats.lock();
        beats.answered = beats.sent.min(beats.answered + 1);
        drop(beats);
        self.answered.notify_waiters();
    }

    async fn answers(&self, ping: u64) {
        loop {
            let answered = self.answered.notified();
            if self.answered() >= ping {
                return;
            }
            answered.await;
        }
    }

    /// Pings from time to time, and gives up a client that does not answer.
    pub(super) async fn beat(self: Arc<Self>, engine: Arc<Engine>, interval: Duration) {
        let beats = async {
            loop {
                sleep(interval).await;
                let answered = async {
                    let ping = self.ping().await?;
                    self.answers(ping).await;
                    Some(ping)
                };
                let Ok(Some(ping)) = timeout(interval, answered).await else {
                    return;
                };
                self.beats.lock().heartbeat = ping;
            }
        };
        tokio::select! {
            () = self.ended() => {}
            () = beats => {
                engine.close(&self, Left::Lost);
                self.cut();
            }
        }
    }

    /// It has come to its end: true the first time.
    pub(super) fn end(&self, left: Left) -> bool {
        self.state.send_if_modified(|state| {
            let is_first = state.left.is_none();
            state.left.get_or_insert(left);
            is_first
        })
    }

    /// Waits for its end.
    pub async fn ended(&self) {
        let mut state = self.state.subscribe();
        if state.wait_for(|state| state.left.is_some()).await.is_err() {
            tracing::trace!("its state lives as long as it does");
        }
    }

    /// It goes over to another transport, from `from`; false where it is not there.
    pub(super) fn moves(&self, from: Transport, to: Transport) -> bool {
        self.state.send_if_modified(|state| {
            let may = state.transport == from && state.left.is_none();
            if may {
                state.transport = to;
            }
            may
        })
    }

    /// It is reached by a WebSocket from now on.
    pub(super) fn reached_by(&self, cut: Cut) {
        *self.cut.lock() = Some(cut);
    }

    /// Ends the stream that it is reached by, whatever waits there.
    pub fn cut(&self) {
        if let Some(cut) = &*self.cut.lock() {
            cut.cut();
        }
    }
}
