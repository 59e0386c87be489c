//! Followers of a log that is being appended to.

use std::sync::Arc;
use std::time::{Duration, Instant};

use event_store::{EventStore, Position};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::times::{self, Notes};
use crate::arguments::Load;
use crate::events::{self, Writer};
use crate::failure::Failure;
use crate::meter::Meter;
use crate::report::Measured;

/// The rate of the appends that all followers had, and from acknowledgement to follower.
pub async fn measure(
    store: &Arc<dyn EventStore>,
    load: Load,
    writers: usize,
    followers: usize,
    seconds: Duration,
) -> Result<Measured, Failure> {
    let meter = Meter::start()?;
    let begin = meter.begin;
    let (end, told) = watch::channel(None);
    let mut following = JoinSet::new();
    for _ in 0..followers {
        following.spawn(follow(Arc::clone(store), Notes::since(begin), told.clone()));
    }
    let mut appending = JoinSet::new();
    for writer in events::writers(load, writers) {
        let notes = Notes::since(begin);
        appending.spawn(append(Arc::clone(store), writer, notes, begin + seconds));
    }
    let acknowledged = all(appending).await?;
    let spent = meter.read()?;
    end.send_replace(Some(store.head().await?));
    let followed = all(following).await?;
    let events: usize = acknowledged.iter().map(Notes::len).sum();
    let latencies = times::latencies(acknowledged, followed)?;
    Ok(Measured::of(events as u64, spent).with(&latencies))
}

async fn all(mut tasks: JoinSet<Result<Notes, Failure>>) -> Result<Vec<Notes>, Failure> {
    let mut notes = Vec::new();
    while let Some(one) = tasks.join_next().await {
        notes.push(one??);
    }
    Ok(notes)
}

async fn append(
    store: Arc<dyn EventStore>,
    mut writer: Writer,
    mut acknowledged: Notes,
    until: Instant,
) -> Result<Notes, Failure> {
    while Instant::now() < until {
        for event in store.append(writer.next()).await? {
            acknowledged.note(event.position);
        }
    }
    Ok(acknowledged)
}

/// Until the position that is told once the last append was acknowledged.
async fn follow(
    store: Arc<dyn EventStore>,
    mut heard: Notes,
    mut end: watch::Receiver<Option<Position>>,
) -> Result<Notes, Failure> {
    let mut follow = store.follow(0);
    let mut position = 0;
    loop {
        if end.borrow_and_update().is_some_and(|end| position >= end) {
            return Ok(heard);
        }
        let batch = tokio::select! {
            batch = follow.next() => batch?,
            told = end.changed() => match told {
                Ok(()) => continue,
                Err(_) => return Ok(heard),
            },
        };
        let follows_on = batch
            .first()
            .is_some_and(|event| event.position == position + 1);
        position = batch.last().map_or(position, |event| event.position);
        if !follows_on {
            return Err(Failure::Wrong(format!("a gap or repeat before {position}")));
        }
        heard.note(position);
    }
}
