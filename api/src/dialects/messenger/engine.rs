//! What comes in over Engine.IO: packets are told apart, and each connection's go to a task of its
//! own, in order.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use bytes::Bytes;
use engineioxide::handler::EngineIoHandler;
use engineioxide::sid::Sid;
use engineioxide::{DisconnectReason, Socket, Str};
use parking_lot::Mutex;
use serde_json::value::RawValue;
use socketioxide_core::Value;
use socketioxide_core::packet::{Packet, PacketData};
use socketioxide_core::parser::{Parse, ParseConfig, ParseError, ParserState};
use socketioxide_parser_common::CommonParser;
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::line::Line;
use super::packet::{NAMESPACE, unknown_namespace};
use super::session::{self, Arrival, Inbox};
use crate::app::App;
use crate::server::Cut;

/// How long a client may be connected and not be let in.
const ENTRY_PATIENCE: Duration = Duration::from_secs(20);

/// Attachments of one packet; no event takes any.
const MAX_ATTACHMENTS: usize = 8;

/// How long the attachments of a packet may take.
const ATTACHMENT_PATIENCE: Duration = Duration::from_secs(10);

/// What an event costs in memory beside its bytes.
const EVENT_OVERHEAD_BYTES: usize = 128;

/// Clients at once, over whatever transport.
pub(super) const MAX_CLIENTS: usize = 50_000;

/// All clients of this node.
pub struct Engine {
    /// The engine's own timers outlive the server by a little.
    app: Weak<App>,
    max_waiting: usize,
    parse: ParseConfig,
    /// How to end the stream of each, whatever waits for it; none where that is not known.
    streams: Mutex<HashMap<Sid, Option<Cut>>>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Engine(..)")
    }
}

/// One client, for as long as it is connected.
#[derive(Default)]
pub struct Wire {
    parser: ParserState,
    /// Where its events go once it has asked to be let in.
    entry: Mutex<Option<Entry>>,
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
    /// The connection has ended on the server's side: the client may ask to be let in again.
    pub fn leave(&self, ended: &Entry) {
        let mut entry = self.entry.lock();
        if entry.as_ref().is_some_and(|entry| entry.is(ended)) {
            *entry = None;
        }
    }
}

impl Engine {
    pub fn new(app: &Arc<App>) -> Arc<Self> {
        let max_bytes = app.settings.live.max_frame_bytes;
        let parse = ParseConfig {
            max_incoming_binary_buf_size: max_bytes,
            max_incoming_binaries: MAX_ATTACHMENTS,
            packet_completion_timeout: ATTACHMENT_PATIENCE,
        };
        Arc::new(Self {
            app: Arc::downgrade(app),
            max_waiting: app.settings.live.queue_bytes,
            parse,
            streams: Mutex::default(),
        })
    }

    /// The server; none once it has stopped.
    pub(super) fn app(&self) -> Option<Arc<App>> {
        self.app.upgrade()
    }

    /// Whether there is no place for another client.
    pub(super) fn is_full(&self) -> bool {
        self.streams.lock().len() >= MAX_CLIENTS
    }

    /// A client goes over to another stream.
    pub(super) fn moved(&self, sid: Sid, cut: Option<Cut>) {
        if let Some(stream) = self.streams.lock().get_mut(&sid) {
            *stream = cut;
        }
    }

    /// How the stream of a client is ended.
    pub(super) fn cut_of(&self, sid: Sid) -> Option<Cut> {
        self.streams.lock().get(&sid).cloned().flatten()
    }

    fn packet(self: &Arc<Self>, packet: Packet, socket: &Arc<Socket<Wire>>) {
        if &*packet.ns != NAMESPACE {
            let is_asked = matches!(packet.inner, PacketData::Connect(_));
            if !is_asked || socket.emit(unknown_namespace(&packet.ns)).is_err() {
                socket.close(DisconnectReason::PacketParsingError);
            }
            return;
        }
        let handed = match packet.inner {
            PacketData::Connect(auth) => return self.connect(auth, socket),
            PacketData::Disconnect => {
                let entry = socket.data.entry.lock().take();
                entry.is_some_and(|entry| entry.inbox.send(Inbox::Left { is_clean: true }).is_ok())
            }
            PacketData::Event(event, ack) => self.event(&event, ack, socket),
            PacketData::BinaryEvent(_, ack) => self.hand(Inbox::Binary { ack }, 0, socket),
            PacketData::EventAck(_, ack) | PacketData::BinaryAck(_, ack) => {
                self.hand(Inbox::Acknowledged(ack), 0, socket)
            }
            PacketData::ConnectError(_) => false,
        };
        if !handed {
            socket.close(DisconnectReason::PacketParsingError);
        }
    }

    /// A client asks to be let in; asked again while it is in, nothing happens.
    fn connect(self: &Arc<Self>, auth: Option<Value>, socket: &Arc<Socket<Wire>>) {
        let mut entry = socket.data.entry.lock();
        if entry.is_some() {
            return;
        }
        let Some(app) = self.app() else { return };
        let (inbox, receiver) = mpsc::unbounded_channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        let line = Line {
            socket: Arc::clone(socket),
            engine: Arc::clone(self),
        };
        let arrival = Arrival {
            app,
            line,
            auth: auth.and_then(|auth| auth.as_str().map(ToString::to_string)),
            seat_inbox: inbox.downgrade(),
            entry: Entry {
                inbox: inbox.clone(),
                waiting: Arc::clone(&waiting),
            },
        };
        *entry = Some(Entry { inbox, waiting });
        drop(entry);
        tokio::spawn(session::run(arrival, receiver));
    }

    /// An event: a list with its name first. False where it is none.
    fn event(&self, event: &Value, ack: Option<i64>, socket: &Arc<Socket<Wire>>) -> bool {
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
        let event = Inbox::Event {
            name,
            argument,
            ack,
            cost,
        };
        self.hand(event, cost, socket)
    }

    /// Hands something on to the connection's task; false where there is none, or where too much
    /// waits for it already.
    fn hand(&self, what: Inbox, cost: usize, socket: &Arc<Socket<Wire>>) -> bool {
        let Some(entry) = socket.data.entry.lock().clone() else {
            return false;
        };
        let waiting = entry.waiting.fetch_add(cost, Ordering::AcqRel) + cost;
        waiting <= self.max_waiting && entry.inbox.send(what).is_ok()
    }
}

impl EngineIoHandler for Engine {
    type Data = Wire;

    fn on_connect(self: Arc<Self>, socket: Arc<Socket<Wire>>) {
        let cut = socket.req_parts.extensions.get::<Cut>().cloned();
        self.streams.lock().insert(socket.id, cut);
        tokio::spawn(async move {
            sleep(ENTRY_PATIENCE).await;
            if socket.data.entry.lock().is_none() {
                socket.close(DisconnectReason::TransportClose);
            }
        });
    }

    fn on_disconnect(&self, socket: Arc<Socket<Wire>>, reason: DisconnectReason) {
        self.streams.lock().remove(&socket.id);
        let is_clean = reason == DisconnectReason::TransportClose;
        if let Some(entry) = socket.data.entry.lock().take()
            && entry.inbox.send(Inbox::Left { is_clean }).is_err()
        {
            tracing::trace!("a connection had ended already");
        }
    }

    fn on_message(self: &Arc<Self>, message: Str, socket: Arc<Socket<Wire>>) {
        let read = CommonParser.decode_str(&self.parse, &socket.data.parser, message);
        self.read(read, &socket);
    }

    fn on_binary(self: &Arc<Self>, data: Bytes, socket: Arc<Socket<Wire>>) {
        let read = CommonParser.decode_bin(&self.parse, &socket.data.parser, data);
        self.read(read, &socket);
    }
}

impl Engine {
    fn read(self: &Arc<Self>, read: Result<Packet, ParseError>, socket: &Arc<Socket<Wire>>) {
        match read {
            Ok(packet) => self.packet(packet, socket),
            Err(ParseError::NeedsMoreBinaryData) => {}
            Err(error) => {
                tracing::debug!(%error, "a packet cannot be read");
                socket.close(DisconnectReason::PacketParsingError);
            }
        }
    }
}
