//! Switches for what a server and its network do when they do not work.

use std::collections::VecDeque;

use parking_lot::Mutex;
use tokio::sync::watch;

/// What befalls one append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppendFault {
    /// The connection is lost before anything is stored.
    CutBefore,
    /// The connection is lost after it was stored.
    CutAfter,
    /// It is not stored, and the server says that it was too slow.
    TimeOutBefore,
    /// It is stored, and the server says that it was too slow.
    TimeOutAfter,
    /// It is stored, and nothing is ever answered.
    SilenceAfter,
    /// The server is busy; nothing is stored.
    Busy,
}

/// What is wrong with a server at present.
#[derive(Debug)]
pub struct Faults {
    appends: Mutex<VecDeque<AppendFault>>,
    leader: Mutex<Option<(String, u16)>>,
    /// Subscriptions that began before the last turn end.
    pub(crate) turns: watch::Sender<u64>,
}

impl Faults {
    pub(crate) fn new() -> Self {
        Self {
            appends: Mutex::default(),
            leader: Mutex::default(),
            turns: watch::Sender::new(0),
        }
    }

    /// The next appends meet these, one each, in this order.
    pub fn on_next_appends(&self, faults: impl IntoIterator<Item = AppendFault>) {
        self.appends.lock().extend(faults);
    }

    /// Faults that no append has met yet.
    pub fn left(&self) -> usize {
        self.appends.lock().len()
    }

    /// Another node leads: whoever requires the leader is sent there.
    pub fn follow(&self, host: &str, port: u16) {
        *self.leader.lock() = Some((host.to_owned(), port));
    }

    /// This node leads again, as it does at first.
    pub fn lead(&self) {
        *self.leader.lock() = None;
    }

    /// Ends all subscriptions, as a server does that is about to stop: without an error.
    pub fn end_subscriptions(&self) {
        self.turns.send_modify(|turn| *turn += 1);
    }

    pub(crate) fn next_append(&self) -> Option<AppendFault> {
        self.appends.lock().pop_front()
    }

    pub(crate) fn leader(&self) -> Option<(String, u16)> {
        self.leader.lock().clone()
    }
}
