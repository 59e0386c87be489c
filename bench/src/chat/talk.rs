//! Everyone at their sockets for one measurement: some speak, all of a room hear.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{interval, sleep};

use super::client::{Client, Heard};
use super::turn::Turn;
use crate::failure::Failure;
use crate::latency::Latencies;

/// How often it is looked whether everything was heard.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// How long after the last message everything must have been heard. A server that is offered more
/// than it can do is behind by then.
const PATIENCE: Duration = Duration::from_secs(90);

/// Tables of times that the clients share out among them: one each would not fit in any cache.
const TABLES: usize = 4;

/// How messages are sent.
#[derive(Debug, Clone, Copy)]
pub enum Pace {
    /// So many senders wait for their answers, shared out among the sockets.
    Answered { senders: usize },
    /// So many messages a second from all sockets in turn.
    Offered { per_second: u32 },
    /// The first socket alone, with so many messages on their way.
    Windowed { window: usize },
}

/// What came of it.
pub struct Talked {
    pub clients: Vec<Client>,
    pub took: Duration,
    pub messages: u64,
    /// Copies that were heard, the senders' answers among them.
    pub deliveries: u64,
    /// From a message's turn to its hearing by another.
    pub heard: Latencies,
    /// From a message's turn to its answer.
    pub answered: Latencies,
}

/// What all clients share.
struct Round {
    begin: Instant,
    until: Instant,
    /// Sockets in a room: how often each message must be heard.
    audience: u64,
    sent: AtomicU64,
    /// Copies of them that were heard.
    heard: AtomicU64,
    /// Speakers that say nothing any more.
    done: AtomicUsize,
    window: Semaphore,
    tables: [Mutex<Times>; TABLES],
}

struct Times {
    heard: Latencies,
    answered: Latencies,
}

/// Lets the clients talk for so long. Each message must be heard by everyone in its room, once.
pub async fn talk(
    clients: Vec<Client>,
    rooms: usize,
    pace: Pace,
    seconds: Duration,
) -> Result<Talked, Failure> {
    let count = clients.len();
    let begin = Instant::now();
    let round = Arc::new(Round::new(begin, seconds, count / rooms, pace)?);
    let (stop, stopped) = watch::channel(false);
    let mut tasks = JoinSet::new();
    let mut speakers = 0;
    for client in clients {
        let turn = turn(pace, client.number, count, begin);
        speakers += usize::from(turn.speaks());
        tasks.spawn(take_part(client, turn, Arc::clone(&round), stopped.clone()));
    }
    tokio::select! {
        () = round.settles(speakers) => {}
        Some(ended) = tasks.join_next() => {
            ended??;
            return Err(Failure::Wrong("a client ended early".to_owned()));
        }
        () = sleep(seconds + PATIENCE) => {
            let (sent, heard) = round.counts();
            let audience = round.audience;
            return Err(Failure::Wrong(format!(
                "{sent} messages to {audience} each were sent, {heard} copies heard"
            )));
        }
    }
    let took = begin.elapsed();
    stop.send_replace(true);
    let mut clients = Vec::with_capacity(count);
    while let Some(client) = tasks.join_next().await {
        clients.push(client??);
    }
    clients.sort_by_key(|client| client.number);
    let (messages, deliveries) = round.counts();
    if deliveries != messages * round.audience {
        return Err(Failure::Wrong(format!(
            "{messages} messages to {} each were sent, {deliveries} copies heard: one came twice",
            round.audience
        )));
    }
    let (heard, answered) = round.times()?;
    Ok(Talked {
        clients,
        took,
        messages,
        deliveries,
        heard,
        answered,
    })
}

fn turn(pace: Pace, number: usize, clients: usize, begin: Instant) -> Turn {
    match pace {
        Pace::Answered { senders } => match senders.saturating_sub(number).div_ceil(clients) {
            0 => Turn::Never,
            free => Turn::Answered { free },
        },
        Pace::Offered { per_second } => {
            let turns = |count: usize| {
                Duration::from_secs(1) * u32::try_from(count).unwrap_or(u32::MAX) / per_second
            };
            Turn::timed(turns(clients), begin + turns(number))
        }
        Pace::Windowed { .. } if number == 0 => Turn::Windowed,
        Pace::Windowed { .. } => Turn::Never,
    }
}

async fn take_part(
    mut client: Client,
    mut turn: Turn,
    round: Arc<Round>,
    mut stopped: watch::Receiver<bool>,
) -> Result<Client, Failure> {
    // An error is a round that ended otherwise.
    let stopped = async move { stopped.wait_for(|stopped| *stopped).await.is_ok() };
    let mut stopped = pin!(stopped);
    loop {
        tokio::select! {
            biased;
            heard = client.hear() => match heard? {
                Heard::Acknowledged(sent) => {
                    turn.answered();
                    round.hears(&client, sent, |times| &mut times.answered);
                }
                Heard::Message(sent) => round.hears(&client, sent, |times| &mut times.heard),
                Heard::Ping => client.pong().await?,
                Heard::Nothing => {}
            },
            due = turn.comes(&round.window) => {
                if due >= round.until {
                    turn = Turn::Never;
                    round.done.fetch_add(1, Ordering::Release);
                } else {
                    round.sent.fetch_add(1, Ordering::Release);
                    client.say(due.saturating_duration_since(round.begin)).await?;
                }
            }
            _ = &mut stopped => return Ok(client),
        }
    }
}

impl Round {
    fn new(
        begin: Instant,
        seconds: Duration,
        audience: usize,
        pace: Pace,
    ) -> Result<Self, Failure> {
        let times = || -> Result<_, Failure> {
            Ok(Mutex::new(Times {
                heard: Latencies::new()?,
                answered: Latencies::new()?,
            }))
        };
        let window = match pace {
            Pace::Windowed { window } => window,
            Pace::Answered { .. } | Pace::Offered { .. } => 0,
        };
        Ok(Self {
            begin,
            until: begin + seconds,
            audience: audience as u64,
            sent: AtomicU64::new(0),
            heard: AtomicU64::new(0),
            done: AtomicUsize::new(0),
            window: Semaphore::new(window),
            tables: [times()?, times()?, times()?, times()?],
        })
    }

    fn hears(&self, client: &Client, sent: Duration, table: fn(&mut Times) -> &mut Latencies) {
        let took = self.begin.elapsed().saturating_sub(sent);
        table(&mut self.tables[client.number % TABLES].lock()).record(took);
        let heard = self.heard.fetch_add(1, Ordering::AcqRel) + 1;
        if heard.is_multiple_of(self.audience) {
            self.window.add_permits(1);
        }
    }

    async fn settles(&self, speakers: usize) {
        let mut look = interval(LOOK_EVERY);
        loop {
            look.tick().await;
            let (sent, heard) = self.counts();
            if self.done.load(Ordering::Acquire) >= speakers && heard >= sent * self.audience {
                return;
            }
        }
    }

    fn counts(&self) -> (u64, u64) {
        let heard = self.heard.load(Ordering::Acquire);
        (self.sent.load(Ordering::Acquire), heard)
    }

    fn times(&self) -> Result<(Latencies, Latencies), Failure> {
        let (mut heard, mut answered) = (Latencies::new()?, Latencies::new()?);
        for table in &self.tables {
            let times = table.lock();
            heard.add(&times.heard)?;
            answered.add(&times.answered)?;
        }
        Ok((heard, answered))
    }
}
