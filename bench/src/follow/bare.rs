//! The raw limit of following live: callers, one task that numbers what they bring in batches,
//! and a broadcast; nothing is stored.

use std::time::{Duration, Instant};

use tokio::sync::{broadcast, mpsc, oneshot};
use tokio::task::JoinSet;

use super::times::{self, Notes};
use crate::failure::Failure;
use crate::meter::Meter;
use crate::report::Measured;

/// Numbers in one batch, as many as the log takes events.
const BATCH: usize = 512;

/// Callers that wait for the one task.
const WAITING: usize = 8_192;

/// Batches that are kept for a follower.
const KEPT: usize = 65_536;

/// Where a caller is told the number that it was given.
type Answer = oneshot::Sender<u64>;

pub async fn measure(
    writers: usize,
    followers: usize,
    seconds: Duration,
) -> Result<Measured, Failure> {
    let meter = Meter::start()?;
    let begin = meter.begin;
    let (queue, waiting) = mpsc::channel(WAITING);
    let (batches, _) = broadcast::channel(KEPT);
    let mut following = JoinSet::new();
    for _ in 0..followers {
        following.spawn(follow(batches.subscribe(), Notes::since(begin)));
    }
    let numbering = tokio::spawn(number(waiting, batches));
    let mut calling = JoinSet::new();
    for _ in 0..writers {
        calling.spawn(call(queue.clone(), Notes::since(begin), begin + seconds));
    }
    drop(queue);
    let (mut acknowledged, mut followed) = (Vec::new(), Vec::new());
    while let Some(one) = calling.join_next().await {
        acknowledged.push(one??);
    }
    let spent = meter.read()?;
    numbering.await?;
    while let Some(one) = following.join_next().await {
        followed.push(one??);
    }
    let events: usize = acknowledged.iter().map(Notes::len).sum();
    let latencies = times::latencies(acknowledged, followed)?;
    Ok(Measured::of(events as u64, spent).with(&latencies))
}

async fn call(
    queue: mpsc::Sender<Answer>,
    mut acknowledged: Notes,
    until: Instant,
) -> Result<Notes, Failure> {
    let gone = || Failure::Wrong("the one task ended early".to_owned());
    while Instant::now() < until {
        let (answer, number) = oneshot::channel();
        queue.send(answer).await.map_err(|_| gone())?;
        acknowledged.note(number.await.map_err(|_| gone())?);
    }
    Ok(acknowledged)
}

/// Until there is no caller.
async fn number(mut waiting: mpsc::Receiver<Answer>, batches: broadcast::Sender<u64>) {
    let mut number = 0;
    let mut batch = Vec::with_capacity(BATCH);
    while waiting.recv_many(&mut batch, BATCH).await > 0 {
        let first = number;
        number += batch.len() as u64;
        // An error says that nobody follows.
        let _followers = batches.send(number);
        for (place, answer) in (first + 1..).zip(batch.drain(..)) {
            // A caller that is gone needs no answer.
            let _gone = answer.send(place);
        }
    }
}

async fn follow(mut batches: broadcast::Receiver<u64>, mut heard: Notes) -> Result<Notes, Failure> {
    loop {
        match batches.recv().await {
            Ok(last) => heard.note(last),
            Err(broadcast::error::RecvError::Closed) => return Ok(heard),
            Err(broadcast::error::RecvError::Lagged(count)) => {
                return Err(Failure::Wrong(format!("a follower missed {count} batches")));
            }
        }
    }
}
