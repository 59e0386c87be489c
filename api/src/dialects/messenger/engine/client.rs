//! One client, whichever transport it has: what waits for it, its heartbeats, and its end.

use std::future::{pending, ready};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use parking_lot::Mutex;
use tokio::sync::futures::Notified;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::{sleep, timeout};

use super::beats::{Beats, Proof, Turn};
use super::packet::Packet;
use super::{Engine, Left};
use crate::auth::{Credentials, live_credentials};
use crate::layers::ClientAddress;
use crate::server::Cut;

use super::super::attachments::host;
use super::super::delivery::{Delivery, Ready};
use super::super::intake::Wire;

/// Packets that wait for the transport; what waits for those stands in the outbox.
const MAX_WAITING: usize = 64;

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

/// What of its first request is asked for later.
pub struct Shown {
    /// Who it is, where it said so in its request.
    pub credentials: Option<Credentials>,
    /// The host that the request was for.
    pub host: Option<Box<str>>,
}

impl Shown {
    pub(super) fn of(headers: &HeaderMap, query: Option<&str>) -> Self {
        Self {
            credentials: live_credentials(headers, query),
            host: host(headers).map(Into::into),
        }
    }
}

/// One client.
pub struct Client {
    pub id: Arc<str>,
    pub shown: Shown,
    pub address: Option<ClientAddress>,
    /// What Socket.IO knows of it.
    pub wire: Wire,
    pub(super) state: watch::Sender<State>,
    /// Held by whoever sends.
    pub(super) waiting: tokio::sync::Mutex<mpsc::Receiver<Packet>>,
    outgoing: mpsc::Sender<Packet>,
    /// What happens, while it is let in.
    delivery: Mutex<Option<Arc<Delivery>>>,
    turned: Notify,
    beats: Beats,
    answered: Notify,
    /// Ends the stream that it is reached by; requests of others may come on one that it polls by.
    cut: Mutex<Option<Cut>>,
}

impl Client {
    pub(super) fn new(
        shown: Shown,
        address: Option<ClientAddress>,
        websocket: Option<Cut>,
        unanswered: Arc<AtomicUsize>,
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
            shown,
            address,
            wire: Wire::default(),
            state: watch::Sender::new(State { transport, left }),
            waiting: waiting.into(),
            outgoing,
            delivery: Mutex::default(),
            turned: Notify::new(),
            beats: Beats::new(unanswered),
            answered: Notify::new(),
            cut: Mutex::new(websocket),
        })
    }

    /// Sends a message once there is room for it. False where the client has left.
    pub async fn send(&self, packet: Packet) -> bool {
        if self.state.borrow().left.is_some() {
            return false;
        }
        let packet = match self.outgoing.try_send(packet) {
            Ok(()) => return true,
            Err(TrySendError::Closed(_)) => return false,
            Err(TrySendError::Full(packet)) => packet,
        };
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
        Some(self.beats.ping(|| permit.send(Packet::Ping)))
    }

    /// Sends a message once there is room for it; what proves that it was received. None where the
    /// client has left.
    pub async fn bring(&self, text: Utf8Bytes) -> Option<Proof> {
        let permit = tokio::select! {
            biased;
            () = self.ended() => return None,
            permit = self.outgoing.reserve() => permit.ok()?,
        };
        let (packet, proof) = self.packed(text, None);
        permit.send(packet);
        Some(proof)
    }

    /// Counts a ping that goes out now, if it may.
    pub fn probe(&self) -> Turn {
        self.beats.probe()
    }

    /// A message that goes out now, right behind a ping if the client has answered others: whoever
    /// answers that has the message, unless it came to its end between the two. `behind` is what
    /// proves others that go out together with it.
    pub fn packed(&self, text: Utf8Bytes, behind: Option<Proof>) -> (Packet, Proof) {
        if let Some(behind @ Proof::Before(_)) = behind {
            return (Packet::Message(text), behind);
        }
        match self.beats.prove() {
            proof @ Proof::Before(_) => (Packet::Probed(text), proof),
            proof @ Proof::After(_) => (Packet::Message(text), proof),
        }
    }

    /// What goes out next: what it is told itself, then what happens. None where it has left.
    pub(super) async fn next(&self, waiting: &mut mpsc::Receiver<Packet>) -> Option<Packet> {
        loop {
            let turned = self.turned.notified();
            let has_left = self.state.borrow().left.is_some();
            let delivery = self.delivery.lock().clone();
            if let Some(delivery) = &delivery {
                delivery.pauses();
            }
            let happens = async {
                match &delivery {
                    Some(delivery) => delivery.ready(self).await,
                    None => pending().await,
                }
            };
            tokio::select! {
                biased;
                packet = waiting.recv() => return packet,
                () = ready(()), if has_left => return None,
                ready = happens => match (ready, &delivery) {
                    // What was brought before a joining goes first.
                    (Ready::Frame(_turn), Some(delivery)) => {
                        let packet = waiting.try_recv().ok();
                        let packet = packet.or_else(|| delivery.more(self));
                        if packet.is_some() {
                            return packet;
                        }
                    }
                    _ => return Some(Packet::Ping),
                },
                () = turned => {}
            }
        }
    }

    /// What can go out together with what went before.
    pub(super) fn more(&self, waiting: &mut mpsc::Receiver<Packet>) -> Option<Packet> {
        let delivery = self.delivery.lock().clone();
        let turn = delivery
            .as_ref()
            .map(|delivery| delivery.joining.try_lock());
        let packet = waiting.try_recv().ok();
        packet.or_else(|| match (delivery.as_deref(), &turn) {
            (Some(delivery), Some(Ok(_))) => delivery.more(self),
            _ => None,
        })
    }

    /// From now on it is brought what happens, or no longer.
    pub fn deliver(&self, delivery: Option<Arc<Delivery>>) {
        *self.delivery.lock() = delivery;
        self.turned.notify_waiters();
    }

    /// The last ping that was answered.
    pub fn answered(&self) -> u64 {
        self.beats.answered()
    }

    /// The last heartbeat that was answered.
    pub fn heartbeat(&self) -> u64 {
        self.beats.heartbeat()
    }

    /// Waits for an answer to any ping.
    pub fn some_answer(&self) -> Notified<'_> {
        self.answered.notified()
    }

    /// A ping was answered.
    pub fn pong(&self) {
        self.beats.pong();
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
    pub(super) async fn beat(&self, engine: &Engine, interval: Duration) {
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
                self.beats.beaten(ping);
            }
        };
        tokio::select! {
            () = self.ended() => {}
            () = beats => {
                engine.close(self, Left::Lost);
                self.cut();
            }
        }
    }

    /// It has come to its end: true the first time.
    pub(super) fn end(&self, left: Left) -> bool {
        let is_first = self.state.send_if_modified(|state| {
            let is_first = state.left.is_none();
            state.left.get_or_insert(left);
            is_first
        });
        self.turned.notify_waiters();
        is_first
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
