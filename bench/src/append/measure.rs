//! The real log under writers that each wait for their answer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use event_store::{EventStore, Position};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::arguments::Load;
use crate::events::{self, Writer};
use crate::failure::Failure;
use crate::latency::Latencies;
use crate::meter::Meter;
use crate::report::Measured;

/// What came of it.
pub struct Appended {
    pub measured: Measured,
    /// How many events were committed together, in the order of the commits.
    pub batches: Vec<usize>,
}

impl Appended {
    #[expect(clippy::cast_precision_loss, reason = "a mean needs no more precision")]
    pub fn events_a_batch(&self) -> f64 {
        self.batches.iter().sum::<usize>() as f64 / self.batches.len().max(1) as f64
    }
}

/// Appends for so long; every event that was acknowledged must be in the log, and no other.
pub async fn measure(
    store: &Arc<dyn EventStore>,
    load: Load,
    writers: usize,
    seconds: Duration,
) -> Result<Appended, Failure> {
    let before = store.head().await?;
    let (until, watch) = oneshot::channel();
    let watching = tokio::spawn(watch_batches(Arc::clone(store), before, watch));
    let meter = Meter::start()?;
    let deadline = meter.begin + seconds;
    let mut tasks = JoinSet::new();
    for writer in events::writers(load, writers) {
        tasks.spawn(append_until(deadline, Arc::clone(store), writer));
    }
    let mut latencies = Latencies::new()?;
    while let Some(one) = tasks.join_next().await {
        latencies.add(&one??)?;
    }
    let spent = meter.read()?;
    let head = store.head().await?;
    let acknowledged = latencies.count();
    if head - before != acknowledged {
        let stored = head - before;
        return Err(Failure::Wrong(format!(
            "{acknowledged} events were acknowledged and {stored} are stored"
        )));
    }
    if until.send(head).is_err() {
        return Err(Failure::Wrong("the follower ended early".to_owned()));
    }
    let batches = watching.await??;
    Ok(Appended {
        measured: Measured::of(acknowledged, spent).with(&latencies),
        batches,
    })
}

async fn append_until(
    deadline: Instant,
    store: Arc<dyn EventStore>,
    mut writer: Writer,
) -> Result<Latencies, Failure> {
    let mut latencies = Latencies::new()?;
    loop {
        let begin = Instant::now();
        if begin >= deadline {
            return Ok(latencies);
        }
        store.append(writer.next()).await?;
        latencies.record(begin.elapsed());
    }
}

/// The sizes of the batches as a follower gets them, up to the position that is told at the end.
async fn watch_batches(
    store: Arc<dyn EventStore>,
    mut seen: Position,
    mut until: oneshot::Receiver<Position>,
) -> Result<Vec<usize>, Failure> {
    let mut follow = store.follow(seen);
    let mut batches = Vec::new();
    let mut end = None;
    while end.is_none_or(|end| seen < end) {
        let batch = tokio::select! {
            batch = follow.next() => batch?,
            told = &mut until, if end.is_none() => match told {
                Ok(position) => {
                    end = Some(position);
                    continue;
                }
                Err(_) => return Ok(batches),
            },
        };
        seen = batch.last().map_or(seen, |event| event.position);
        batches.push(batch.len());
    }
    Ok(batches)
}
