//! What comes in of Socket.IO: packets are told apart, and each connection's go to a task of its own,
//! in order.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use parking_lot::Mutex;
use serde_json::value::RawValue;
use socketioxide_core::packet::{Packet, PacketData};
use socketioxide_core::parser::{Parse, ParseConfig, ParseError, ParserState};
use socketioxide_core::{Str, Value};
use socketioxide_parser_common::CommonParser;
use tokio::sync::{Notify, mpsc};
use tokio::time::sleep;

use super::arrival::Arrival;
use super::engine::{Client, Engine, Heard, Left};
use super::line::Line;
use super::packet::{NAMESPACE, unknown_namespace};
use super::session::{self, Called, Inbox};
use crate::settings::LiveSettings;

/// How long a client may be connected and not be let in.
pub(super) const ENTRY_PATIENCE: Duration = Duration::from_secs(20);

/// Attachments of one packet; no event takes any.
const MAX_ATTACHMENTS: usize = 8;

/// How long the attachments of a packet may take.
const ATTACHMENT_PATIENCE: Duration = Duration::from_secs(10);

/// What an event costs in memory beside its bytes.
const EVENT_OVERHEAD_BYTES: usize = 128;

/// How packets are read.
pub(super) struct Reading {
    parse: ParseConfig,
    max_waiting: usize,
}

impl Reading {
    pub fn new(live: &LiveSettings) -> Self {
        let parse = ParseConfig {
            max_incoming_binary_buf_size: live.max_frame_bytes,
            max_incoming_binaries: MAX_ATTACHMENTS,
            packet_completion_timeout: ATTACHMENT_PATIENCE,
        };
        Self {
            parse,
            max_waiting: live.queue_bytes,
        }
    }
}

/// What Socket.IO knows of a client, for as long as it is connected.
#[derive(Default)]
pub struct Wire {
    parser: ParserState,
    /// Where its events go once it has asked to be let in.
    entry: Mutex<Option<Entry>>,
    /// Asks to be let in.
    guest: Mutex<Option<Guest>>,
    came: Notify,
}

/// Somebody who asks to be let in.
struct Guest {
    /// What it shows, as JSON.
    auth: Option<String>,
    entry: Entry,
    inbox: mpsc::UnboundedReceiver<Inbox>,
}

#[derive(Clone)]
pub(super) struct Entry {
    inbox: mpsc::UnboundedSender<Inbox>,
    /// Bytes of events that wait there.
    waiting: Arc<AtomicUsize>,
}

impl Entry {
    fn is(&self, other: &Self) -> bool {
        self.inbox.same_channel(&other.inbox)
    }

    /// An event was taken from those that wait.
    pub fn taken(&self, cost: usize) {
        self.waiting.fetch_sub(cost, Ordering::AcqRel);
    }
}

impl Wire {
    async fn guest(&self) -> Guest {
        loop {
            let came = self.came.notified();
            if let Some(guest) = self.guest.lock().take() {
                return guest;
            }
            came.await;
        }
    }

    /// The connection has ended on the server's side: the client may ask to be let in again.
    pub(super) fn leave(&self, ended: &Entry) {
        let mut entry = self.entry.lock();
        if entry.as_ref().is_some_and(|entry| entry.is(ended)) {
            *entry = None;
        }
    }

    /// Whoever takes its events is told that there will be none.
    pub(super) fn tell_end(&self, left: Inbox) -> bool {
        let entry = self.entry.lock().take();
        entry.is_some_and(|entry| entry.inbox.send(left).is_ok())
    }
}

impl Engine {
    /// A packet of Engine.IO.
    ///
    /// # Errors
    /// The client leaves, or has to.
    pub(super) fn hear(self: &Arc<Self>, client: &Arc<Client>, text: &str) -> Result<(), Left> {
        match Heard::of(text).ok_or(Left::Malformed)? {
            Heard::Goodbye => Err(Left::Goodbye),
            Heard::Pong => {
                client.pong();
                Ok(())
            }
            Heard::Message(text) => {
                let text = Str::copy_from_slice(text);
                let parse = &self.reading.parse;
                let read = CommonParser.decode_str(parse, &client.wire.parser, text);
                self.read(read, client)
            }
            Heard::Binary(text) => {
                let bytes = STANDARD.decode(text).map_err(|_| Left::Malformed)?;
                self.hear_binary(client, bytes.into())
            }
        }
    }

    /// An attachment.
    ///
    /// # Errors
    /// Nobody waits for it.
    pub(super) fn hear_binary(
        self: &Arc<Self>,
        client: &Arc<Client>,
        bytes: Bytes,
    ) -> Result<(), Left> {
        let parse = &self.reading.parse;
        let read = CommonParser.decode_bin(parse, &client.wire.parser, bytes);
        self.read(read, client)
    }

    fn read(
        self: &Arc<Self>,
        read: Result<Packet, ParseError>,
        client: &Arc<Client>,
    ) -> Result<(), Left> {
        match read {
            Ok(packet) => self.packet(packet, client),
            Err(ParseError::NeedsMoreBinaryData) => Ok(()),
            Err(error) => {
                tracing::debug!(%error, "a packet cannot be read");
                Err(Left::Malformed)
            }
        }
    }

    fn packet(self: &Arc<Self>, packet: Packet, client: &Arc<Client>) -> Result<(), Left> {
        if &*packet.ns != NAMESPACE {
            let is_asked = matches!(packet.inner, PacketData::Connect(_));
            let is_told = is_asked && client.try_send(unknown_namespace(&packet.ns));
            return if is_told {
                Ok(())
            } else {
                Err(Left::Malformed)
            };
        }
        let handed = match packet.inner {
            PacketData::Connect(auth) => {
                Self::connect(auth, client);
                true
            }
            PacketData::Disconnect => client.wire.tell_end(Inbox::Left { is_clean: true }),
            PacketData::Event(event, ack) => self.event(&event, ack, client),
            PacketData::BinaryEvent(_, ack) => self.hand(Inbox::Binary { ack }, 0, client),
            PacketData::EventAck(_, ack) | PacketData::BinaryAck(_, ack) => {
                self.hand(Inbox::Acknowledged(ack), 0, client)
            }
            PacketData::ConnectError(_) => false,
        };
        if handed { Ok(()) } else { Err(Left::Malformed) }
    }

    /// A client asks to be let in; asked again while it is in, nothing happens.
    fn connect(auth: Option<Value>, client: &Client) {
        let mut entry = client.wire.entry.lock();
        if entry.is_some() {
            return;
        }
        let (inbox, receiver) = mpsc::unbounded_channel();
        let entered = Entry {
            inbox,
            waiting: Arc::default(),
        };
        *client.wire.guest.lock() = Some(Guest {
            auth: auth.and_then(|auth| auth.as_str().map(ToString::to_string)),
            entry: entered.clone(),
            inbox: receiver,
        });
        *entry = Some(entered);
        drop(entry);
        client.wire.came.notify_one();
    }

    /// Lets in whoever asks, one connection after the other, until the client has come to its end.
    /// One that asks for none in time is sent away.
    pub(super) async fn receive_guests(self: &Arc<Self>, client: &Arc<Client>) {
        let mut patience = Some(ENTRY_PATIENCE);
        loop {
            let guest = tokio::select! {
                biased;
                guest = client.wire.guest() => guest,
                () = client.ended() => return,
                () = spent(patience) => return self.close(client, Left::SentAway),
            };
            patience = None;
            let Some(app) = self.app() else { return };
            let arrival = Arrival {
                app,
                line: Line {
                    client: Arc::clone(client),
                    engine: Arc::clone(self),
                },
                auth: guest.auth,
                seat_inbox: guest.entry.inbox.downgrade(),
                entry: guest.entry,
            };
            session::run(arrival, guest.inbox).await;
        }
    }

    /// An event: a list with its name first. False where it is none.
    fn event(&self, event: &Value, ack: Option<i64>, client: &Arc<Client>) -> bool {
        let text = event.as_str().map(|text| &**text).unwrap_or_default();
        let Ok(list) = serde_json::from_str::<Vec<&RawValue>>(text) else {
            return false;
        };
        let name = list
            .first()
            .and_then(|name| serde_json::from_str(name.get()).ok());
        let Some(name) = name else { return false };
        let argument = list
            .get(1)
            .map_or("{}", |argument| argument.get())
            .to_owned();
        let cost = text.len() + EVENT_OVERHEAD_BYTES;
        let called = Called {
            name,
            argument,
            ack,
            cost,
        };
        self.hand(Inbox::Event(Box::new(called)), cost, client)
    }

    /// Hands something on to the connection's task; false where there is none, or where too much
    /// waits for it already.
    fn hand(&self, what: Inbox, cost: usize, client: &Arc<Client>) -> bool {
        let Some(entry) = client.wire.entry.lock().clone() else {
            return false;
        };
        let waiting = entry.waiting.fetch_add(cost, Ordering::AcqRel) + cost;
        waiting <= self.reading.max_waiting && entry.inbox.send(what).is_ok()
    }
}

async fn spent(patience: Option<Duration>) {
    match patience {
        Some(patience) => sleep(patience).await,
        None => std::future::pending().await,
    }
}
