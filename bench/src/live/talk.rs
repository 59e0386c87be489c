//! Everyone at their sockets: some send and wait for their own copy, all hear.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{interval, sleep};

use crate::failure::Failure;
use crate::latency::Latencies;
use crate::report::Measured;
use crate::socket::{PATIENCE, Socket};
use crate::stamp;

/// How often it is looked whether everything was heard.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// What all sockets share for one measurement.
struct Round {
    begin: Instant,
    until: Instant,
    /// Messages that were sent.
    sent: AtomicU64,
    /// Of those, the ones that the other side heard.
    heard: AtomicU64,
    /// Senders that wait for nothing any more.
    done: AtomicUsize,
}

/// What came of it.
pub struct Talked {
    pub measured: Measured,
    pub messages: u64,
    /// To go on with.
    pub sockets: Vec<Socket>,
}

/// Lets `senders` of the sockets talk for so long, first one side of every consultation and then
/// the other. The two sides stand next to each other. What one says the other must hear.
pub async fn talk(
    sockets: Vec<Socket>,
    senders: usize,
    seconds: Duration,
) -> Result<Talked, Failure> {
    let begin = Instant::now();
    let round = Arc::new(Round {
        begin,
        until: begin + seconds,
        sent: AtomicU64::new(0),
        heard: AtomicU64::new(0),
        done: AtomicUsize::new(0),
    });
    let (stop, stopped) = watch::channel(false);
    let consultations = sockets.len() / 2;
    let mut tasks = JoinSet::new();
    for (number, socket) in sockets.into_iter().enumerate() {
        let rank = number % 2 * consultations + number / 2;
        let person = Person {
            number,
            socket,
            round: Arc::clone(&round),
            latencies: Latencies::new()?,
        };
        tasks.spawn(person.talks(rank < senders, stopped.clone()));
    }
    tokio::select! {
        () = round.settles(senders) => {}
        Some(ended) = tasks.join_next() => {
            ended??;
            return Err(Failure::Wrong("a client ended early".to_owned()));
        }
        () = sleep(seconds + PATIENCE) => {
            let (sent, heard) = round.counts();
            return Err(Failure::Wrong(format!("{sent} messages were sent, {heard} heard")));
        }
    }
    let took = begin.elapsed();
    stop.send_replace(true);
    let mut latencies = Latencies::new()?;
    let mut people = Vec::new();
    while let Some(person) = tasks.join_next().await {
        let person = person??;
        latencies.add(&person.latencies)?;
        people.push(person);
    }
    people.sort_by_key(|person| person.number);
    let (messages, heard) = round.counts();
    if heard != messages {
        return Err(Failure::Wrong(format!(
            "{messages} messages were sent, {heard} heard: one came twice"
        )));
    }
    Ok(Talked {
        measured: Measured::rate(messages, took).with(&latencies),
        messages,
        sockets: people.into_iter().map(|person| person.socket).collect(),
    })
}

impl Round {
    async fn settles(&self, senders: usize) {
        let mut look = interval(LOOK_EVERY);
        loop {
            look.tick().await;
            let (sent, heard) = self.counts();
            if self.done.load(Ordering::Acquire) >= senders && heard >= sent {
                return;
            }
        }
    }

    fn counts(&self) -> (u64, u64) {
        let heard = self.heard.load(Ordering::Acquire);
        (self.sent.load(Ordering::Acquire), heard)
    }
}

struct Person {
    /// Its place among the sockets, by which its own copies are known.
    number: usize,
    socket: Socket,
    round: Arc<Round>,
    /// From the other side's sending to the hearing.
    latencies: Latencies,
}

impl Person {
    async fn talks(
        mut self,
        mut speaks: bool,
        mut stopped: watch::Receiver<bool>,
    ) -> Result<Self, Failure> {
        let mut waits = false;
        loop {
            if speaks && !waits {
                if Instant::now() < self.round.until {
                    self.says().await?;
                    waits = true;
                } else {
                    speaks = false;
                    self.round.done.fetch_add(1, Ordering::Release);
                }
            }
            tokio::select! {
                biased;
                frame = self.socket.next() => match stamp::stamp(&frame?)? {
                    Some((sender, _)) if sender == self.number => waits = false,
                    Some((_, sent)) => {
                        self.latencies.record(self.round.begin.elapsed().saturating_sub(sent));
                        self.round.heard.fetch_add(1, Ordering::Release);
                    }
                    None => {}
                },
                // An error is a round that ended otherwise.
                _ = stopped.wait_for(|stopped| *stopped) => return Ok(self),
            }
        }
    }

    async fn says(&mut self) -> Result<(), Failure> {
        let text = stamp::text(self.number, self.round.begin.elapsed());
        let frame = format!(r#"{{"type":"message","message":"{text}"}}"#);
        self.round.sent.fetch_add(1, Ordering::Release);
        self.socket.send(frame).await
    }
}
