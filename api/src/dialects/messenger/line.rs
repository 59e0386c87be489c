//! The way to one client: packets in order, waiting for room where there is none, and an end that
//! does not depend on the client.

use std::sync::Arc;
use std::time::Duration;

use engineioxide::{DisconnectReason, Socket, Str};
use tokio::sync::mpsc::error::TrySendError;
use tokio::time::{Instant, sleep};

use super::engine::{Engine, Wire};
use crate::live::{Ended, Frame, Taker};

/// The engine has no way to wait for room among what it sends: it is looked at this often.
const LOOK_AGAIN: Duration = Duration::from_millis(2);

/// How long a client may take nothing.
const STALL_PATIENCE: Duration = Duration::from_mins(1);

/// The way to one client.
#[derive(Clone)]
pub(super) struct Line {
    pub socket: Arc<Socket<Wire>>,
    pub engine: Arc<Engine>,
}

impl Line {
    /// Sends a packet once there is room for it.
    ///
    /// # Errors
    /// The client is gone, or takes nothing.
    pub async fn emit(&self, packet: Str) -> Result<(), Ended> {
        let since = Instant::now();
        loop {
            match self.socket.reserve() {
                Ok(permit) => {
                    permit.emit(packet);
                    return Ok(());
                }
                Err(TrySendError::Closed(())) => return Err(Ended::Unresponsive),
                Err(TrySendError::Full(())) => {}
            }
            if since.elapsed() > STALL_PATIENCE {
                return Err(Ended::Unresponsive);
            }
            sleep(LOOK_AGAIN).await;
        }
    }

    /// Sends a packet if there is room for it.
    pub fn try_emit(&self, packet: Str) -> bool {
        self.socket.emit(packet).is_ok()
    }

    /// Ends the connection; a stock client comes again by itself, unless it was told not to.
    pub fn close(&self) {
        self.socket.close(DisconnectReason::TransportClose);
    }

    /// Ends it although the client takes nothing.
    pub fn cut(&self) {
        let cut = self.engine.cut_of(self.socket.id);
        self.close();
        if let Some(cut) = cut {
            cut.cut();
        }
    }
}

impl Taker for Line {
    async fn send_now(&mut self, frame: Frame) -> Result<(), Ended> {
        self.emit(Str::copy_from_slice(&frame.text)).await
    }
}
