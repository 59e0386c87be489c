//! Pings and their answers: they are answered in order, after whatever was sent before them was
//! received.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// Pings without an answer that one client is sent to learn what it has received, heartbeats among
/// them.
const MAX_PROBES: u64 = 8;

/// Pings without an answer of all clients together above which each client is sent few: a ping for
/// every message costs as much as the message.
const MANY_PROBES: usize = 128;

/// Between two pings of a client then.
const PAUSE: Duration = Duration::from_millis(250);

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

/// How many pings a client was sent and has answered.
pub(super) struct Beats {
    counts: Mutex<Counts>,
    /// Those of all clients that are not answered.
    unanswered: Arc<AtomicUsize>,
}

/// When a client may be sent a ping to learn what it has received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    Now,
    /// When it has answered one.
    Answered,
    After(Duration),
}

#[derive(Default)]
struct Counts {
    sent: u64,
    answered: u64,
    /// The last that was a heartbeat, and was answered.
    heartbeat: u64,
    /// When the last was sent.
    at: Option<Instant>,
}

impl Beats {
    pub fn new(unanswered: Arc<AtomicUsize>) -> Self {
        Self {
            counts: Mutex::default(),
            unanswered,
        }
    }

    /// Counts a ping; `send` sends it before another is counted.
    pub fn ping(&self, send: impl FnOnce()) -> u64 {
        let mut counts = self.counts.lock();
        send();
        self.count(&mut counts)
    }

    /// Counts a ping if it may be sent now.
    pub fn probe(&self) -> Turn {
        let mut counts = self.counts.lock();
        let turn = self.turn(&counts);
        if turn == Turn::Now {
            self.count(&mut counts);
        }
        turn
    }

    /// What will prove something that goes out now: right behind a ping if one may be sent.
    pub fn prove(&self) -> Proof {
        let mut counts = self.counts.lock();
        match self.turn(&counts) {
            Turn::Now => Proof::Before(self.count(&mut counts)),
            Turn::Answered | Turn::After(_) => Proof::After(counts.sent + 1),
        }
    }

    fn turn(&self, counts: &Counts) -> Turn {
        let unanswered = counts.sent - counts.answered;
        let are_many = self.unanswered.load(Ordering::Relaxed) >= MANY_PROBES;
        match (are_many, unanswered) {
            (true, 0) => {
                let since = counts.at.map_or(PAUSE, |at| at.elapsed());
                match PAUSE.checked_sub(since) {
                    None | Some(Duration::ZERO) => Turn::Now,
                    Some(left) => Turn::After(left),
                }
            }
            (false, ..MAX_PROBES) => Turn::Now,
            (true | false, _) => Turn::Answered,
        }
    }

    fn count(&self, counts: &mut Counts) -> u64 {
        counts.sent += 1;
        counts.at = Some(Instant::now());
        self.unanswered.fetch_add(1, Ordering::Relaxed);
        counts.sent
    }

    /// A ping was answered. An answer to none says nothing.
    pub fn pong(&self) {
        let mut counts = self.counts.lock();
        if counts.answered < counts.sent {
            counts.answered += 1;
            self.unanswered.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// The last ping that was answered.
    pub fn answered(&self) -> u64 {
        self.counts.lock().answered
    }

    /// A heartbeat was answered.
    pub fn beaten(&self, ping: u64) {
        self.counts.lock().heartbeat = ping;
    }

    /// The last heartbeat that was answered.
    pub fn heartbeat(&self) -> u64 {
        self.counts.lock().heartbeat
    }
}

impl Drop for Beats {
    fn drop(&mut self) {
        let counts = self.counts.get_mut();
        let unanswered = usize::try_from(counts.sent - counts.answered).unwrap_or_default();
        self.unanswered.fetch_sub(unanswered, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_that_answers_nothing_is_asked_a_few_times() {
        let beats = Beats::new(Arc::default());
        for ping in 1..=MAX_PROBES {
            assert_eq!(beats.prove(), Proof::Before(ping));
        }
        assert_eq!(beats.prove(), Proof::After(MAX_PROBES + 1));
        assert_eq!(beats.probe(), Turn::Answered);
        beats.pong();
        assert_eq!(beats.prove(), Proof::Before(MAX_PROBES + 1));
    }

    #[test]
    fn with_many_unanswered_each_client_is_asked_now_and_then() {
        let all = Arc::<AtomicUsize>::default();
        let clients: Vec<Beats> = (0..=MANY_PROBES)
            .map(|_| Beats::new(Arc::clone(&all)))
            .collect();
        for client in &clients {
            assert_eq!(client.prove(), Proof::Before(1));
        }
        assert_eq!(clients[0].prove(), Proof::After(2));
        assert_eq!(clients[0].probe(), Turn::Answered);
        clients[0].pong();
        assert!(matches!(clients[0].probe(), Turn::After(left) if left <= PAUSE));
        clients[1].pong();
        assert_eq!(clients[0].probe(), Turn::Now, "they are not many any more");
        drop(clients);
        assert_eq!(all.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn an_answer_to_nothing_says_nothing() {
        let beats = Beats::new(Arc::default());
        beats.pong();
        assert_eq!(beats.ping(|| {}), 1);
        assert_eq!(beats.answered(), 0);
    }
}
