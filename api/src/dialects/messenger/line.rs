//! The way to one client: packets in order, waiting for room where there is none, and an end that
//! does not depend on the client.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use tokio::time::timeout;

use super::engine::{Client, Engine, Left, Packet, Proof};
use crate::live::{Ended, Frame, Taker};

/// How long a client may take nothing.
const STALL_PATIENCE: Duration = Duration::from_mins(1);

/// The way to one client.
#[derive(Clone)]
pub(super) struct Line {
    pub client: Arc<Client>,
    pub engine: Arc<Engine>,
}

impl Line {
    /// Sends a packet once there is room for it.
    ///
    /// # Errors
    /// The client is gone, or takes nothing.
    pub async fn emit(&self, packet: Packet) -> Result<(), Ended> {
        match timeout(STALL_PATIENCE, self.client.send(packet)).await {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(Ended::Unresponsive),
        }
    }

    /// Sends a message of which it is to be known whether it was received.
    ///
    /// # Errors
    /// The client is gone, or takes nothing.
    pub async fn bring(&self, text: Utf8Bytes) -> Result<Proof, Ended> {
        match timeout(STALL_PATIENCE, self.client.bring(text)).await {
            Ok(Some(proof)) => Ok(proof),
            Ok(None) | Err(_) => Err(Ended::Unresponsive),
        }
    }

    /// Ends the connection; a stock client comes again by itself, unless it was told not to.
    pub fn close(&self) {
        self.engine.close(&self.client, Left::SentAway);
    }

    /// Ends it although the client takes nothing.
    pub fn cut(&self) {
        self.close();
        self.client.cut();
    }
}

impl Taker for Line {
    async fn send_now(&mut self, frame: Frame) -> Result<(), Ended> {
        self.emit(Packet::Message(frame.text)).await
    }
}
