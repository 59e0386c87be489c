//! Engine.IO 4: clients over WebSocket and long-polling, with heartbeats by which it is known what
//! they have received.

mod beats;
mod client;
mod packet;
mod polling;
mod websocket;

use std::collections::HashMap;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Weak};

use axum::http::request::Parts;
use parking_lot::Mutex;

pub(super) use beats::{Proof, Turn};
pub(super) use client::Client;
pub(super) use packet::{Fault, Heard, Packet};
pub(super) use polling::{open as open_polling, poll, take};
pub(super) use websocket::{open as open_websocket, upgrade};

use client::Shown;

use super::session::Inbox;
use crate::app::App;
use crate::layers::ClientAddress;
use crate::server::Cut;

/// Clients at once, over whatever transport.
const MAX_CLIENTS: usize = 50_000;

/// All clients of this node.
pub struct Engine {
    /// Timers of clients outlive the server by a little.
    app: Weak<App>,
    pub(super) reading: super::intake::Reading,
    clients: Mutex<HashMap<Arc<str>, Arc<Client>>>,
    /// Pings of all clients that are not answered.
    unanswered: Arc<AtomicUsize>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Engine(..)")
    }
}

/// How a client came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// By its own will.
    Goodbye,
    /// Nothing is heard of it any more.
    Lost,
    /// It broke the protocol.
    Malformed,
    /// What it sent is too large.
    TooLarge,
    /// The server wants it so.
    SentAway,
}

impl Left {
    /// How a WebSocket is closed then.
    fn close_code(self) -> u16 {
        match self {
            Self::Goodbye | Self::Lost => 1000,
            Self::Malformed => 1002,
            Self::TooLarge => 1009,
            Self::SentAway => 1001,
        }
    }
}

impl Engine {
    pub fn new(app: &Arc<App>) -> Arc<Self> {
        Arc::new(Self {
            app: Arc::downgrade(app),
            reading: super::intake::Reading::new(&app.settings.live),
            clients: Mutex::default(),
            unanswered: Arc::default(),
        })
    }

    /// The server; none once it has stopped.
    pub(super) fn app(&self) -> Option<Arc<App>> {
        self.app.upgrade()
    }

    /// Whether there is no place for another client.
    pub(super) fn is_full(&self) -> bool {
        self.clients.lock().len() >= MAX_CLIENTS
    }

    pub(super) fn client(&self, id: &str) -> Option<Arc<Client>> {
        self.clients.lock().get(id).cloned()
    }

    /// A new client, and the packet that tells it so. None where it cannot be had.
    fn admit(self: &Arc<Self>, parts: &Parts, is_websocket: bool) -> Option<(Arc<Client>, Packet)> {
        let app = self.app()?;
        let live = &app.settings.live;
        let address = parts.extensions.get::<ClientAddress>().copied();
        let websocket = is_websocket.then(|| cut_of(parts));
        let shown = Shown::of(&parts.headers, parts.uri.query());
        let client = Client::new(shown, address, websocket, Arc::clone(&self.unanswered));
        let client = client.inspect_err(|error| tracing::error!(%error, "no random bytes"));
        let client = Arc::new(client.ok()?);
        let opened = packet::opened(
            &client.id,
            is_websocket,
            live.ping_interval,
            live.max_frame_bytes,
        );
        let id = Arc::clone(&client.id);
        self.clients.lock().insert(id, Arc::clone(&client));
        Some((client, opened))
    }

    /// What goes on for a client whatever it is reached by, until it has come to its end: its
    /// heartbeats, and what it was let in for.
    async fn attend(self: Arc<Self>, client: Arc<Client>) {
        let beats = async {
            let Some(app) = self.app() else { return };
            let interval = app.settings.live.ping_interval;
            drop(app);
            client.beat(&self, interval).await;
        };
        tokio::join!(self.receive_guests(&client), beats);
    }

    /// Ends a client. What waits for it goes out before, if it takes it.
    pub(super) fn close(&self, client: &Client, left: Left) {
        if !client.end(left) {
            return;
        }
        self.clients.lock().remove(&client.id);
        let is_clean = left == Left::Goodbye;
        client.wire.tell_end(Inbox::Left { is_clean });
    }
}

fn cut_of(parts: &Parts) -> Cut {
    parts.extensions.get::<Cut>().cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::{IDLE_BYTES, bytes_of_future};

    #[test]
    fn an_idle_client_takes_little_memory() {
        let attended = bytes_of_future(|(engine, client)| Engine::attend(engine, client));
        let reached = bytes_of_future(|(engine, client, socket, first)| {
            websocket::run(engine, client, socket, first)
        });
        // A task for each.
        let bytes = attended + reached;
        println!("{attended} + {reached}");
        assert!(bytes <= 2 * IDLE_BYTES, "{bytes}");
    }
}
